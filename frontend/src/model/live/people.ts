/** Who people are: as this device keeps it, as tabs tell it, and asked of the service where nobody knows. */
import type { User } from "../../core/values.ts";
import type { Api } from "../../driver/api.ts";
import { NotReachable } from "../../driver/errors.ts";
import type { Storage } from "../../driver/storage.ts";
import type { Tabs } from "../../driver/tabs.ts";
import type { Store } from "../model.ts";
import type { ModelState } from "../state.ts";

/** Of the open chat's loaded messages, of how many of the last the senders are to be known. */
const RECENT = 200;

interface Parts {
  readonly api: Api;
  readonly storage: Storage;
  readonly tabs: Tabs;
}

export class People {
  readonly #store: Store<ModelState>;
  readonly #parts: Parts;
  readonly #asked = new Set<string>();

  constructor(store: Store<ModelState>, parts: Parts) {
    this.#store = store;
    this.#parts = parts;
  }

  get(userId: string): User {
    return this.#store.getSnapshot().people[userId] ?? { userId, username: "…" };
  }

  /** Remembers who people are, in all tabs. */
  meet(people: readonly User[]): void {
    if (this.#news(people).length > 0) {
      this.#parts.tabs.say({ news: "people", people });
      void this.#parts.storage.meet(people);
    }
  }

  /** Shows who people are. */
  hear(people: readonly User[]): void {
    const news = this.#news(people);
    if (news.length > 0) {
      const added = Object.fromEntries(news.map((user) => [user.userId, user]));
      this.#store.update((state) => ({ ...state, people: { ...state.people, ...added } }));
    }
  }

  /** Shows who somebody is whom a listing has told, where it has not told the same before: it may be old by now. */
  hearOther(other: User | null, before: User | null): void {
    if (other !== null && JSON.stringify(other) !== JSON.stringify(before)) {
      this.hear([other]);
    }
  }

  /** Asks who those are whose names are to be shown and not known. */
  askForStrangers(): void {
    const { people, conversation, chats } = this.#store.getSnapshot();
    const shown = [
      ...(conversation?.members ?? []).map((member) => member.user.userId),
      ...(conversation?.messages ?? []).slice(-RECENT).map((message) => message.senderId),
      ...chats.flatMap((row) => row.lastMessage?.senderId ?? []),
    ];
    for (const userId of new Set(shown)) {
      if (people[userId] === undefined && !this.#asked.has(userId)) {
        this.#asked.add(userId);
        void this.#parts.api.user(userId).then(
          (user) => this.meet([user]),
          (fault: unknown) => fault instanceof NotReachable && this.#asked.delete(userId), // asked again later
        );
      }
    }
  }

  #news(people: readonly User[]): readonly User[] {
    const known = this.#store.getSnapshot().people;
    return people.filter((user) => JSON.stringify(known[user.userId]) !== JSON.stringify(user));
  }
}
