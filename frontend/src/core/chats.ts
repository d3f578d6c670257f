/** What the session knows of each chat, and what a snapshot keeps of it. */
import { ChatState } from "./chatState.ts";
import type { Marks } from "./marks.ts";
import { NumberedLog } from "./numberedLog.ts";
import { Outbox, type OutboxEntry } from "./outbox.ts";
import { type Change, type Message, versionOf } from "./values.ts";

/** All that a later session needs to go on: what was received, and what the service has not taken yet. */
export interface Snapshot {
  /** The last received number of each chat. */
  readonly cursors: Readonly<Record<string, number>>;
  readonly outbox: readonly OutboxEntry[];
  /** The last received change of each chat that has had one. */
  readonly changes: Readonly<Record<string, number>>;
  /** What was marked and not confirmed, by chat. */
  readonly marks: Readonly<Record<string, Marks>>;
}

export const NOTHING: Snapshot = { cursors: {}, outbox: [], changes: {}, marks: {} };

/** What the session knows of one chat. */
export class Chat {
  readonly chatId: string;
  messages!: NumberedLog<Message>;
  changes!: NumberedLog<Change>;
  state: ChatState;
  readonly outbox: Outbox;
  /** Whether messages or changes are to be fetched before anything is sent. */
  behind = false;
  /** Whether the service has said that this user is no member. */
  left = false;
  /** The request that is fetching them. */
  syncRequest: string | null = null;
  /** Whether something early waits for its predecessor. */
  gapTimer = false;
  /** How often in a row a fetch was needed to close a gap. */
  gapAttempt = 0;
  /** Whether the last send met bad_after. */
  rejected = false;

  /** Starts above message `cursor` and `change`, with what an earlier session had not sent. */
  constructor(chatId: string, cursor = 0, change = 0, outbox = new Outbox()) {
    this.chatId = chatId;
    this.state = new ChatState(chatId);
    this.outbox = outbox;
    this.begin(cursor, change);
  }

  /** Whether a message or a change is known to exist that has not been received. */
  get hasGap(): boolean {
    return this.messages.hasGap || this.changes.hasGap;
  }

  /** Has the service asked how the chat stands, whatever is on its way already. */
  lookUp(): void {
    this.behind = true;
    this.syncRequest = null;
  }

  /** Forgets what was received: the service has lost it. */
  reset(): void {
    this.begin(0, 0);
    this.state.held.clear();
  }

  /** Notes that this user is no member any more: nothing is to be had, and nothing known holds. */
  leave(): void {
    this.left = true;
    this.behind = false;
    this.begin(0, 0);
    this.state = new ChatState(this.chatId);
  }

  /** Receives what comes after message `cursor` and `change`. */
  begin(cursor: number, change: number): void {
    this.messages = new NumberedLog(cursor, (message) => message.seq, versionOf);
    const numberOf = (entry: Change) => entry.number;
    this.changes = new NumberedLog(change, numberOf, numberOf);
  }
}

/** The chats of one user, as far as this session has met them. */
export class Chats {
  readonly #backlog: number | null;
  readonly #chats = new Map<string, Chat>();

  /** Takes up a snapshot; of chats met later, `backlog` latest messages are received (null: all). */
  constructor(snapshot: Snapshot, backlog: number | null) {
    this.#backlog = backlog;
    const sending = snapshot.outbox.map((entry) => entry.chatId);
    for (const chatId of new Set([...Object.keys(snapshot.cursors), ...sending])) {
      const outbox = new Outbox(snapshot.outbox.filter((entry) => entry.chatId === chatId));
      const chat = new Chat(chatId, snapshot.cursors[chatId] ?? 0, snapshot.changes[chatId] ?? 0, outbox);
      this.#chats.set(chatId, chat);
    }
  }

  /** All chats, in the order they were met. */
  get all(): readonly Chat[] {
    return [...this.#chats.values()];
  }

  /** Whether the session has met a chat. */
  has(chatId: string): boolean {
    return this.#chats.has(chatId);
  }

  /** Whether this user is in a chat, as far as is known. */
  isIn(chatId: string): boolean {
    return this.#chats.get(chatId)?.left === false;
  }

  /**
   * A chat; one met for the first time starts so that its backlog below `tail` is received. Its messages come as they
   * are now, so of its changes only those after `change` are to be received.
   */
  get(chatId: string, tail = 0, change = 0): Chat {
    let chat = this.#chats.get(chatId);
    if (chat === undefined) {
      chat = new Chat(chatId, this.#start(tail), change);
      this.#chats.set(chatId, chat);
    }
    return chat;
  }

  /** Starts with a chat that was left as if it was met for the first time. */
  meetAgain(chat: Chat, tail: number, change: number): void {
    chat.begin(this.#start(tail), change);
  }

  /** What a later session needs; `marks` are those that the service has not confirmed. */
  snapshot(marks: Readonly<Record<string, Marks>>): Snapshot {
    const known = this.all.filter((chat) => !chat.left);
    const changed = known.filter((chat) => chat.changes.cursor > 0);
    return {
      cursors: Object.fromEntries(known.map((chat) => [chat.chatId, chat.messages.cursor])),
      outbox: this.all.flatMap((chat) => chat.outbox.entries(chat.chatId)),
      changes: Object.fromEntries(changed.map((chat) => [chat.chatId, chat.changes.cursor])),
      marks,
    };
  }

  #start(tail: number): number {
    return this.#backlog === null ? 0 : Math.max(0, tail - this.#backlog);
  }
}
