/** Everybody's pictures: the link to all of them, kept as long as it opens them, and who is asked for anew. */
import type { Api } from "../../driver/api.ts";
import { NotReachable } from "../../driver/errors.ts";
import type { Storage } from "../../driver/storage.ts";
import type { AvatarsLink, User } from "../../protocol/types.ts";
import type { Store } from "../model.ts";
import type { ModelState } from "../state.ts";

/**
 * Milliseconds before its end at which the link is asked for anew. It is looked at whenever all that was missed has
 * come: at each start, and with each connection, which lives for two hours at most.
 */
const RENEW_BEFORE = 2 * 3_600_000;

interface Parts {
  readonly api: Pick<Api, "avatars" | "user">;
  readonly storage: Pick<Storage, "setAvatarsLink">;
  readonly people: { readonly meet: (people: readonly User[]) => void };
}

export class Avatars {
  readonly #store: Store<ModelState>;
  readonly #parts: Parts;
  #link: AvatarsLink | null = null;
  #isAsking = false;
  /** Pictures that were not there, of whose users it is, or was, asked what they wear now. */
  readonly #missed = new Set<string>();

  constructor(store: Store<ModelState>, parts: Parts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** Takes up the link that this device keeps. */
  resume(kept: AvatarsLink | null): void {
    this.#link = kept;
    this.#store.update((state) => ({ ...state, avatars: kept?.url ?? null }));
  }

  /** Asks for the link, where there is none or it ends soon. */
  async renew(): Promise<void> {
    const lasts = this.#link !== null && Date.parse(this.#link.expiresAt) - RENEW_BEFORE > Date.now();
    if (lasts || this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    const link = await this.#parts.api.avatars().catch(() => null); // offline: the next connection asks again
    this.#isAsking = false;
    if (link !== null) {
      this.resume(link);
      await this.#parts.storage.setAvatarsLink(link);
    }
  }

  /** A picture is not there: its user wears another by now, or none, or the link has ended. */
  async missed(userId: string, avatar: string): Promise<void> {
    if (this.#missed.has(avatar)) {
      return;
    }
    this.#missed.add(avatar);
    try {
      this.#parts.people.meet([await this.#parts.api.user(userId)]);
    } catch (fault) {
      if (fault instanceof NotReachable) {
        this.#missed.delete(avatar); // offline: asked again when it is missed again
      }
    }
    await this.renew();
  }
}
