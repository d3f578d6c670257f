/** Writes what comes of the session together with how far it has got, one thing after the other. */
import type { Snapshot } from "../core/chats.ts";
import type { Progress, Storage } from "./storage.ts";

type Changes = { -readonly [Part in keyof Progress]: Progress[Part][number][] };

export class Saving {
  readonly #storage: Storage;
  readonly #snapshot: () => Snapshot;
  #changes = noChanges();
  #isPlanned = false;
  #writes: Promise<void> = Promise.resolve();

  /** `snapshot` tells how far the session has got. */
  constructor(storage: Storage, snapshot: () => Snapshot) {
    this.#storage = storage;
    this.#snapshot = snapshot;
  }

  /** What has come since the last write: to be added to. */
  get changes(): Changes {
    return this.#changes;
  }

  /** Writes what has come, soon: all that comes until then together. */
  soon(): void {
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      this.inTurn(async () => {
        this.#isPlanned = false;
        await this.now(this.#snapshot());
      });
    }
  }

  /** Does something once all before it is written, and before anything else is. */
  inTurn(work: () => Promise<void>): void {
    this.#writes = this.#writes.then(work);
  }

  /** Writes what has come, with a snapshot. To be called in turn. */
  async now(snapshot: Snapshot): Promise<void> {
    const changes = this.#changes;
    this.#changes = noChanges();
    await this.#storage.save(changes, snapshot);
  }

  /** Waits until all is written. */
  async done(): Promise<void> {
    await this.#writes;
  }
}

function noChanges(): Changes {
  return { chats: [], messages: [], gone: [], voided: [], settled: [], refused: [] };
}
