/** The real model: what this device keeps at once, what the service tells as it comes, and what the user does. */
import type { Message, User } from "../../core/values.ts";
import { Api } from "../../driver/api.ts";
import { Cognito } from "../../driver/cognito.ts";
import type { Configuration } from "../../driver/configuration.ts";
import { Engine } from "../../driver/engine.ts";
import { NotReachable, RequestRefused } from "../../driver/errors.ts";
import { pushState, renew } from "../../driver/push.ts";
import type { ChatRecord, QueuedMessage, Said, StoredAccount } from "../../driver/records.ts";
import { Rest } from "../../driver/rest.ts";
import { Storage } from "../../driver/storage.ts";
import { Tabs, whenNobodyLeads, whileLeading } from "../../driver/tabs.ts";
import { AccessTokens } from "../../driver/tokens.ts";
import { type Actions, ModelError } from "../actions.ts";
import { type ChatModel, Store } from "../model.ts";
import type { ModelState, ShownMessage, Upload } from "../state.ts";
import { accountActions } from "./account.ts";
import { chatActions } from "./chats.ts";
import { Knowledge } from "./knowledge.ts";
import { messageActions } from "./messages.ts";
import { OpenChat } from "./openChat.ts";
import { chatRows, connectionOf, conversationOf } from "./rendered.ts";
import { Showing } from "./shown.ts";

const STARTING: ModelState = {
  account: { stage: "starting" },
  connection: { state: "offline", reason: "", retryAt: null, caughtUp: false, waiting: 0 },
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
  readonly #met = new Set<string>();
  #knowledge = new Knowledge();
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
  static async start(loading: Promise<Configuration>): Promise<LiveModel> {
    const [configuration, storage] = await Promise.all([loading, Storage.open()]);
    const model = new LiveModel(configuration, storage);
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
    this.#knowledge = new Knowledge(kept);
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

  /** Ends the session in this tab; where `forget`, in all tabs, and forgets all that this device keeps. */
  async end(notice: string, forget: boolean): Promise<void> {
    this.#endLeading();
    this.tokens.forget();
    this.account = null;
    this.open = null;
    this.#knowledge = new Knowledge();
    if (forget) {
      this.tabs.say({ news: "signedOut", notice });
      await whenNobodyLeads(() => this.storage.clear());
    }
    this.update(() => ({ ...STARTING, account: { stage: "signedOut", google: false, notice } }));
  }

  // What the actions need.

  record(chatId: string): ChatRecord | undefined {
    return this.#knowledge.chat(chatId);
  }

  person(userId: string): User {
    return this.getSnapshot().people[userId] ?? { userId, username: "…" };
  }

  shown(message: Message): ShownMessage {
    return this.#showing.message(message);
  }

  /** Shows a message that waits to be sent, before anything else. */
  queue(entry: QueuedMessage): void {
    this.#knowledge.queue(entry);
    this.render();
    void this.storage.enqueue(entry).then(() => this.tabs.wish({ wish: "queued" }));
  }

  /** Takes a refused message out of the queue; returns it. */
  discard(id: string): QueuedMessage | undefined {
    const found = this.#knowledge.discard(id);
    this.render();
    void this.storage.dequeue(id).then(() => this.tabs.wish({ wish: "discarded", id }));
    return found;
  }

  markRead(chatId: string, seq: number): void {
    if (this.#knowledge.read(chatId, seq)) {
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
      await aborted(ended);
      await engine.stop();
    });
    this.tabs.wish({ wish: "tell" });
  }

  #hear(said: Said): void {
    this.#knowledge.hear(said);
    switch (said.news) {
      case "link":
        if (said.link.caughtUp && this.open !== null) {
          this.tabs.wish({ wish: "look", chatId: this.open.chatId }); // what others read meanwhile is not told
        }
        break;
      case "chat":
        this.#hearPeople(said.record.otherMember === null ? [] : [said.record.otherMember]);
        if (this.open?.chatId === said.record.chatId) {
          void this.open.loadFirst();
        }
        break;
      case "people":
        this.#hearPeople(said.people);
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
      case "signedIn":
        if (this.account === null) {
          void this.resume();
        }
        return;
      case "signedOut":
        if (this.account !== null) {
          void this.end(said.notice, false);
        }
        return;
    }
    this.render();
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
      () => this.#knowledge.chat(chatId),
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
    const { open, uploads, uploading, blocked, userId } = this;
    const personOf = (other: string) => this.person(other);
    const opened = open === null ? null : { open, userId, personOf, blocked, uploads, uploading };
    this.update((state) => {
      const chats = chatRows(this.#knowledge, this.#showing, state.chats);
      return {
        ...state,
        chats,
        conversation: opened && conversationOf(this.#knowledge, this.#showing, opened, state.conversation),
        connection: connectionOf(this.#knowledge, state.connection),
        chatsKnown: state.chatsKnown || chats.length > 0 || this.#knowledge.link.caughtUp,
      };
    });
    this.#meetStrangers();
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
          (fault: unknown) => fault instanceof NotReachable && this.#met.delete(userId), // asked again later
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) {
      done();
    }
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
