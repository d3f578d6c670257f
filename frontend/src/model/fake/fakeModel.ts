/** A model without a service: the fake world, changed by the same actions, for component tests and `npm run demo`. */
import type { Actions } from "../actions.ts";
import { type ChatModel, Store } from "../model.ts";
import type { Conversation, ModelState, ShownMessage, User } from "../state.ts";
import { accountActions } from "./account.ts";
import { chatActions } from "./chats.ts";
import { messageActions } from "./messages.ts";
import { type FakeChat, fakeChats, ME, message, PEOPLE, person } from "./world.ts";

export interface FakeOptions {
  /** Milliseconds that each answer of the fake service takes; 0 in tests. */
  readonly latency?: number;
  readonly now?: () => number;
  /** Messages in the long chat. */
  readonly long?: number;
  readonly signedIn?: boolean;
}

export class FakeModel extends Store<ModelState> implements ChatModel {
  readonly now: () => number;
  readonly chats = new Map<string, FakeChat>();
  readonly actions: Actions;
  readonly #latency: number;

  constructor({ latency = 0, now = Date.now, long = 2_000, signedIn = true }: FakeOptions = {}) {
    super(signedIn ? SIGNED_IN : SIGNED_OUT);
    this.#latency = latency;
    this.now = now;
    for (const chat of fakeChats(now(), long)) {
      this.chats.set(chat.chatId, chat);
    }
    this.actions = { ...accountActions(this), ...chatActions(this), ...messageActions(this) };
    this.refresh();
  }

  /** What the fake service takes to answer. */
  answer(): Promise<void> {
    return new Promise((done) => setTimeout(done, this.#latency));
  }

  /** Sets part of the state, as a test needs it: `model.set({ connection: { ... } })`. */
  set(part: Partial<ModelState>): void {
    this.update((state) => ({ ...state, ...part }));
  }

  chat(chatId: string): FakeChat {
    const chat = this.chats.get(chatId);
    if (chat === undefined) {
      throw new Error(`The fake world has no chat ${chatId}.`);
    }
    return chat;
  }

  /** The open chat; null when none is. */
  get open(): FakeChat | null {
    const chatId = this.getSnapshot().conversation?.chatId;
    return chatId === undefined ? null : this.chat(chatId);
  }

  setConversation(change: (conversation: Conversation) => Conversation): void {
    this.update((state) =>
      state.conversation === null ? state : { ...state, conversation: change(state.conversation) },
    );
  }

  /** Changes one's own profile. */
  become(change: (me: User) => User): void {
    this.update((state) => {
      const { account, people } = state;
      if (account.stage !== "signedIn") {
        return state;
      }
      const me = change(account.me);
      return { ...state, account: { stage: "signedIn", me }, people: { ...people, [me.userId]: me } };
    });
  }

  /** Somebody else writes. */
  receive(chatId: string, senderId: string, text: string, rest: Partial<ShownMessage> = {}): void {
    const chat = this.chat(chatId);
    const seq = chat.messages.length + 1;
    const id = `m-received-${chatId}-${seq}`;
    chat.messages.push(message(senderId, this.now(), text, { id, seq, ...rest }));
    chat.writing = chat.writing.filter((userId) => userId !== senderId);
    this.refresh();
    this.setConversation((open) =>
      open.chatId === chatId && !open.hasAfter
        ? {
            ...open,
            messages: [...withNumbers(open.messages), ...chat.messages.slice(-1), ...unsent(open.messages)],
          }
        : open,
    );
  }

  /** Replaces a message in the fake service and on the screen. */
  replace(chatId: string, seq: number, part: Partial<ShownMessage>): void {
    const chat = this.chat(chatId);
    const swap = (one: ShownMessage) => (one.seq === seq ? { ...one, ...part } : one);
    chat.messages = chat.messages.map(swap);
    this.setConversation((open) =>
      open.chatId === chatId ? { ...open, messages: open.messages.map(swap) } : open,
    );
    this.refresh();
  }

  /** Makes the list of chats anew from the fake service's. */
  refresh(): void {
    this.update((state) => ({
      ...state,
      chatsKnown: true,
      chats: [...this.chats.values()].map((chat) => this.#row(chat)).sort((a, b) => b.lastAt - a.lastAt),
      people: { ...Object.fromEntries(PEOPLE.map((user) => [user.userId, user])), ...state.people },
    }));
  }

  #row(chat: FakeChat): ModelState["chats"][number] {
    const other = chat.otherId === null ? null : person(chat.otherId);
    const last = chat.messages.at(-1) ?? null;
    return {
      chatId: chat.chatId,
      kind: chat.kind,
      title: other === null ? chat.name : (other.displayName ?? other.username),
      other,
      role: chat.role,
      unread: Math.max(0, chat.messages.length - chat.readSeq),
      lastMessage: last,
      lastAt: last?.sentAt ?? 0,
      presence:
        other === null ? null : { online: other.userId === "u-bob", lastSeen: this.now() - 7_200_000 },
      writing: chat.writing,
      mutedUntil: chat.mutedUntil,
      waiting: 0,
      refused: 0,
      draft: chat.draft,
    };
  }
}

export function withNumbers(messages: readonly ShownMessage[]): readonly ShownMessage[] {
  return messages.filter((one) => one.seq !== null);
}

export function unsent(messages: readonly ShownMessage[]): readonly ShownMessage[] {
  return messages.filter((one) => one.seq === null);
}

const SIGNED_IN: ModelState = {
  account: { stage: "signedIn", me: ME },
  connection: { state: "online", reason: "", retryAt: null, caughtUp: true, waiting: 0 },
  chats: [],
  chatsKnown: false,
  conversation: null,
  search: null,
  notifications: "off",
  passwordLength: 14,
  mayHaveSecondFactor: true,
  people: {},
  avatars: "{avatar}",
};

const SIGNED_OUT: ModelState = {
  ...SIGNED_IN,
  account: { stage: "signedOut", providers: ["Google"], notice: "" },
  connection: { state: "offline", reason: "", retryAt: null, caughtUp: false, waiting: 0 },
};
