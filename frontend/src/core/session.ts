/**
 * The chat session: a protocol core without I/O, clock or randomness of its own; a port of
 * client/parley_client/session.py, which has the table of what a chat goes through.
 *
 * A driver calls a method for each thing that happens and then carries out what `takeEffects` returns. The same calls
 * and effects, as JSON, are the vectors of tests/client/vectors, which both cores pass.
 */
import { Activity } from "./activity.ts";
import { CatchUp } from "./catchUp.ts";
import type { ChatView } from "./chatState.ts";
import { type Chat, Chats, type Snapshot } from "./chats.ts";
import type { Query } from "./clientFrames.ts";
import { Connections } from "./connections.ts";
import { Dispatch } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import type { ConnectionState } from "./events.ts";
import { decode } from "./frames.ts";
import { Delays, type Policy } from "./policy.ts";
import { Queries } from "./queries.ts";
import { Receipts } from "./receipts.ts";
import { Receiving } from "./receiving.ts";
import { Requests } from "./requests.ts";
import { Sending } from "./sending.ts";
import { type ChatSummary, type Member, type NewMessage, readChat } from "./values.ts";

/** One user's chats over connections that come and go. */
export class Session {
  #effects: Effect[] = [];
  readonly #chats: Chats;
  readonly #connections: Connections;
  readonly #requests: Requests;
  readonly #sending: Sending;
  readonly #catchUp: CatchUp;
  readonly #receiving: Receiving;
  readonly #receipts: Receipts;
  readonly #activity: Activity;
  readonly #queries: Queries;
  readonly #dispatch: Dispatch;

  /** Starts offline, where `snapshot` left off; `random` returns numbers from [0, 1). */
  constructor(policy: Policy, random: () => number, snapshot: Snapshot) {
    const emit = (effect: Effect) => this.#effects.push(effect);
    const delays = new Delays(policy, random);
    const chats = new Chats(snapshot, policy.backlog);
    const connections = new Connections(emit, policy, delays);
    const requests = new Requests(emit, connections, policy.requestTimeout);
    const sending = new Sending(emit, policy, delays, chats, requests);
    const catchUp = new CatchUp(emit, policy, delays, chats, requests, sending);
    const receiving = new Receiving(emit, chats, requests, catchUp);
    const receipts = new Receipts(emit, policy, delays, chats, requests, snapshot.marks);
    const activity = new Activity(emit, policy, delays, chats, requests);
    const queries = new Queries(emit, policy, delays, chats, requests);
    const parts = { requests, sending, catchUp, receiving, receipts, activity, queries };
    this.#chats = chats;
    this.#connections = connections;
    this.#requests = requests;
    this.#sending = sending;
    this.#catchUp = catchUp;
    this.#receiving = receiving;
    this.#receipts = receipts;
    this.#activity = activity;
    this.#queries = queries;
    this.#dispatch = new Dispatch(parts);
  }

  // What the application and its driver ask.

  get state(): ConnectionState {
    return this.#connections.state;
  }

  /** What is to be done since the last call, in order. */
  takeEffects(): readonly Effect[] {
    const taken = this.#effects;
    this.#effects = [];
    return taken;
  }

  /** What a later session needs to go on from here without loss or repetition. */
  snapshot(): Snapshot {
    return this.#chats.snapshot(this.#receipts.unconfirmed);
  }

  /** A chat as it is known now; null if it was never met, or left. */
  chat(chatId: string): ChatView | null {
    if (!this.#chats.isIn(chatId)) {
      return null;
    }
    const chat = this.#chats.get(chatId);
    return chat.state.view(chat.messages.known, chat.changes.cursor);
  }

  /** The chats that this user is in, as far as is known. */
  get chatIds(): readonly string[] {
    return this.#chats.all.filter((chat: Chat) => !chat.left).map((chat) => chat.chatId);
  }

  /** Goes online and stays so; after a refusal, tries again. */
  start(): void {
    this.#connections.start();
  }

  /** Closes the connections; the outbox stays. */
  stop(): void {
    for (const connection of [this.#connections.draining, this.#connections.current]) {
      this.#release(connection);
    }
    this.#connections.stop();
  }

  /** Checks the connection, or opens one, at once: the network or the process may have been asleep. */
  probe(): void {
    this.#connections.probe();
  }

  /** Puts a message into the chat's outbox; its id is a new ULID. */
  send(chatId: string, message: NewMessage): void {
    this.#chats.get(chatId).outbox.add(message);
    this.#sending.advance();
  }

  /** Tells the others how far this user holds and has read a chat, as far as it was received. */
  mark(chatId: string, { deliveredSeq = 0, readSeq = 0 }: { deliveredSeq?: number; readSeq?: number }): void {
    this.#receipts.mark(chatId, deliveredSeq, readSeq);
    this.#receipts.advance();
  }

  /** Tells the others that this user is writing; to be called at every keystroke. */
  type(chatId: string): void {
    this.#activity.type(chatId);
  }

  /** Asks for something; one `answerQuery` or `failQuery` follows, under the query's request id. */
  query(query: Query): void {
    this.#queries.ask(query);
  }

  // What happens to connections and listings.

  /** A WebSocket is open for this user; its token ends in `expiresIn` seconds. */
  opened(connection: number, userId: string, expiresIn: number | null = null): void {
    this.#close(this.#connections.draining, "replaced");
    if (!this.#connections.opened(connection, expiresIn)) {
      return;
    }
    this.#receiving.userId = userId;
    this.#catchUp.begin();
    this.#queries.askAll();
    this.#advance();
  }

  /** A WebSocket could not be opened; tries again, in `retryAfter` seconds at least, unless `refused`. */
  openFailed(connection: number, reason: string, refused = false, retryAfter = 0): void {
    this.#connections.openFailed(connection, reason, refused, retryAfter);
  }

  /** A connection is closed, from whichever side. */
  lost(connection: number, reason: string): void {
    this.#release(connection);
    this.#connections.lost(connection, reason);
    this.#advance();
  }

  /** GET /chats was answered. */
  chatsListed(listing: number, chats: readonly ChatSummary[]): void {
    this.#catchUp.listed(listing, chats.map(readChat));
    this.#advance();
  }

  /** GET /chats was not answered. */
  listingFailed(listing: number): void {
    this.#catchUp.listingFailed(listing);
  }

  /** Learns of a chat outside a listing: the service has answered that this user is in it. */
  discovered(chat: ChatSummary): void {
    this.#catchUp.discovered(readChat(chat));
    this.#advance();
  }

  /**
   * The service has told who is in a chat, knowing its changes up to `lastChange`; null: it knew everything that was
   * received by now. Returns false where it did not know a change of the members that was received: list again.
   */
  membersListed(chatId: string, members: Iterable<Member>, lastChange: number | null = null): boolean {
    if (!this.#chats.isIn(chatId)) {
      return true;
    }
    const chat = this.#chats.get(chatId);
    return chat.state.learnMembers(members, lastChange ?? chat.changes.cursor);
  }

  /** A frame arrived. What it says is true whichever connection brought it. */
  received(connection: number, data: string): void {
    this.#connections.heard(connection);
    let frame = decode(data);
    if (frame.type === "gatewayError") {
      frame = { type: "error", code: "gateway", message: frame.message, retryable: true, definite: false };
    }
    if (frame.type !== "error") {
      this.#dispatch.received(frame);
    } else if (frame.code === "token_expired" || frame.code === "signed_out") {
      this.#close(connection, "the access token has ended");
    } else {
      this.#dispatch.failed(connection, frame);
    }
    this.#advance();
  }

  /** A timer that a `startTimer` effect started has run out. */
  timerFired(timer: string): void {
    const [name, key] = divided(timer);
    const act: Readonly<Record<string, () => void>> = {
      reconnect: () => this.#connections.reconnect(),
      renew: () => this.#connections.renew(),
      steady: () => this.#connections.steady(),
      ping: () => this.#heartbeat(),
      pong: () => this.#close(this.#connections.current, "no answer to a ping"),
      drain: () => this.#close(this.#connections.draining, "replaced"),
      list: () => this.#catchUp.listChats(),
      sync: () => this.#catchUp.syncAgain(),
      gap: () => this.#catchUp.gapStayed(key),
      send: () => this.#sending.repeat(key),
      limit: () => this.#sending.limitOver(),
      receipt: () => this.#receipts.rested(key),
      typed: () => this.#activity.mayTellAgain(key),
      typing: () => this.#activity.writingOver(key),
      query: () => this.#queries.askAgain(key),
      request: () => this.#timedOut(key),
    };
    act[name]?.();
    this.#advance();
  }

  // Requests and connections.

  #advance(): void {
    this.#catchUp.advance();
    this.#sending.advance();
    this.#receipts.advance();
    const { draining } = this.#connections;
    if (draining !== null && this.#requests.on(draining).length === 0) {
      this.#close(draining, "replaced");
    }
  }

  #heartbeat(): void {
    this.#connections.heartbeat();
    this.#catchUp.pinged();
  }

  #close(connection: number | null, reason: string): void {
    if (connection !== null) {
      this.#release(connection);
      this.#connections.close(connection, reason);
    }
  }

  /** Frees what waits for answers on a connection, so that it is asked again on the next. */
  #release(connection: number | null): void {
    for (const requestId of this.#requests.on(connection)) {
      const request = this.#requests.finish(requestId);
      if (request !== null) {
        this.#dispatch.unanswered(request);
      }
    }
  }

  #timedOut(requestId: string): void {
    const request = this.#requests.timedOut(requestId);
    if (!this.#queries.timedOut(requestId) && request !== null) {
      this.#dispatch.unanswered(request);
    }
    if (request !== null) {
      this.#connections.ping();
    }
  }
}

/** A timer's name, and the key after its colon. */
function divided(timer: string): [string, string] {
  const colon = timer.indexOf(":");
  return colon < 0 ? [timer, ""] : [timer.slice(0, colon), timer.slice(colon + 1)];
}
