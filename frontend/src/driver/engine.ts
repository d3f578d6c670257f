/**
 * The tab that holds the connection: runs the session, keeps what comes of it, tells all tabs.
 *
 * What comes of a turn of the session is written together with how far the session has got, so that a later session
 * goes on from what is really kept here. A message to be sent is in the queue first; it is taken into the session
 * only when the snapshot that has it is written, so it is sent once, whichever tab or process ends when.
 */

import type { ChatView } from "../core/chatState.ts";
import type { Snapshot } from "../core/chats.ts";
import type { Event } from "../core/events.ts";
import { POLICY } from "../core/policy.ts";
import { Session } from "../core/session.ts";
import { type ChatSummary, type Message, versionOf } from "../core/values.ts";
import type { Api } from "./api.ts";
import type { ChatRecord, Link, QueuedMessage, Wish } from "./records.ts";
import { Runner } from "./runner.ts";
import type { Progress, Storage } from "./storage.ts";
import type { Tabs } from "./tabs.ts";

/** Of a chat that is new here, how many of its latest messages come at once; the others when they are looked for. */
const BACKLOG = 60;
/** Of how many direct chats, the latest, it is asked who is online. */
const PRESENCES = 30;
/** How often the members are listed while changes keep coming. */
const LISTINGS = 3;

type Changes = { -readonly [Part in keyof Progress]: Progress[Part][number][] };

export class Engine {
  readonly #userId: string;
  readonly #api: Api;
  readonly #storage: Storage;
  readonly #tabs: Tabs;
  readonly #session: Session;
  readonly #runner: Runner;
  readonly #records: Map<string, ChatRecord>;
  readonly #unlisten: () => void;
  #outbox: readonly QueuedMessage[];
  /** Ids that this session has, or has had: the queue may still hold them. */
  readonly #taken: Set<string>;
  #link: Link = { state: "offline", reason: "", retryAt: null, caughtUp: false };
  #changes = noChanges();
  #saving = false;
  /** What is written, one thing after the other. */
  #writes: Promise<void> = Promise.resolve();
  #questions = 0;
  /** Chats of which it is asked what they are. */
  readonly #describing = new Set<string>();
  readonly #retired: (reason: string) => void;

  private constructor(
    given: Given,
    snapshot: Snapshot,
    records: readonly ChatRecord[],
    outbox: readonly QueuedMessage[],
  ) {
    this.#userId = given.userId;
    this.#api = given.api;
    this.#storage = given.storage;
    this.#tabs = given.tabs;
    this.#retired = given.refused;
    this.#records = new Map(records.map((record) => [record.chatId, record]));
    this.#outbox = outbox;
    this.#taken = new Set(snapshot.outbox.map((entry) => entry.id));
    this.#session = new Session({ ...POLICY, backlog: BACKLOG }, Math.random, snapshot);
    this.#runner = new Runner(this.#session, given.api, given.webSocketUrl, (events) => this.#take(events));
    this.#unlisten = given.tabs.listen({ wished: (wish) => this.#grant(wish) });
  }

  /** Goes on from what is kept here. */
  static async start(given: Given): Promise<Engine> {
    const [snapshot, { chats, queue }] = await Promise.all([given.storage.snapshot(), given.storage.read()]);
    const engine = new Engine(given, snapshot, chats, queue);
    engine.#runner.do((session) => session.start());
    engine.#takeQueue();
    return engine;
  }

  /** Closes the connection; what is not sent stays. */
  async stop(): Promise<void> {
    this.#unlisten();
    this.#runner.close();
    await this.#writes;
  }

  /** The network or the process may have been asleep: sees how things stand. */
  probe(): void {
    this.#runner.do((session) => session.probe());
  }

  // What tabs wish.

  #grant(wish: Wish): void {
    switch (wish.wish) {
      case "queued":
        this.#takeQueue();
        break;
      case "discarded":
        this.#settle(wish.id, null);
        break;
      case "read":
        this.#runner.do((session) => session.mark(wish.chatId, { readSeq: wish.seq }));
        break;
      case "type":
        this.#runner.do((session) => session.type(wish.chatId));
        break;
      case "probe":
        this.probe();
        break;
      case "tell":
        this.#tabs.say({ news: "link", link: this.#link });
        this.#tabs.say({ news: "outbox", outbox: this.#outbox });
        break;
      case "look":
        void this.#look(wish.chatId);
        break;
      case "discovered":
        this.#discover(wish.chat);
        break;
    }
  }

  /** Takes what is queued into the session, once what says so is written. */
  #takeQueue(): void {
    this.#writes = this.#writes.then(async () => {
      const queue = await this.#storage.queue();
      const added = queue.filter((entry) => entry.refusal === null && !this.#taken.has(entry.message.id));
      const snapshot = this.#session.snapshot();
      const outbox = [...snapshot.outbox, ...added.map(({ chatId, message }) => ({ chatId, ...message }))];
      await this.#storage.save(this.#takeChanges(), { ...snapshot, outbox });
      this.#outbox = [...this.#outbox.filter((entry) => !added.some((one) => isSame(one, entry))), ...added];
      for (const { chatId, message } of added) {
        this.#taken.add(message.id);
        this.#runner.do((session) => session.send(chatId, message));
      }
      this.#tabs.say({ news: "outbox", outbox: this.#outbox });
    });
  }

  /** Who is in a chat, how far they have got, and who of them is online. */
  async #look(chatId: string): Promise<void> {
    this.#questions += 1;
    const requestId = `q${this.#questions}`;
    if (!chatId.startsWith("c:")) {
      this.#runner.do((session) => session.query({ action: "getPresence", requestId, chatId }));
    }
    for (let attempt = 0, taken = false; attempt < LISTINGS && !taken; attempt += 1) {
      const listing = await this.#api.members(chatId).catch(() => null);
      if (listing === null) {
        return; // asked again when the chat is opened again
      }
      this.#runner.do((session) => {
        taken = session.membersListed(chatId, listing.members, listing.lastChange);
      });
    }
    this.#publish(chatId);
    this.#save();
  }

  /** Asks what a chat is of which no more than a message has come, as of one that somebody else has begun. */
  async #describe(chatId: string): Promise<void> {
    if (this.#records.has(chatId) || this.#describing.has(chatId)) {
      return;
    }
    this.#describing.add(chatId);
    try {
      this.#discover(await this.#api.chat(chatId));
    } catch {
      // the next listing has it
    } finally {
      this.#describing.delete(chatId);
    }
  }

  /** Takes in what the service has answered about a chat that this user is in. */
  #discover(chat: ChatSummary): void {
    this.#runner.do((session) => session.discovered(chat));
    this.#publish(chat.chatId, chat.lastMessage === undefined ? [] : [chat.lastMessage]);
    this.#save();
  }

  // What the session tells.

  #take(events: readonly Event[]): void {
    const touched = new Map<string, Message[]>();
    const messages = new Map<string, Message[]>();
    for (const event of events) {
      this.#takeOne(event, messages);
      if (event.event === "chatFound") {
        const { chatId, lastMessage } = event.chat;
        touched.set(chatId, lastMessage === undefined ? [] : [lastMessage]);
      } else if (event.event === "caughtUp") {
        for (const chatId of this.#session.chatIds) {
          touched.set(chatId, touched.get(chatId) ?? []);
        }
      } else if ("chatId" in event) {
        touched.set(event.chatId, touched.get(event.chatId) ?? []);
      }
    }
    for (const [chatId, list] of messages) {
      this.#changes.messages.push(...list.map((message) => ({ chatId, message })));
      this.#tabs.say({ news: "messages", chatId, messages: list });
    }
    for (const [chatId, told] of touched) {
      this.#publish(chatId, [...told, ...(messages.get(chatId) ?? [])]);
    }
    if (touched.size > 0) {
      this.#save();
    }
  }

  #takeOne(event: Event, messages: Map<string, Message[]>): void {
    const show = (chatId: string, message: Message) =>
      messages.set(chatId, [...(messages.get(chatId) ?? []), message]);
    switch (event.event) {
      case "connectionChanged":
        this.#linkChanged(event);
        break;
      case "caughtUp":
        this.#tell({ caughtUp: true });
        this.#askWhoIsOnline();
        break;
      case "messageReceived":
        show(event.chatId, event.message);
        this.#received(event.chatId, event.message);
        break;
      case "messageChanged":
        if (event.change.message !== undefined) {
          show(event.chatId, event.change.message);
        }
        break;
      case "messageSent":
        this.#changes.settled.push(event.message.id); // shown as on its way until it is received, in its turn
        break;
      case "messageRefused":
        this.#changes.refused.push({ id: event.id, refusal: event.message });
        this.#settle(event.id, event.message);
        break;
      case "chatLeft":
        this.#records.delete(event.chatId);
        this.#changes.gone.push(event.chatId);
        this.#tabs.say({ news: "chatGone", chatId: event.chatId });
        break;
      case "historyReset":
        this.#changes.voided.push(event.chatId);
        this.#tabs.say({ news: "reset", chatId: event.chatId });
        break;
    }
  }

  #received(chatId: string, message: Message): void {
    const own = message.senderId === this.#userId;
    if (own) {
      this.#settle(message.id, null);
    }
    const marks = own ? { readSeq: message.seq } : { deliveredSeq: message.seq };
    queueMicrotask(() => this.#runner.do((session) => session.mark(chatId, marks)));
  }

  /** A message is sent, or refused for the given reason. */
  #settle(id: string, refusal: string | null): void {
    this.#outbox = this.#outbox.flatMap((entry) => {
      if (entry.message.id !== id) {
        return [entry];
      }
      return refusal === null ? [] : [{ ...entry, refusal }];
    });
    this.#tabs.say({ news: "outbox", outbox: this.#outbox });
  }

  #linkChanged({ state, reason, retryIn }: Extract<Event, { event: "connectionChanged" }>): void {
    const retryAt = retryIn === null ? null : Date.now() + retryIn * 1_000;
    this.#tell({ state, reason, retryAt, caughtUp: false });
    if (state === "refused") {
      this.#retired(reason);
    }
  }

  #tell(part: Partial<Link>): void {
    this.#link = { ...this.#link, ...part };
    this.#tabs.say({ news: "link", link: this.#link });
  }

  #askWhoIsOnline(): void {
    const direct = [...this.#records.values()].filter((record) => record.kind === "direct");
    direct.sort((one, other) =>
      (other.lastMessage?.sentAt ?? "").localeCompare(one.lastMessage?.sentAt ?? ""),
    );
    for (const { chatId } of direct.slice(0, PRESENCES)) {
      this.#questions += 1;
      const requestId = `q${this.#questions}`;
      queueMicrotask(() =>
        this.#runner.do((session) => session.query({ action: "getPresence", requestId, chatId })),
      );
    }
  }

  /** Tells all tabs how a chat stands; `news` are messages of it that have just come. */
  #publish(chatId: string, news: readonly Message[] = []): void {
    const view = this.#session.chat(chatId);
    if (view === null) {
      return;
    }
    if (view.kind === "") {
      void this.#describe(chatId);
      return; // what is kept of it stands until then
    }
    const { messages: held, ...rest } = view;
    const known = this.#records.get(chatId);
    const lastMessage = [held.at(-1) ?? null, ...news].reduce(latest, known?.lastMessage ?? null);
    const record: ChatRecord = { ...rest, ...membersAndMarks(rest, known), lastMessage };
    this.#records.set(chatId, record);
    this.#changes.chats.push(record);
    this.#tabs.say({ news: "chat", record });
  }

  /** Writes what has come, soon: all that comes until then together. */
  #save(): void {
    if (this.#saving) {
      return;
    }
    this.#saving = true;
    this.#writes = this.#writes.then(async () => {
      this.#saving = false;
      const snapshot = this.#session.snapshot();
      await this.#storage.save(this.#takeChanges(), snapshot);
    });
  }

  #takeChanges(): Progress {
    const changes = this.#changes;
    this.#changes = noChanges();
    return changes;
  }
}

/** Who is in a chat and how far they are: as it was known last, until this session has listed them. */
function membersAndMarks(view: Omit<ChatView, "messages">, known: ChatRecord | undefined) {
  return view.members === null && known !== undefined
    ? { members: known.members, marks: { ...known.marks, ...view.marks } }
    : { members: view.members, marks: view.marks };
}

/** What an engine works with; `refused` is told when the service does not accept who this is any more. */
export interface Given {
  readonly userId: string;
  readonly api: Api;
  readonly storage: Storage;
  readonly tabs: Tabs;
  readonly webSocketUrl: string;
  readonly refused: (reason: string) => void;
}

function noChanges(): Changes {
  return { chats: [], messages: [], gone: [], voided: [], settled: [], refused: [] };
}

/** The later of two messages, in its later version. */
function latest(one: Message | null, other: Message | null): Message | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  if (one.seq !== other.seq) {
    return one.seq > other.seq ? one : other;
  }
  return versionOf(one) > versionOf(other) ? one : other;
}

function isSame(one: QueuedMessage, other: QueuedMessage): boolean {
  return one.message.id === other.message.id;
}
