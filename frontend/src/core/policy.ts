/** Every number the session decides by: timeouts, delays, sizes; and full jitter. */

/** Settings of a session. Durations are in seconds, sizes in bytes. */
export interface Policy {
  /** A request unanswered for so long is repeated (a query fails) and the connection is probed. */
  readonly requestTimeout: number;
  /** Below API Gateway's idle timeout of 10 minutes. */
  readonly pingInterval: number;
  /**
   * With every so many-th ping of a connection the chats are listed, which shows lost pushes: rare, and a listing is the
   * dearest thing that a client asks for (docs/scale.md).
   */
  readonly pingsPerListing: number;
  /** Silence after a ping for so long means that the connection is dead. */
  readonly pongTimeout: number;
  /** How long an early message waits for its predecessor before the session fetches what is missing. */
  readonly gapPatience: number;
  readonly reconnectBase: number;
  readonly reconnectCap: number;
  /**
   * A connection that lasts so long ends a row of failures. As often a user may connect in the long run: the service's
   * `ConnectLimit` is 0.2 a second.
   */
  readonly steadyAfter: number;
  readonly retryBase: number;
  readonly retryCap: number;
  /** API Gateway closes a connection after 2 hours; a new one is opened well before. */
  readonly connectionLifetime: number;
  /** How long a replaced connection may still wait for answers. */
  readonly drainTimeout: number;
  /** API Gateway closes the connection on a frame above 32 KB; texts of one frame stay below this. */
  readonly frameBytes: number;
  readonly frameMessages: number;
  /** Chats asked for in one sync frame; the service takes up to 100. */
  readonly syncChats: number;
  /** At most one frame a chat in so long tells how far this user holds and has read it. */
  readonly receiptInterval: number;
  /** At most one frame a chat in so long tells that this user is writing. */
  readonly typingInterval: number;
  /** For so long another member is shown as writing, counted from the arrival: clocks differ. */
  readonly typingLifetime: number;
  /** How often a query is asked when the service cannot answer it for the moment. */
  readonly queryAttempts: number;
  /** Of a chat met for the first time, how many of its latest messages are received; null: all. */
  readonly backlog: number | null;
}

export const POLICY: Policy = {
  requestTimeout: 10,
  pingInterval: 240,
  pingsPerListing: 4,
  pongTimeout: 10,
  gapPatience: 0.2,
  reconnectBase: 0.5,
  reconnectCap: 30,
  steadyAfter: 5,
  retryBase: 0.2,
  retryCap: 10,
  connectionLifetime: 7_200,
  drainTimeout: 10,
  frameBytes: 28_000,
  frameMessages: 25,
  syncChats: 50,
  receiptInterval: 1,
  typingInterval: 4,
  typingLifetime: 6,
  queryAttempts: 5,
  backlog: null,
};

/**
 * Random delays, in seconds. Retries use full jitter, which spreads the clients that one outage cut off together
 * (AWS architecture blog, "Exponential backoff and jitter").
 */
export class Delays {
  readonly #policy: Policy;
  readonly #random: () => number;

  /** Draws from `random`, which returns numbers from [0, 1). */
  constructor(policy: Policy, random: () => number) {
    this.#policy = policy;
    this.#random = random;
  }

  /** How long to wait, `least` at any rate, before connecting after `attempt` failures. */
  beforeReconnect(attempt: number, least = 0): number {
    return least + this.#fullJitter(this.#policy.reconnectBase, this.#policy.reconnectCap, attempt);
  }

  /** How long to wait before repeating a request: never less than the service has asked for. */
  beforeRetry(attempt: number, retryAfterMs?: number): number {
    const least = (retryAfterMs ?? 0) / 1_000;
    return least + this.#fullJitter(this.#policy.retryBase, this.#policy.retryCap, attempt);
  }

  /** When to open a connection's successor: staggered, so that those who came together part. */
  beforeRenewal(expiresIn: number | null): number {
    const lifetime = Math.min(this.#policy.connectionLifetime, expiresIn ?? Number.POSITIVE_INFINITY);
    return Math.max(0.5, lifetime * (0.7 + 0.2 * this.#random()));
  }

  #fullJitter(base: number, cap: number, attempt: number): number {
    return this.#random() * Math.min(cap, base * 2 ** Math.min(attempt, 32));
  }
}
