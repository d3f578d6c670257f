/** Carries out a session's effects in a browser: connections, timers, listings. It decides nothing. */
import type { Effect } from "../core/effects.ts";
import type { Event } from "../core/events.ts";
import type { Session } from "../core/session.ts";
import type { Api } from "./api.ts";
import { AuthenticationFailed, TooManyRequests } from "./errors.ts";

/** Runs one session until it is closed. */
export class Runner {
  readonly #session: Session;
  readonly #api: Api;
  readonly #webSocketUrl: string;
  readonly #notify: (events: readonly Event[]) => void;
  readonly #sockets = new Map<number, WebSocket>();
  /** Connections that are being opened and may still be closed. */
  readonly #opening = new Set<number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** `notify` takes the events of each turn, in order. */
  constructor(session: Session, api: Api, webSocketUrl: string, notify: (events: readonly Event[]) => void) {
    this.#session = session;
    this.#api = api;
    this.#webSocketUrl = webSocketUrl;
    this.#notify = notify;
  }

  /** Tells the session what happens, then does what it asks for. */
  do(happens: (session: Session) => void): void {
    happens(this.#session);
    const events: Event[] = [];
    for (const effect of this.#session.takeEffects()) {
      if (effect.effect === "notify") {
        events.push(effect.event);
      } else {
        this.#carryOut(effect);
      }
    }
    this.#notify(events);
  }

  /** Closes the connections and leaves no timer behind. */
  close(): void {
    this.do((session) => session.stop());
    for (const timer of this.#timers.values()) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }

  #carryOut(effect: Exclude<Effect, { effect: "notify" }>): void {
    switch (effect.effect) {
      case "sendFrame":
        this.#sockets.get(effect.connection)?.send(JSON.stringify(effect.frame));
        break;
      case "startTimer":
        this.#startTimer(effect.timer, effect.delay);
        break;
      case "cancelTimer":
        clearTimeout(this.#timers.get(effect.timer));
        this.#timers.delete(effect.timer);
        break;
      case "openConnection":
        void this.#open(effect.connection);
        break;
      case "closeConnection":
        this.#opening.delete(effect.connection);
        this.#sockets.get(effect.connection)?.close();
        this.#sockets.delete(effect.connection);
        break;
      case "listChats":
        void this.#listChats(effect.listing);
        break;
      case "answerQuery":
      case "failQuery":
        break; // the session has taken in what it says; nobody waits for more
    }
  }

  #startTimer(timer: string, delay: number): void {
    clearTimeout(this.#timers.get(timer));
    const fire = () => {
      this.#timers.delete(timer);
      this.do((session) => session.timerFired(timer));
    };
    this.#timers.set(timer, setTimeout(fire, delay * 1_000));
  }

  async #open(connection: number): Promise<void> {
    this.#opening.add(connection);
    try {
      // Always a new one: a browser does not tell that an upgrade was refused with 429, which spends no ticket.
      const { ticket, claims } = await this.#api.createTicket();
      if (!this.#opening.has(connection)) {
        return;
      }
      const socket = new WebSocket(`${this.#webSocketUrl}?ticket=${encodeURIComponent(ticket)}`);
      this.#sockets.set(connection, socket);
      socket.onopen = () => {
        this.#opening.delete(connection);
        this.do((session) => session.opened(connection, claims.sub, claims.exp - Date.now() / 1_000));
      };
      socket.onmessage = ({ data }) => this.do((session) => session.received(connection, String(data)));
      socket.onclose = ({ code, reason }) => this.#closed(connection, code, reason);
    } catch (fault) {
      this.#failed(connection, fault);
    }
  }

  /** A connection is closed: by the service or the network, for one of ours is forgotten before. */
  #closed(connection: number, code: number, reason: string): void {
    if (!this.#sockets.delete(connection)) {
      return;
    }
    const why = code === 1006 ? "the connection broke" : `closed by the service (${code} ${reason})`;
    if (this.#opening.delete(connection)) {
      this.do((session) => session.openFailed(connection, "the service cannot be reached"));
    } else {
      this.do((session) => session.lost(connection, why));
    }
  }

  #failed(connection: number, fault: unknown): void {
    if (this.#opening.delete(connection)) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      const refused = fault instanceof AuthenticationFailed;
      const retryAfter = fault instanceof TooManyRequests ? fault.retryAfter : 0;
      this.do((session) => session.openFailed(connection, reason, refused, retryAfter));
    }
  }

  async #listChats(listing: number): Promise<void> {
    try {
      const chats = await this.#api.chats();
      this.do((session) => session.chatsListed(listing, chats));
    } catch {
      this.do((session) => session.listingFailed(listing)); // which asks again, later
    }
  }
}
