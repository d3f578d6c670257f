/** The open chat: which stretch of it is loaded, from this device where it is here, else from the service. */
import { type Message, versionOf } from "../../core/values.ts";
import type { Api } from "../../driver/api.ts";
import type { ChatRecord } from "../../driver/records.ts";
import type { Storage } from "../../driver/storage.ts";
import type { Conversation } from "../state.ts";
import { type Page, Stretch } from "./stretch.ts";

const PAGE = 60;

type Loading = Conversation["loading"];

export class OpenChat {
  readonly chatId: string;
  stretch = new Stretch();
  loading: Loading = "around";
  unreadFrom: number | null = null;
  jumpTo: Conversation["jumpTo"] = null;
  /** Messages outside of the stretch that are replied to in it, by number; null where this user sees none. */
  readonly quoted = new Map<number, Message | null>();
  readonly #api: Api;
  readonly #storage: Storage;
  readonly #record: () => ChatRecord | undefined;
  readonly #changed: () => void;
  readonly #quoting = new Set<number>();
  /** The load that is on, or was last. */
  #running: Promise<void> = Promise.resolve();

  /** `changed` is told when there is something else to show. */
  constructor(
    chatId: string,
    { api, storage }: { readonly api: Api; readonly storage: Storage },
    record: () => ChatRecord | undefined,
    changed: () => void,
  ) {
    this.chatId = chatId;
    this.#api = api;
    this.#storage = storage;
    this.#record = record;
    this.#changed = changed;
  }

  /** The lowest and the highest number of the chat that this user sees. */
  get firstSeq(): number {
    return (this.#record()?.visibleAfter ?? 0) + 1;
  }

  get lastSeq(): number {
    return Math.max(this.#record()?.lastSeq ?? 0, this.stretch.last);
  }

  get hasBefore(): boolean {
    return !this.stretch.isEmpty && !this.stretch.begins && this.stretch.first > this.firstSeq;
  }

  get hasAfter(): boolean {
    return !this.stretch.isEmpty && this.stretch.last < (this.#record()?.lastSeq ?? 0);
  }

  /** Opens it at its first unread message, or around `seq`. */
  async open(seq: number | undefined): Promise<void> {
    const record = this.#record();
    if (record !== undefined && record.unread > 0) {
      this.unreadFrom = Math.max(record.readSeq, record.visibleAfter) + 1;
    }
    if (seq !== undefined) {
      await this.loadAround(seq, true);
      return;
    }
    const unread = this.lastSeq - (this.unreadFrom ?? this.lastSeq) + 1;
    await (unread > PAGE && this.unreadFrom !== null
      ? this.loadAround(this.unreadFrom, false)
      : this.loadNewest());
  }

  /** Loads what there is of a chat that was opened before anything of it was known. */
  async loadFirst(): Promise<void> {
    if (this.stretch.isEmpty && this.loading === null && this.lastSeq >= this.firstSeq) {
      await this.open(typeof this.jumpTo === "number" ? this.jumpTo : undefined);
    }
  }

  async loadBefore(): Promise<void> {
    const { first } = this.stretch;
    if (this.hasBefore) {
      await this.#load("before", async () => {
        const page = await this.#before(first);
        this.stretch = this.stretch.before(page);
      });
    }
  }

  async loadAfter(): Promise<void> {
    const { last } = this.stretch;
    if (this.hasAfter) {
      await this.#load("after", async () => {
        const kept = await this.#storage.messagesFrom(this.chatId, last + 1, PAGE);
        const messages = kept.length > 0 ? kept : await this.#ask({ after: last });
        this.stretch = this.stretch.after(messages);
      });
    }
  }

  async loadAround(seq: number, jump: boolean): Promise<void> {
    if (jump) {
      this.jumpTo = seq;
    }
    await this.#load("around", async () => {
      if (this.stretch.find(seq) !== undefined) {
        return;
      }
      const before = await this.#storage.messagesUpTo(this.chatId, seq, PAGE / 2);
      const after = await this.#storage.messagesFrom(this.chatId, seq + 1, PAGE / 2);
      const kept = before.length > 0 ? [...before, ...after] : [];
      this.stretch = new Stretch(kept.length > 0 ? kept : await this.#ask({ around: seq }));
    });
  }

  /** Goes to the end of the chat. */
  async loadNewest(jump = false): Promise<void> {
    if (jump) {
      this.jumpTo = "end";
    }
    await this.#load("around", async () => {
      if (!this.stretch.isEmpty && !this.hasAfter) {
        return;
      }
      const last = this.#record()?.lastSeq ?? 0;
      const kept = await this.#storage.messagesUpTo(this.chatId, last, PAGE);
      this.stretch = new Stretch(kept.length > 0 || last === 0 ? kept : await this.#ask({}));
    });
  }

  /** Loads a message that is replied to: what this device has, else what the service has. */
  async loadQuoted(seq: number): Promise<void> {
    if (this.quoted.has(seq) || this.#quoting.has(seq)) {
      return;
    }
    this.#quoting.add(seq);
    try {
      const [kept] = await this.#storage.messagesUpTo(this.chatId, seq, 1);
      this.quoted.set(seq, kept ?? (await this.#askFor(seq)));
      this.#changed();
    } catch {
      // offline: asked again when the reply is shown again
    } finally {
      this.#quoting.delete(seq);
    }
  }

  /**
   * The number of the first message that was sent at `time` or later, in ms since the epoch; null where none was. It is
   * bisected for: 50,000 messages take 16 looks, at what this device has or at one message of the service's.
   */
  async firstSince(time: number): Promise<number | null> {
    let [low, high] = [this.firstSeq, this.lastSeq + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.#sentAt(middle)) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > this.lastSeq ? null : low;
  }

  /** Messages that have come, or changed. */
  take(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.quoted.has(message.seq)) {
        this.quoted.set(message.seq, later(this.quoted.get(message.seq) ?? message, message));
      }
    }
    if (this.stretch.isEmpty && this.loading === null) {
      this.stretch = new Stretch(messages);
    } else {
      this.stretch = this.stretch.take(messages);
    }
  }

  /** What is before a message: what this device has without a hole, else what the service has. */
  async #before(first: number): Promise<Page> {
    const kept = await this.#storage.messagesUpTo(this.chatId, first - 1, PAGE);
    if (kept.length > 0) {
      return { messages: kept, hasMore: true };
    }
    const page = await this.#api.messages(this.chatId, { before: first }, PAGE);
    await this.#storage.keep(this.chatId, page.messages);
    return page;
  }

  async #ask(place: { after: number } | { around: number } | object): Promise<readonly Message[]> {
    const { messages } = await this.#api.messages(this.chatId, place, PAGE);
    await this.#storage.keep(this.chatId, messages);
    return messages;
  }

  /** When a message was sent, or the next that is there, where it is purged; never, where none follows. */
  async #sentAt(seq: number): Promise<number> {
    const [kept] = await this.#storage.messagesUpTo(this.chatId, seq, 1);
    const found = kept ?? (await this.#api.messages(this.chatId, { around: seq }, 1)).messages[0];
    return found === undefined ? Number.POSITIVE_INFINITY : Date.parse(found.sentAt);
  }

  /** One message of the service's; null where it is purged, or from before this user came. It is not kept: it would leave holes. */
  async #askFor(seq: number): Promise<Message | null> {
    const { messages } = await this.#api.messages(this.chatId, { around: seq }, 1);
    return messages.find((message) => message.seq === seq) ?? null;
  }

  /** One load at a time: who scrolls asks again, who jumps waits. */
  async #load(loading: Exclude<Loading, null>, work: () => Promise<void>): Promise<void> {
    while (this.loading !== null && !this.stretch.isEmpty) {
      if (loading !== "around") {
        return;
      }
      await this.#running;
    }
    this.#running = this.#run(loading, work);
    await this.#running;
  }

  async #run(loading: Exclude<Loading, null>, work: () => Promise<void>): Promise<void> {
    this.loading = loading;
    this.#changed();
    try {
      await work();
    } catch {
      // offline: the connection's state says so, and scrolling on asks again
      this.jumpTo = this.stretch.isEmpty ? this.jumpTo : null;
    } finally {
      this.loading = null;
      this.#changed();
    }
  }
}

/** Of two versions of a message, the later. */
function later(one: Message, other: Message): Message {
  return versionOf(one) > versionOf(other) ? one : other;
}
