/** What one tab knows of the chats: what this device keeps, and what the tab with the connection has told since. */
import type { ChatRecord, Link, QueuedMessage, Said } from "../../driver/records.ts";
import type { Kept } from "../../driver/storage.ts";

/** Until it is known better: nobody has tried yet. */
const NO_LINK: Link = { state: "connecting", reason: "", retryAt: null, caughtUp: false };

export class Knowledge {
  readonly records = new Map<string, ChatRecord>();
  readonly drafts = new Map<string, string>();
  link: Link = NO_LINK;
  /** All that waits to be sent or was refused, in the order in which it was written. */
  outbox: readonly QueuedMessage[] = [];
  /** What was queued here and is not yet known to the tab with the connection. */
  readonly #fresh = new Map<string, QueuedMessage>();
  /** Up to where chats were read here, and the service has not confirmed it. */
  readonly #read = new Map<string, number>();

  /** Begins with what this device keeps; with nothing, where nobody is signed in. */
  constructor(kept?: Kept) {
    for (const record of kept?.chats ?? []) {
      this.records.set(record.chatId, record);
    }
    for (const [chatId, text] of kept?.drafts ?? []) {
      this.drafts.set(chatId, text);
    }
    this.outbox = kept?.queue ?? [];
  }

  /** A chat, read as far as it was read here. */
  chat(chatId: string): ChatRecord | undefined {
    const record = this.records.get(chatId);
    const read = this.#read.get(chatId);
    if (record === undefined || read === undefined || read <= record.readSeq) {
      return record;
    }
    return { ...record, readSeq: read, unread: Math.max(0, record.lastSeq - read) };
  }

  /** Notes that a chat was read; returns whether that is new. */
  read(chatId: string, seq: number): boolean {
    const record = this.chat(chatId);
    if (record === undefined || seq <= record.readSeq) {
      return false;
    }
    this.#read.set(chatId, seq);
    return true;
  }

  /** Up to where chats were read here, where the service has not confirmed it. */
  unconfirmed(): readonly (readonly [string, number])[] {
    return [...this.#read].filter(([chatId, seq]) => seq > (this.records.get(chatId)?.readSeq ?? 0));
  }

  queue(entry: QueuedMessage): void {
    this.#fresh.set(entry.message.id, entry);
    this.outbox = [...this.outbox, entry];
  }

  /** Takes a refused message out; returns it. */
  discard(id: string): QueuedMessage | undefined {
    const found = this.outbox.find((entry) => entry.message.id === id);
    this.outbox = this.outbox.filter((entry) => entry !== found);
    return found;
  }

  hear(said: Said): void {
    switch (said.news) {
      case "link":
        this.link = said.link;
        break;
      case "chat":
        this.records.set(said.record.chatId, said.record);
        break;
      case "chatGone":
        this.records.delete(said.chatId);
        this.#read.delete(said.chatId);
        break;
      case "outbox":
        this.#hearOutbox(said.outbox);
        break;
      case "draft":
        this.drafts.set(said.chatId, said.text);
        break;
    }
  }

  #hearOutbox(outbox: readonly QueuedMessage[]): void {
    for (const { message } of outbox) {
      this.#fresh.delete(message.id);
    }
    this.outbox = [...outbox, ...this.#fresh.values()];
  }
}
