/** What the application asks for and waits for: asked again on a new connection and when a limit is over. */
import type { Chats } from "./chats.ts";
import type { Query } from "./clientFrames.ts";
import type { Emit } from "./effects.ts";
import type { Delays, Policy } from "./policy.ts";
import type { Requests } from "./requests.ts";
import type { Answer, ErrorFrame } from "./serverFrames.ts";

const CHANGING: ReadonlySet<Query["action"]> = new Set([
  "editMessage",
  "deleteMessage",
  "react",
  "joinChat",
  "leaveChat",
]);

/** Each query gets one `answerQuery` or `failQuery`, under its request id. */
export class Queries {
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  readonly #chats: Chats;
  readonly #requests: Requests;
  readonly #open = new Map<string, Query>();
  readonly #attempts = new Map<string, number>();
  /** Those that wait out a delay. */
  readonly #waiting = new Set<string>();

  constructor(emit: Emit, policy: Policy, delays: Delays, chats: Chats, requests: Requests) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
    this.#chats = chats;
    this.#requests = requests;
  }

  /** Asks, now or when there is a connection. */
  ask(query: Query): void {
    this.#open.set(query.requestId, query);
    this.#requests.send(query);
  }

  /** A connection was opened: asks everything that is open on it, but what waits out a delay. */
  askAll(): void {
    for (const query of this.#open.values()) {
      if (!this.#waiting.has(query.requestId)) {
        this.#requests.send(query);
      }
    }
  }

  /** The delay before a repetition is over. */
  askAgain(requestId: string): void {
    this.#waiting.delete(requestId);
    const query = this.#open.get(requestId);
    if (query !== undefined) {
      this.#requests.send(query);
    }
  }

  /** Hands on an answer, the first that comes. */
  answer(requestId: string | undefined, answer: Answer): void {
    this.#requests.finish(requestId);
    if (requestId !== undefined && this.#close(requestId) !== undefined) {
      this.#emit({ effect: "answerQuery", requestId, answer });
    }
  }

  /** A query met an error: asks again later, or hands it on. */
  failed(query: Query, error: ErrorFrame): void {
    const attempt = this.#attempts.get(query.requestId) ?? 0;
    if (error.retryable && attempt + 1 < this.#policy.queryAttempts) {
      this.#attempts.set(query.requestId, attempt + 1);
      this.#waiting.add(query.requestId);
      const delay = this.#delays.beforeRetry(attempt, error.retryAfterMs);
      this.#emit({ effect: "startTimer", timer: `query:${query.requestId}`, delay });
      return;
    }
    if (!error.definite) {
      this.#lookUp(query);
    }
    this.answer(query.requestId, error);
  }

  /** Tells who asked that no answer came; returns whether this was a query. */
  timedOut(requestId: string): boolean {
    const query = this.#close(requestId);
    if (query === undefined) {
      return false;
    }
    this.#lookUp(query);
    this.#emit({ effect: "failQuery", requestId });
    return true;
  }

  /** Sees what has become of a change that may have been made: who asked for it is not told by push. */
  #lookUp(query: Query): void {
    if (CHANGING.has(query.action) && "chatId" in query && this.#chats.has(query.chatId)) {
      this.#chats.get(query.chatId).lookUp();
    }
  }

  #close(requestId: string): Query | undefined {
    const query = this.#open.get(requestId);
    this.#open.delete(requestId);
    this.#attempts.delete(requestId);
    this.#waiting.delete(requestId);
    return query;
  }
}
