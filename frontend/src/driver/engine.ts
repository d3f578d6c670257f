/**
 * The tab that holds the connection: runs the session, keeps what comes of it, tells all tabs.
 *
 * What comes of a turn of the session is written together with how far the session has got, so that a later session
 * goes on from what is really kept here. A message to be sent is in the queue first; it is taken into the session
 * only when the snapshot that has it is written, so it is sent once, whichever tab or process ends when.
 */

import type { Snapshot } from "../core/chats.ts";
import type { Event } from "../core/events.ts";
import { POLICY } from "../core/policy.ts";
import { Session } from "../core/session.ts";
import type { Change, Message } from "../core/values.ts";
import type { Api } from "./api.ts";
import { recordOf, withChange } from "./chatRecords.ts";
import { Questions } from "./questions.ts";
import type { ChatRecord, Link, QueuedMessage, Wish } from "./records.ts";
import { Runner } from "./runner.ts";
import { Saving } from "./saving.ts";
import type { Storage } from "./storage.ts";
import type { Tabs } from "./tabs.ts";

/** Of a chat that is new here, how many of its latest messages come at once; the others when they are looked for. */
const BACKLOG = 60;

export class Engine {
  readonly #userId: string;
  readonly #storage: Storage;
  readonly #tabs: Tabs;
  readonly #session: Session;
  readonly #runner: Runner;
  readonly #questions: Questions;
  readonly #saving: Saving;
  readonly #records: Map<string, ChatRecord>;
  readonly #unlisten: () => void;
  #outbox: readonly QueuedMessage[];
  /** Ids that this session has, or has had: the queue may still hold them. */
  readonly #taken: Set<string>;
  #link: Link = { state: "connecting", reason: "", retryAt: null, caughtUp: false };
  readonly #retired: (reason: string) => void;

  private constructor(
    given: Given,
    snapshot: Snapshot,
    records: readonly ChatRecord[],
    outbox: readonly QueuedMessage[],
  ) {
    this.#userId = given.userId;
    this.#storage = given.storage;
    this.#tabs = given.tabs;
    this.#retired = given.refused;
    this.#records = new Map(records.map((record) => [record.chatId, record]));
    this.#outbox = outbox;
    this.#taken = new Set(snapshot.outbox.map((entry) => entry.id));
    this.#session = new Session({ ...POLICY, backlog: BACKLOG }, Math.random, snapshot);
    this.#runner = new Runner(this.#session, given.api, given.webSocketUrl, (events) => this.#take(events));
    this.#questions = new Questions(
      given.api,
      (happens) => this.#runner.do(happens),
      (chatId, news) => {
        this.#publish(chatId, news);
        this.#saving.soon();
      },
    );
    this.#saving = new Saving(given.storage, () => this.#session.snapshot());
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
    await this.#saving.done();
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
        void this.#questions.look(wish.chatId);
        break;
      case "discovered":
        this.#questions.discover(wish.chat);
        break;
    }
  }

  /** Takes what is queued into the session, once what says so is written. */
  #takeQueue(): void {
    this.#saving.inTurn(async () => {
      const queue = await this.#storage.queue();
      const added = queue.filter((entry) => entry.refusal === null && !this.#taken.has(entry.message.id));
      const snapshot = this.#session.snapshot();
      const outbox = [...snapshot.outbox, ...added.map(({ chatId, message }) => ({ chatId, ...message }))];
      await this.#saving.now({ ...snapshot, outbox });
      this.#outbox = [...this.#outbox.filter((entry) => !added.some((one) => isSame(one, entry))), ...added];
      for (const { chatId, message } of added) {
        this.#taken.add(message.id);
        this.#runner.do((session) => session.send(chatId, message));
      }
      this.#tabs.say({ news: "outbox", outbox: this.#outbox });
    });
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
      } else if (event.event === "chatUpdated") {
        touched.set(event.chat.chatId, touched.get(event.chat.chatId) ?? []);
      } else if (event.event === "caughtUp") {
        for (const chatId of this.#session.chatIds) {
          touched.set(chatId, touched.get(chatId) ?? []);
        }
      } else if ("chatId" in event) {
        touched.set(event.chatId, touched.get(event.chatId) ?? []);
      }
    }
    for (const [chatId, list] of messages) {
      this.#saving.changes.messages.push(...list.map((message) => ({ chatId, message })));
      this.#tabs.say({ news: "messages", chatId, messages: list });
    }
    for (const [chatId, told] of touched) {
      this.#publish(chatId, [...told, ...(messages.get(chatId) ?? [])]);
    }
    if (touched.size > 0) {
      this.#saving.soon();
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
        this.#questions.askWhoIsOnline(this.#records.values());
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
        this.#saving.changes.settled.push(event.message.id); // shown as on its way until it is received, in its turn
        break;
      case "messageRefused":
        this.#saving.changes.refused.push({ id: event.id, refusal: event.message });
        this.#settle(event.id, event.message);
        break;
      case "chatChanged":
        this.#changed(event.chatId, event.change);
        break;
      case "chatLeft":
        this.#records.delete(event.chatId);
        this.#saving.changes.gone.push(event.chatId);
        this.#tabs.say({ news: "chatGone", chatId: event.chatId });
        break;
      case "historyReset":
        this.#saving.changes.voided.push(event.chatId);
        this.#tabs.say({ news: "reset", chatId: event.chatId });
        break;
    }
  }

  #changed(chatId: string, change: Change): void {
    const known = this.#records.get(chatId);
    if (known !== undefined) {
      this.#records.set(chatId, withChange(known, change));
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

  /** Tells all tabs how a chat stands; `news` are messages of it that have just come. */
  #publish(chatId: string, news: readonly Message[] = []): void {
    const view = this.#session.chat(chatId);
    if (view === null) {
      return;
    }
    if (view.kind === "") {
      if (!this.#records.has(chatId)) {
        void this.#questions.describe(chatId);
      }
      return; // what is kept of it stands until then
    }
    const record = recordOf(view, this.#records.get(chatId), news);
    this.#records.set(chatId, record);
    this.#saving.changes.chats.push(record);
    this.#tabs.say({ news: "chat", record });
  }
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

function isSame(one: QueuedMessage, other: QueuedMessage): boolean {
  return one.message.id === other.message.id;
}
