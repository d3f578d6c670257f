/** The requests that wait for an answer, each on one connection and each with a timer. */
import type { Request } from "./clientFrames.ts";
import type { Connections } from "./connections.ts";
import type { Emit } from "./effects.ts";

/**
 * What was asked and not yet answered.
 *
 * Request ids are unique over the session's life, so an answer that comes late, or over a connection that is being
 * replaced, finds its own request or none.
 */
export class Requests {
  readonly #emit: Emit;
  readonly #connections: Connections;
  readonly #timeout: number;
  readonly #sent = new Map<string, { request: Request; connection: number }>();
  #count = 0;

  /** A request times out after `timeout` seconds. */
  constructor(emit: Emit, connections: Connections, timeout: number) {
    this.#emit = emit;
    this.#connections = connections;
    this.#timeout = timeout;
  }

  /** Whether there is a connection to send requests on. */
  get possible(): boolean {
    return this.#connections.current !== null;
  }

  /** An id that no request of this session has had. */
  nextId(): string {
    this.#count += 1;
    return `r${this.#count}`;
  }

  /** Sends a request on the current connection, if there is one; its timer runs in any case. */
  send(request: Request): void {
    const connection = this.#connections.current;
    if (connection !== null) {
      this.#sent.set(request.requestId, { request, connection });
      this.#emit({ effect: "sendFrame", connection, frame: request });
    }
    this.hold(request);
  }

  /** Starts a request's timer, whether or not it could be sent. */
  hold(request: Request): void {
    this.#emit({ effect: "startTimer", timer: `request:${request.requestId}`, delay: this.#timeout });
  }

  /** Stops waiting; returns the request, or null if nothing waits under this id. */
  finish(requestId: string | undefined): Request | null {
    const request = this.timedOut(requestId);
    if (request !== null) {
      this.#emit({ effect: "cancelTimer", timer: `request:${request.requestId}` });
    }
    return request;
  }

  /** Stops waiting because the timer has fired. */
  timedOut(requestId: string | undefined): Request | null {
    const sent = this.#sent.get(requestId ?? "");
    this.#sent.delete(requestId ?? "");
    return sent?.request ?? null;
  }

  /** The ids of the requests that wait on a connection, the oldest first. */
  on(connection: number | null): readonly string[] {
    return [...this.#sent]
      .filter(([, sent]) => sent.connection === connection)
      .map(([requestId]) => requestId);
  }
}
