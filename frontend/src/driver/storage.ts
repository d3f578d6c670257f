/** What this device keeps in IndexedDB: the account, chats, messages, what is to be sent, and how far all is known. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { NOTHING, type Snapshot } from "../core/chats.ts";
import { type Message, type User, versionOf } from "../core/values.ts";
import type { AvatarsLink } from "../protocol/types.ts";
import type { ChatRecord, QueuedMessage, StoredAccount } from "./records.ts";

interface Schema extends DBSchema {
  /** Single values: `account`, `me`, `avatars`, `exported`, `snapshot`, `push`. */
  single: { key: string; value: unknown };
  chats: { key: string; value: ChatRecord };
  messages: { key: [string, number]; value: Message };
  people: { key: string; value: User };
  drafts: { key: string; value: string };
  /** By the message's id, a ULID: in the order in which they were written. */
  queue: { key: string; value: QueuedMessage };
}

const VERSION = 1;
const STORES = ["single", "chats", "messages", "people", "drafts", "queue"] as const;

/** What a tab shows at once. */
export interface Kept {
  readonly account: StoredAccount | null;
  readonly me: User | null;
  /** The link to all avatars. */
  readonly avatars: AvatarsLink | null;
  readonly chats: readonly ChatRecord[];
  readonly people: readonly User[];
  readonly drafts: ReadonlyMap<string, string>;
  readonly queue: readonly QueuedMessage[];
}

/** What came of some effects: written together with how far all is known then, or not at all. */
export interface Progress {
  readonly chats: readonly ChatRecord[];
  readonly messages: readonly { readonly chatId: string; readonly message: Message }[];
  /** Chats that are not this user's any more, or whose messages are void. */
  readonly gone: readonly string[];
  readonly voided: readonly string[];
  /** Ids that are not to be sent any more. */
  readonly settled: readonly string[];
  readonly refused: readonly { readonly id: string; readonly refusal: string }[];
}

export class Storage {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  static async open(name = "parley"): Promise<Storage> {
    const database = await openDB<Schema>(name, VERSION, {
      upgrade(fresh) {
        for (const store of STORES) {
          fresh.createObjectStore(store);
        }
      },
      terminated: () => location.reload(), // the browser has taken the data away
    });
    return new Storage(database);
  }

  close(): void {
    this.#database.close();
  }

  async read(): Promise<Kept> {
    const transaction = this.#database.transaction(["single", "chats", "people", "drafts", "queue"]);
    const single = transaction.objectStore("single");
    const drafts = transaction.objectStore("drafts");
    const [account, me, avatars, chats, people, texts, chatIds, queue] = await Promise.all([
      single.get("account"),
      single.get("me"),
      single.get("avatars"),
      transaction.objectStore("chats").getAll(),
      transaction.objectStore("people").getAll(),
      drafts.getAll(),
      drafts.getAllKeys(),
      transaction.objectStore("queue").getAll(),
    ]);
    return {
      account: (account as StoredAccount | undefined) ?? null,
      me: (me as User | undefined) ?? null,
      avatars: (avatars as AvatarsLink | undefined) ?? null,
      chats,
      people,
      drafts: new Map(chatIds.map((chatId, index) => [chatId, texts[index] ?? ""])),
      queue,
    };
  }

  async account(): Promise<StoredAccount | null> {
    return ((await this.#database.get("single", "account")) as StoredAccount | undefined) ?? null;
  }

  /** Begins with an account; what another user's account has left behind is forgotten. */
  async signIn(account: StoredAccount): Promise<void> {
    const before = await this.account();
    if (before !== null && before.userId !== account.userId) {
      await this.clear();
    }
    await this.#database.put("single", account, "account");
  }

  async setMe(me: User): Promise<void> {
    await this.#database.put("single", me, "me");
  }

  async setAvatarsLink(link: AvatarsLink): Promise<void> {
    await this.#database.put("single", link, "avatars");
  }

  /** When this device has asked for an archive of all that the user wrote; null where it has not. */
  async exportRequestedAt(): Promise<string | null> {
    return ((await this.#database.get("single", "exported")) as string | undefined) ?? null;
  }

  async setExportRequestedAt(requestedAt: string | null): Promise<void> {
    await this.#database.put("single", requestedAt ?? undefined, "exported");
  }

  async pushSubscription(): Promise<string | null> {
    return ((await this.#database.get("single", "push")) as string | undefined) ?? null;
  }

  async setPushSubscription(subscriptionId: string | null): Promise<void> {
    await this.#database.put("single", subscriptionId ?? undefined, "push");
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    const transaction = this.#database.transaction(STORES, "readwrite");
    await Promise.all([...STORES.map((store) => transaction.objectStore(store).clear()), transaction.done]);
  }

  // The session's: only the tab that holds the connection writes these.

  async snapshot(): Promise<Snapshot> {
    return ((await this.#database.get("single", "snapshot")) as Snapshot | undefined) ?? NOTHING;
  }

  async save(progress: Progress, snapshot: Snapshot): Promise<void> {
    const transaction = this.#database.transaction(
      ["single", "chats", "messages", "drafts", "queue"],
      "readwrite",
    );
    const messages = transaction.objectStore("messages");
    const chats = transaction.objectStore("chats");
    const queue = transaction.objectStore("queue");
    for (const chatId of [...progress.gone, ...progress.voided]) {
      messages.delete(ofChat(chatId));
    }
    for (const chatId of progress.gone) {
      chats.delete(chatId);
      transaction.objectStore("drafts").delete(chatId);
    }
    for (const record of progress.chats) {
      chats.put(record, record.chatId);
    }
    for (const { chatId, message } of progress.messages) {
      messages.put(message, [chatId, message.seq]);
    }
    for (const id of progress.settled) {
      queue.delete(id);
    }
    for (const { id, refusal } of progress.refused) {
      const entry = await queue.get(id);
      if (entry !== undefined) {
        queue.put({ ...entry, refusal }, id);
      }
    }
    transaction.objectStore("single").put(snapshot, "snapshot");
    await transaction.done;
  }

  // What is to be sent.

  async enqueue(entry: QueuedMessage): Promise<void> {
    await this.#database.put("queue", entry, entry.message.id);
  }

  async queue(): Promise<readonly QueuedMessage[]> {
    return this.#database.getAll("queue");
  }

  async dequeue(id: string): Promise<void> {
    await this.#database.delete("queue", id);
  }

  // What tabs read and add.

  /** The longest run of messages without a hole that ends with `last`, of so many at most, ascending. */
  async messagesUpTo(chatId: string, last: number, limit: number): Promise<readonly Message[]> {
    const run: Message[] = [];
    const range = IDBKeyRange.bound([chatId, Math.max(0, last - limit + 1)], [chatId, last]);
    const found = await this.#database.getAll("messages", range);
    for (let seq = last, message = found.pop(); message?.seq === seq; seq -= 1, message = found.pop()) {
      run.unshift(message);
    }
    return run;
  }

  /** The longest run of messages without a hole that begins with `first`, of so many at most, ascending. */
  async messagesFrom(chatId: string, first: number, limit: number): Promise<readonly Message[]> {
    const range = IDBKeyRange.bound([chatId, first], [chatId, first + limit - 1]);
    const found = await this.#database.getAll("messages", range);
    const hole = found.findIndex((message, index) => message.seq !== first + index);
    return hole < 0 ? found : found.slice(0, hole);
  }

  /** Keeps messages that were asked for, each in its latest version. */
  async keep(chatId: string, messages: readonly Message[]): Promise<void> {
    const transaction = this.#database.transaction("messages", "readwrite");
    for (const message of messages) {
      const known = await transaction.store.get([chatId, message.seq]);
      if (known === undefined || versionOf(known) <= versionOf(message)) {
        transaction.store.put(message, [chatId, message.seq]);
      }
    }
    await transaction.done;
  }

  async meet(people: readonly User[]): Promise<void> {
    const transaction = this.#database.transaction("people", "readwrite");
    await Promise.all([...people.map((user) => transaction.store.put(user, user.userId)), transaction.done]);
  }

  async saveDraft(chatId: string, text: string): Promise<void> {
    await (text === ""
      ? this.#database.delete("drafts", chatId)
      : this.#database.put("drafts", text, chatId));
  }
}

function ofChat(chatId: string): IDBKeyRange {
  return IDBKeyRange.bound([chatId, 0], [chatId, Number.MAX_SAFE_INTEGER]);
}
