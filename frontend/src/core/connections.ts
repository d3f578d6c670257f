/**
 * The life of the connections: open, probe, replace before their end, and open again after a loss.
 *
 * At most one connection is current: frames are sent on it. While it is replaced there are two for a moment:
 *
 * | current | opening | draining | what happens                                                       |
 * |---------|---------|----------|--------------------------------------------------------------------|
 * | -       | -       | -        | offline, refused, or waiting for the `reconnect` timer             |
 * | -       | n       | -        | connecting                                                         |
 * | n       | -       | -        | online; the timers `ping`, `renew` and at first `steady` run       |
 * | n       | m       | -        | online, and the successor is being opened                          |
 * | m       | -       | n        | online on m; n is closed once its requests are answered or `drain` |
 */
import type { Emit } from "./effects.ts";
import type { ConnectionState } from "./events.ts";
import type { Delays, Policy } from "./policy.ts";

/** Decides when connections open and close, and tells the application the truth about them. */
export class Connections {
  state: ConnectionState = "offline";
  current: number | null = null;
  opening: number | null = null;
  draining: number | null = null;
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  #count = 0;
  #attempt = 0;
  #pinged = false;
  #waiting = false;

  constructor(emit: Emit, policy: Policy, delays: Delays) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
  }

  /** Opens the first connection. */
  start(): void {
    if (this.state === "offline" || this.state === "refused") {
      this.#attempt = 0;
      this.#change("connecting");
      this.#open();
    }
  }

  /** Closes everything and stays offline. */
  stop(): void {
    for (const connection of [this.opening, this.current, this.draining]) {
      if (connection !== null) {
        this.#emit({ effect: "closeConnection", connection });
      }
    }
    this.opening = this.current = this.draining = null;
    this.#waiting = false;
    for (const timer of ["reconnect", "renew", "ping", "pong", "steady", "drain"]) {
      this.#cancel(timer);
    }
    if (this.state !== "offline") {
      this.#change("offline");
    }
  }

  /** Takes a connection that has opened into use; returns whether it is now the current one. */
  opened(connection: number, expiresIn: number | null): boolean {
    if (connection !== this.opening) {
      this.#emit({ effect: "closeConnection", connection });
      return false;
    }
    this.opening = null;
    if (this.current !== null) {
      this.draining = this.current;
      this.#start("drain", this.#policy.drainTimeout);
    }
    this.current = connection;
    this.#pinged = false;
    this.#cancel("pong");
    this.#start("ping", this.#policy.pingInterval);
    this.#start("renew", this.#delays.beforeRenewal(expiresIn));
    this.#start("steady", this.#policy.steadyAfter);
    if (this.state !== "online") {
      this.#change("online");
    }
    return true;
  }

  /** Tries again, after `retryAfter` seconds at least, unless the service has refused who we are. */
  openFailed(connection: number, reason: string, refused: boolean, retryAfter = 0): void {
    if (connection !== this.opening) {
      return;
    }
    this.opening = null;
    if (refused && this.current === null) {
      this.#change("refused", reason);
    } else {
      this.#reconnectLater(reason, retryAfter);
    }
  }

  /** Reconnects if the connection was the current one. */
  lost(connection: number, reason: string): void {
    if (connection === this.draining) {
      this.draining = null;
      this.#cancel("drain");
    } else if (connection === this.opening) {
      this.openFailed(connection, reason, false);
    } else if (connection === this.current) {
      this.current = null;
      for (const timer of ["renew", "ping", "pong", "steady"]) {
        this.#cancel(timer);
      }
      if (this.opening === null) {
        this.#reconnectLater(reason);
      } else {
        this.#change("reconnecting", reason);
      }
    }
  }

  /** Notes a sign of life. */
  heard(connection: number): void {
    if (connection === this.current && this.#pinged) {
      this.#pinged = false;
      this.#cancel("pong");
    }
  }

  /**
   * The connection has lasted: its loss, when it comes, is the first of a new row of failures. What was heard on it
   * does not count: one that breaks again and again right after its sync would be opened several times a second.
   */
  steady(): void {
    this.#attempt = 0;
  }

  /** Finds out at once how things stand: pings, or tries to open now. */
  probe(): void {
    if (this.current !== null) {
      this.ping();
    } else if (this.#waiting) {
      this.#cancel("reconnect");
      this.reconnect();
    } else if (this.state === "refused") {
      this.start();
    }
  }

  /** Asks for a sign of life, unless one is awaited. */
  ping(): void {
    if (this.current !== null && !this.#pinged) {
      this.#pinged = true;
      this.#emit({ effect: "sendFrame", connection: this.current, frame: { action: "ping" } });
      this.#start("pong", this.#policy.pongTimeout);
    }
  }

  /** Pings, and again after the interval. */
  heartbeat(): void {
    this.ping();
    this.#start("ping", this.#policy.pingInterval);
  }

  /** Opens a connection after the delay. */
  reconnect(): void {
    this.#waiting = false;
    if (this.opening === null) {
      this.#open();
    }
  }

  /** Opens the successor of the current connection. */
  renew(): void {
    if (this.current !== null && this.opening === null && !this.#waiting) {
      this.#open();
    }
  }

  /** Closes a connection that is not needed, or not alive, any more. */
  close(connection: number, reason: string): void {
    this.#emit({ effect: "closeConnection", connection });
    this.lost(connection, reason);
  }

  #open(): void {
    this.#count += 1;
    this.opening = this.#count;
    this.#emit({ effect: "openConnection", connection: this.#count });
  }

  #reconnectLater(reason: string, retryAfter = 0): void {
    const delay = this.#delays.beforeReconnect(this.#attempt, retryAfter);
    this.#attempt += 1;
    this.#waiting = true;
    this.#start("reconnect", delay);
    if (this.current === null) {
      this.#change("reconnecting", reason, delay);
    }
  }

  #change(state: ConnectionState, reason = "", retryIn: number | null = null): void {
    this.state = state;
    this.#emit({ effect: "notify", event: { event: "connectionChanged", state, reason, retryIn } });
  }

  #start(timer: string, delay: number): void {
    this.#emit({ effect: "startTimer", timer, delay });
  }

  #cancel(timer: string): void {
    this.#emit({ effect: "cancelTimer", timer });
  }
}
