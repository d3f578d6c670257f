/** The real model: what this device keeps at once, what the service tells as it comes, and what the user does. */
import type { Message, User } from "../../core/values.ts";
import { Api } from "../../driver/api.ts";
import { Cognito } from "../../driver/cognito.ts";
import type { Configuration } from "../../driver/configuration.ts";
import { Engine } from "../../driver/engine.ts";
import { AuthenticationFailed } from "../../driver/errors.ts";
import { pushState, renew } from "../../driver/push.ts";
import type { ChatRecord, QueuedMessage, StoredAccount } from "../../driver/records.ts";
import { Rest } from "../../driver/rest.ts";
import { type Kept, Storage } from "../../driver/storage.ts";
import { Tabs, whenNobodyLeads, whileLeading } from "../../driver/tabs.ts";
import { AccessTokens } from "../../driver/tokens.ts";
import { type Grant, WebSession } from "../../driver/webSession.ts";
import type { Actions } from "../actions.ts";
import { type ChatModel, Store } from "../model.ts";
import type { Account, ModelState, ShownMessage, Upload } from "../state.ts";
import { accountActions, comeBack } from "./account.ts";
import { Avatars } from "./avatars.ts";
import { chatActions } from "./chats.ts";
import { hear } from "./hearing.ts";
import { Knowledge } from "./knowledge.ts";
import { messageActions } from "./messages.ts";
import { OpenChat } from "./openChat.ts";
import { People } from "./people.ts";
import { chatRows, connectionOf, conversationOf } from "./rendered.ts";
import { Showing } from "./shown.ts";
import type { UploadingMessage } from "./uploads.ts";

/** So long, in ms, the page waits for the messages of the chat that it opens with: this device has them, or has not. */
const AT_ONCE = 50;

const STARTING: ModelState = {
  account: { stage: "starting" },
  connection: { state: "connecting", reason: "", retryAt: null, caughtUp: false, waiting: 0 },
  chats: [],
  chatsKnown: false,
  conversation: null,
  search: null,
  notifications: "unavailable",
  passwordLength: 12,
  mayHaveSecondFactor: false,
  people: {},
  avatars: null,
};

export class LiveModel extends Store<ModelState> implements ChatModel {
  readonly configuration: Configuration;
  readonly storage: Storage;
  readonly tabs = new Tabs();
  readonly cognito: Cognito;
  readonly webSession: WebSession;
  readonly tokens: AccessTokens;
  readonly api: Api;
  readonly people: People;
  readonly avatars: Avatars;
  readonly actions: Actions;
  /** What is known of the chats: made anew by who signs in. */
  knowledge = new Knowledge();
  account: StoredAccount | null = null;
  open: OpenChat | null = null;
  uploads: readonly Upload[] = [];
  /** Messages that wait for their file. */
  uploading: readonly UploadingMessage[] = [];
  /** Whom this user has blocked. */
  blocked: ReadonlySet<string> = new Set();
  #showing = new Showing("");
  #endLeading: () => void = () => undefined;
  #isConnected = false;
  #rendering = false;

  private constructor(configuration: Configuration, storage: Storage) {
    super({ ...STARTING, passwordLength: configuration.passwordLength ?? STARTING.passwordLength });
    this.configuration = configuration;
    this.storage = storage;
    const { cognitoUrl, userPoolId, userPoolClientId, httpApiUrl } = configuration;
    this.cognito = new Cognito(cognitoUrl, userPoolId, userPoolClientId);
    this.webSession = new WebSession(configuration.signIn);
    this.tokens = new AccessTokens(() => this.#askForToken());
    this.api = new Api(new Rest(httpApiUrl, () => this.tokens.get()));
    this.people = new People(this, this);
    this.avatars = new Avatars(this, this);
    this.actions = { ...accountActions(this), ...chatActions(this), ...messageActions(this) };
  }

  /** Opens the model with what this device keeps, at a chat or at none. */
  static async start(loading: Promise<Configuration>, chatId: string | null): Promise<LiveModel> {
    const reading = Storage.open().then(async (storage) => ({ storage, kept: await storage.read() }));
    const [configuration, { storage, kept }] = await Promise.all([loading, reading]);
    const model = new LiveModel(configuration, storage);
    model.tabs.listen({ said: (said) => hear(model, said) });
    const wake = () => document.visibilityState === "visible" && model.tabs.wish({ wish: "probe" });
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("online", () => model.tabs.wish({ wish: "probe" }));
    model.#takeUp(kept);
    if (model.webSession.cameBack) {
      await comeBack(model);
    } else if (model.account !== null) {
      await Promise.race([model.openChat(chatId), later(AT_ONCE)]);
    }
    return model;
  }

  get me(): User | null {
    const { account } = this.getSnapshot();
    return account.stage === "signedIn" ? account.me : null;
  }

  get userId(): string {
    return this.account?.userId ?? "";
  }

  /** What is shown to nobody in particular. */
  signedOut(notice: string): Account {
    return { stage: "signedOut", providers: this.webSession.providers, notice };
  }

  async #askForToken(): Promise<Grant> {
    const account = await this.storage.account();
    if (account === null) {
      throw new AuthenticationFailed("Nobody is signed in: sign in again.");
    }
    const { refreshToken } = account;
    return refreshToken === null ? this.webSession.refresh() : this.cognito.refresh(refreshToken);
  }

  set(part: Partial<ModelState>): void {
    this.update((state) => ({ ...state, ...part }));
  }

  /** Takes up what this device keeps, as after signing in. */
  async resume(): Promise<void> {
    this.#takeUp(await this.storage.read());
    this.connect();
  }

  /** Asks the service; at the start once what is kept is seen, as that must not wait for anything. */
  connect(): void {
    if (this.account !== null && !this.#isConnected) {
      this.#isConnected = true;
      this.#lead();
      void this.#meetMyself();
      void pushState(this.storage).then((notifications) => this.set({ notifications }));
    }
  }

  /** Shows what is kept: signed in, or not. */
  #takeUp(kept: Kept): void {
    this.account = kept.account;
    if (kept.account === null) {
      this.set({ account: this.signedOut("") });
      return;
    }
    const { userId, username } = kept.account;
    this.#showing = new Showing(userId);
    this.knowledge = new Knowledge(kept);
    this.avatars.resume(kept.avatars);
    const others = kept.chats.flatMap((record) => record.otherMember ?? []);
    const people = Object.fromEntries([...others, ...kept.people].map((user) => [user.userId, user]));
    const me = kept.me ?? { userId, username };
    const chatsKnown = kept.chats.length > 0;
    this.set({
      account: { stage: "signedIn", me },
      people: { ...people, [userId]: me },
      chatsKnown,
      mayHaveSecondFactor: this.configuration.mfa === "optional" && kept.account.refreshToken !== null,
    });
    this.#render();
  }

  /** Ends the session in this tab; where `forget`, in all tabs, and forgets all that this device keeps. */
  async end(notice: string, forget: boolean): Promise<void> {
    this.#endLeading();
    this.#isConnected = false;
    this.tokens.forget();
    this.account = null;
    this.open = null;
    this.knowledge = new Knowledge();
    if (forget) {
      this.tabs.say({ news: "signedOut", notice });
      await whenNobodyLeads(() => this.storage.clear());
    }
    this.update(({ passwordLength }) => ({ ...STARTING, passwordLength, account: this.signedOut(notice) }));
  }

  // What the actions need.

  record(chatId: string): ChatRecord | undefined {
    return this.knowledge.chat(chatId);
  }

  shown(message: Message): ShownMessage {
    return this.#showing.message(message);
  }

  /** Shows a message that waits to be sent, before anything else. */
  queue(entry: QueuedMessage): void {
    this.knowledge.queue(entry);
    this.render();
    void this.storage.enqueue(entry).then(() => this.tabs.wish({ wish: "queued" }));
  }

  /** Takes a refused message out of the queue; returns it. */
  discard(id: string): QueuedMessage | undefined {
    const found = this.knowledge.discard(id);
    this.render();
    void this.storage.dequeue(id).then(() => this.tabs.wish({ wish: "discarded", id }));
    return found;
  }

  markRead(chatId: string, seq: number): void {
    if (this.knowledge.read(chatId, seq)) {
      this.tabs.wish({ wish: "read", chatId, seq });
      this.render();
    }
  }

  saveDraft(chatId: string, text: string): void {
    this.tabs.say({ news: "draft", chatId, text });
    void this.storage.saveDraft(chatId, text);
  }

  // What it is connected to.

  #lead(): void {
    this.#endLeading = whileLeading(() =>
      Engine.start({
        userId: this.userId,
        api: this.api,
        storage: this.storage,
        tabs: this.tabs,
        webSocketUrl: this.configuration.webSocketUrl,
        refused: (notice) => this.tabs.say({ news: "signedOut", notice }),
      }),
    );
    this.tabs.wish({ wish: "tell" });
  }

  /** Opens a chat, or none; one that is open stays as it is, unless it is to be shown around a message. */
  async openChat(chatId: string | null, seq?: number): Promise<void> {
    if (this.open !== null && this.open.chatId === chatId && seq === undefined) {
      return;
    }
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
      () => this.knowledge.chat(chatId),
      () => this.render(),
    );
    this.tabs.wish({ wish: "look", chatId });
    this.render();
    await this.open.open(seq);
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
    const personOf = (other: string) => this.people.get(other);
    const opened = open === null ? null : { open, userId, personOf, blocked, uploads, uploading };
    this.update((state) => {
      const chats = chatRows(this.knowledge, this.#showing, state.chats);
      return {
        ...state,
        chats,
        conversation: opened && conversationOf(this.knowledge, this.#showing, opened, state.conversation),
        connection: connectionOf(this.knowledge, state.connection),
        chatsKnown: state.chatsKnown || chats.length > 0 || this.knowledge.link.caughtUp,
      };
    });
    this.people.askForStrangers();
  }

  async #meetMyself(): Promise<void> {
    try {
      const [me, blocked] = await Promise.all([this.api.me(), this.api.blocks()]);
      this.blocked = new Set(blocked.map((user) => user.userId));
      await this.storage.setMe(me);
      this.update((state) =>
        state.account.stage === "signedIn" ? { ...state, account: { stage: "signedIn", me } } : state,
      );
      this.people.meet([me]);
      this.render();
      await renew(this.api, this.storage);
    } catch {
      // offline: what is kept here is shown, and the next start asks again
    }
  }
}

function later(delay: number): Promise<void> {
  return new Promise((done) => setTimeout(done, delay));
}
