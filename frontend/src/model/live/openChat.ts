/** The open chat: which stretch of it is loaded, from this device where it is here, else from the service. */
import type { Message } from "../../core/values.ts";
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
  jumpTo: number | null = null;
  readonly #api: Api;
  readonly #storage: Storage;
  readonly #record: () => ChatRecord | undefined;
  readonly #changed: () => void;

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
      await this.open(this.jumpTo ?? undefined);
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
    if (this.stretch.find(seq) !== undefined) {
      this.#changed();
      return;
    }
    await this.#load("around", async () => {
      const before = await this.#storage.messagesUpTo(this.chatId, seq, PAGE / 2);
      const after = await this.#storage.messagesFrom(this.chatId, seq + 1, PAGE / 2);
      const kept = before.length > 0 ? [...before, ...after] : [];
      this.stretch = new Stretch(kept.length > 0 ? kept : await this.#ask({ around: seq }));
    });
  }

  /** Goes to the end of the chat. */
  async loadNewest(): Promise<void> {
    const last = this.#record()?.lastSeq ?? 0;
    if (!this.stretch.isEmpty && !this.hasAfter) {
      return;
    }
    await this.#load("around", async () => {
      const kept = await this.#storage.messagesUpTo(this.chatId, last, PAGE);
      this.stretch = new Stretch(kept.length > 0 || last === 0 ? kept : await this.#ask({}));
    });
  }

  /** Messages that have come, or changed. */
  take(messages: readonly Message[]): void {
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

  /** One load at a time; what cannot be had now is had when it is asked for again. */
  async #load(loading: Exclude<Loading, null>, work: () => Promise<void>): Promise<void> {
    if (this.loading !== null && !this.stretch.isEmpty) {
      return;
    }
    this.loading = loading;
    this.#changed();
    try {
      await work();
    } catch {
      // offline: the connection's state says so, and scrolling on asks again
    } finally {
      this.loading = null;
      this.#changed();
    }
  }
}
