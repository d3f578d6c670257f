/** The real model: what this device keeps at once, what the service tells as it comes, and what the user does. */
import type { Message, User } from "../../core/values.ts";
import { Api } from "../../driver/api.ts";
import { Cognito } from "../../driver/cognito.ts";
import type { Configuration } from "../../driver/configuration.ts";
import { Engine } from "../../driver/engine.ts";
import { NotReachable, RequestRefused } from "../../driver/errors.ts";
import { pushState, renew } from "../../driver/push.ts";
import type { ChatRecord, Link, QueuedMessage, Said, StoredAccount } from "../../driver/records.ts";
import { Rest } from "../../driver/rest.ts";
import { Storage } from "../../driver/storage.ts";
import { Tabs, whileLeading } from "../../driver/tabs.ts";
import { AccessTokens } from "../../driver/tokens.ts";
import { type Actions, ModelError } from "../actions.ts";
import { type ChatModel, Store } from "../model.ts";
import type { ChatRow, Conversation, ModelState, ShownMessage, Upload } from "../state.ts";
import { accountActions } from "./account.ts";
import { chatActions } from "./chats.ts";
import { messageActions } from "./messages.ts";
import { OpenChat } from "./openChat.ts";
import { membersOf, othersOf, permissionsOf, rowOf, Showing } from "./shown.ts";

const NO_LINK: Link = { state: "offline", reason: "", retryAt: null, caughtUp: false };

const STARTING: ModelState = {
  account: { stage: "starting" },
  connection: { ...NO_LINK, waiting: 0 },
  chats: [],
  chatsKnown: false,
  conversation: null,
  search: null,
  notifications: "unavailable",
  people: {},
};

export class LiveModel extends Store<ModelState> implements ChatModel {
  readonly configuration: Configuration;
  readonly storage: Storage;
  readonly tabs = new Tabs();
  readonly cognito: Cognito;
  readonly tokens: AccessTokens;
  readonly api: Api;
  readonly actions: Actions;
  account: StoredAccount | null = null;
  open: OpenChat | null = null;
  uploads: readonly Upload[] = [];
  /** Messages that wait for their file. */
  uploading: readonly ShownMessage[] = [];
  /** Whom this user has blocked. */
  blocked: ReadonlySet<string> = new Set();
  records = new Map<string, ChatRecord>();
  readonly #drafts = new Map<string, string>();
  /** Up to where chats were read here, told to the service and not yet confirmed. */
  readonly #read = new Map<string, number>();
  readonly #met = new Set<string>();
  #outbox: readonly QueuedMessage[] = [];
  /** What was queued here and is not yet known to the tab that holds the connection. */
  readonly #fresh = new Map<string, QueuedMessage>();
  #link = NO_LINK;
  #showing = new Showing("");
  #endLeading: () => void = () => undefined;
  #rendering = false;

  private constructor(configuration: Configuration, storage: Storage) {
    super(STARTING);
    this.configuration = configuration;
    this.storage = storage;
    const { cognitoUrl, userPoolId, userPoolClientId, httpApiUrl } = configuration;
    this.cognito = new Cognito(cognitoUrl, userPoolId, userPoolClientId);
    const refreshToken = async () => (await storage.account())?.refreshToken ?? null;
    this.tokens = new AccessTokens(this.cognito, refreshToken);
    this.api = new Api(new Rest(httpApiUrl, () => this.tokens.get()));
    this.actions = { ...accountActions(this), ...chatActions(this), ...messageActions(this) };
  }

  /** Opens the model with what this device keeps; the service is asked afterwards. */
  static async start(configuration: Configuration): Promise<LiveModel> {
    const model = new LiveModel(configuration, await Storage.open());
    model.tabs.listen({ said: (said) => model.#hear(said) });
    const wake = () => document.visibilityState === "visible" && model.tabs.wish({ wish: "probe" });
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("online", () => model.tabs.wish({ wish: "probe" }));
    await model.resume();
    return model;
  }

  get me(): User | null {
    const { account } = this.getSnapshot();
    return account.stage === "signedIn" ? account.me : null;
  }

  get userId(): string {
    return this.account?.userId ?? "";
  }

  set(part: Partial<ModelState>): void {
    this.update((state) => ({ ...state, ...part }));
  }

  /** Takes up what this device keeps: signed in, or not. */
  async resume(): Promise<void> {
    const kept = await this.storage.read();
    this.account = kept.account;
    if (kept.account === null) {
      this.set({ account: { stage: "signedOut", google: false, notice: "" } });
      return;
    }
    const { userId, username } = kept.account;
    this.#showing = new Showing(userId);
    this.records = new Map(kept.chats.map((record) => [record.chatId, record]));
    this.#outbox = kept.queue;
    for (const [chatId, text] of kept.drafts) {
      this.#drafts.set(chatId, text);
    }
    const others = kept.chats.flatMap((record) => record.otherMember ?? []);
    const people = Object.fromEntries([...others, ...kept.people].map((user) => [user.userId, user]));
    const me = kept.me ?? { userId, username };
    const chatsKnown = kept.chats.length > 0;
    this.set({ account: { stage: "signedIn", me }, people: { ...people, [userId]: me }, chatsKnown });
    this.render();
    this.#lead();
    void this.#meetMyself();
    this.set({ notifications: await pushState(this.storage) });
  }

  /** Ends the session here, and forgets all that this device keeps where `forget`. */
  async end(notice: string, forget: boolean): Promise<void> {
    this.#endLeading();
    this.tokens.forget();
    this.account = null;
    this.open = null;
    this.records = new Map();
    this.#outbox = [];
    this.#drafts.clear();
    if (forget) {
      await this.storage.clear();
    }
    this.update(() => ({ ...STARTING, account: { stage: "signedOut", google: false, notice } }));
  }

  // What the actions need.

  record(chatId: string): ChatRecord | undefined {
    return this.records.get(chatId);
  }

  person(userId: string): User {
    return this.getSnapshot().people[userId] ?? { userId, username: "…" };
  }

  shown(message: Message): ShownMessage {
    return this.#showing.message(message);
  }

  /** Shows a message that waits to be sent, before anything else. */
  queue(entry: QueuedMessage): void {
    this.#fresh.set(entry.message.id, entry);
    this.#outbox = [...this.#outbox, entry];
    this.render();
    void this.storage.enqueue(entry).then(() => this.tabs.wish({ wish: "queued" }));
  }

  /** Takes a refused message out of the queue; returns it. */
  discard(id: string): QueuedMessage | undefined {
    const found = this.#outbox.find((entry) => entry.message.id === id);
    this.#outbox = this.#outbox.filter((entry) => entry !== found);
    this.render();
    void this.storage.dequeue(id).then(() => this.tabs.wish({ wish: "discarded", id }));
    return found;
  }

  markRead(chatId: string, seq: number): void {
    const record = this.records.get(chatId);
    if (record !== undefined && seq > Math.max(record.readSeq, this.#read.get(chatId) ?? 0)) {
      this.#read.set(chatId, seq);
      this.tabs.wish({ wish: "read", chatId, seq });
      this.render();
    }
  }

  saveDraft(chatId: string, text: string): void {
    this.tabs.say({ news: "draft", chatId, text });
    void this.storage.saveDraft(chatId, text);
  }

  /** Remembers who people are. */
  meet(people: readonly User[]): void {
    const known = this.getSnapshot().people;
    if (people.some((user) => JSON.stringify(known[user.userId]) !== JSON.stringify(user))) {
      this.tabs.say({ news: "people", people });
      void this.storage.meet(people);
    }
  }

  /** What the service answers; what goes wrong is told as screens want it. */
  async ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (fault) {
      if (fault instanceof NotReachable) {
        throw new ModelError("offline", fault.message);
      }
      if (fault instanceof RequestRefused) {
        throw new ModelError(fault.code, fault.message);
      }
      throw fault instanceof Error ? new ModelError("failed", fault.message) : fault;
    }
  }

  // What is heard.

  #lead(): void {
    this.#endLeading = whileLeading(async (ended) => {
      const engine = await Engine.start({
        userId: this.userId,
        api: this.api,
        storage: this.storage,
        tabs: this.tabs,
        webSocketUrl: this.configuration.webSocketUrl,
        refused: (notice) => this.tabs.say({ news: "signedOut", notice }),
      });
      await new Promise((end) => ended.addEventListener("abort", end, { once: true }));
      await engine.stop();
    });
    this.tabs.wish({ wish: "tell" });
  }

  #hear(said: Said): void {
    switch (said.news) {
      case "link":
        this.#link = said.link;
        break;
      case "chat":
        this.#hearChat(said.record);
        break;
      case "chatGone":
        this.records.delete(said.chatId);
        break;
      case "messages":
        if (this.open?.chatId === said.chatId) {
          this.open.take(said.messages);
        }
        break;
      case "reset":
        if (this.open?.chatId === said.chatId) {
          this.openChat(said.chatId);
        }
        break;
      case "outbox":
        this.#hearOutbox(said.outbox);
        break;
      case "people":
        this.#hearPeople(said.people);
        break;
      case "draft":
        this.#drafts.set(said.chatId, said.text);
        break;
      case "signedIn":
        if (this.account === null) {
          void this.resume();
        }
        break;
      case "signedOut":
        if (this.account !== null) {
          void this.end(said.notice, false);
        }
        return;
    }
    this.render();
  }

  #hearChat(record: ChatRecord): void {
    this.records.set(record.chatId, record);
    if ((this.#read.get(record.chatId) ?? 0) <= record.readSeq) {
      this.#read.delete(record.chatId);
    }
    if (record.otherMember !== null) {
      this.#hearPeople([record.otherMember]);
    }
  }

  #hearOutbox(outbox: readonly QueuedMessage[]): void {
    for (const { message } of outbox) {
      this.#fresh.delete(message.id);
    }
    this.#outbox = [...outbox, ...this.#fresh.values()];
  }

  #hearPeople(people: readonly User[]): void {
    const known = this.getSnapshot().people;
    const news = people.filter((user) => JSON.stringify(known[user.userId]) !== JSON.stringify(user));
    if (news.length > 0) {
      const added = Object.fromEntries(news.map((user) => [user.userId, user]));
      this.update((state) => ({ ...state, people: { ...state.people, ...added } }));
    }
  }

  openChat(chatId: string | null, seq?: number): void {
    this.uploads = [];
    if (chatId === null) {
      this.open = null;
      this.render();
      return;
    }
    const parts = { api: this.api, storage: this.storage };
    this.open = new OpenChat(
      chatId,
      parts,
      () => this.records.get(chatId),
      () => this.render(),
    );
    void this.open.open(seq);
    this.tabs.wish({ wish: "look", chatId });
    this.render();
  }

  // What is shown.

  /** Shows everything as it is, once for all that changes in this turn. */
  render(): void {
    if (!this.#rendering) {
      this.#rendering = true;
      queueMicrotask(() => {
        this.#rendering = false;
        this.#render();
      });
    }
  }

  #render(): void {
    if (this.account === null) {
      return;
    }
    const chats = this.#rows();
    const conversation = this.#conversation();
    const waiting = this.#outbox.filter((entry) => entry.refusal === null).length;
    const connection = { ...this.#link, waiting };
    this.update((state) => ({
      ...state,
      chats: same(state.chats, chats),
      conversation,
      connection: equal(state.connection, connection) ? state.connection : connection,
      chatsKnown: state.chatsKnown || chats.length > 0 || this.#link.caughtUp,
    }));
    this.#meetStrangers();
  }

  #rows(): readonly ChatRow[] {
    const before = new Map(this.getSnapshot().chats.map((row) => [row.chatId, row]));
    const rows = [...this.records.values()].map((record) => {
      const { chatId } = record;
      const queue = this.#outbox.filter((entry) => entry.chatId === chatId);
      const row = rowOf(this.#asRead(record), this.#showing, queue, this.#drafts.get(chatId) ?? "");
      const known = before.get(chatId);
      return known !== undefined && equal(known, row) ? known : row;
    });
    return rows.sort((one, other) => other.lastAt - one.lastAt);
  }

  /** A chat as it is once what was read here is confirmed. */
  #asRead(record: ChatRecord): ChatRecord {
    const read = this.#read.get(record.chatId);
    return read === undefined ? record : { ...record, unread: Math.max(0, record.lastSeq - read) };
  }

  #conversation(): Conversation | null {
    const { open } = this;
    const record = open === null ? undefined : this.records.get(open.chatId);
    if (open === null || record === undefined) {
      return null;
    }
    const online = this.#link.state === "online";
    const received = open.stretch.messages.map((message) => this.#showing.message(message));
    const recent = new Set(received.slice(-100).map((message) => message.id));
    const queued = this.#outbox
      .filter((entry) => entry.chatId === open.chatId && !recent.has(entry.message.id))
      .map((entry) => this.#showing.queued(entry, online));
    const uploading = this.uploading.filter((message) => !queued.some((one) => one.id === message.id));
    const other = record.otherMember?.userId;
    const blocked = other !== undefined && this.blocked.has(other);
    const now = this.getSnapshot().conversation;
    const messages = open.hasAfter ? received : [...received, ...queued, ...uploading];
    const next: Conversation = {
      chatId: open.chatId,
      messages: same(now?.messages ?? [], messages),
      hasBefore: open.hasBefore,
      hasAfter: open.hasAfter,
      loading: open.loading,
      firstSeq: open.firstSeq,
      lastSeq: open.lastSeq,
      unreadFrom: open.unreadFrom,
      jumpTo: open.jumpTo,
      members: membersOf(record, (userId) => this.person(userId)),
      ...othersOf(record, this.userId),
      may: permissionsOf(record, blocked),
      blocked,
      uploads: this.uploads,
    };
    return now !== null && equal(now, next) ? now : next;
  }

  /** Asks who those are whose names are to be shown and not known. */
  #meetStrangers(): void {
    const { people } = this.getSnapshot();
    const shown = this.getSnapshot().conversation;
    const ids = [
      ...(shown?.members ?? []).map((member) => member.user.userId),
      ...(shown?.messages ?? []).slice(-200).map((message) => message.senderId),
      ...this.getSnapshot().chats.map((row) => row.lastMessage?.senderId ?? this.userId),
    ];
    for (const userId of new Set(ids)) {
      if (people[userId] === undefined && !this.#met.has(userId)) {
        this.#met.add(userId);
        void this.api.user(userId).then(
          (user) => this.meet([user]),
          () => this.#met.delete(userId), // asked for again when there is something else to show
        );
      }
    }
  }

  async #meetMyself(): Promise<void> {
    try {
      const [me, blocked] = await Promise.all([this.api.me(), this.api.blocks()]);
      this.blocked = new Set(blocked.map((user) => user.userId));
      await this.storage.setMe(me);
      this.update((state) =>
        state.account.stage === "signedIn" ? { ...state, account: { stage: "signedIn", me } } : state,
      );
      this.meet([me]);
      this.render();
      await renew(this.api, this.storage);
    } catch {
      // offline: what is kept here is shown, and the next start asks again
    }
  }
}

/** The list that was there, where the new one has the same in it. */
function same<Item>(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  return before.length === now.length && before.every((item, index) => item === now[index]) ? before : now;
}

/** Whether two values of the same kind say the same; long lists are the same only where they are one. */
function equal<Value extends object>(one: Value, other: Value): boolean {
  return (Object.keys(other) as (keyof Value)[]).every(
    (key) =>
      one[key] === other[key] ||
      (key !== "messages" && JSON.stringify(one[key]) === JSON.stringify(other[key])),
  );
}
