/** Requests to the HTTP API: signed with the access token, answered with JSON. */
import type { ErrorBody } from "../protocol/types.ts";
import { AuthenticationFailed, NotReachable, RequestRefused, TooManyRequests } from "./errors.ts";

export interface Asked {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

export class Rest {
  readonly #url: string;
  readonly #token: () => Promise<string>;

  constructor(url: string, token: () => Promise<string>) {
    this.#url = url.replace(/\/$/, "");
    this.#token = token;
  }

  token(): Promise<string> {
    return this.#token();
  }

  /** Throws AuthenticationFailed, NotReachable, TooManyRequests or RequestRefused. */
  async request<Body>(method: string, path: string, { query = {}, body }: Asked = {}): Promise<Body> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const parameters = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    const search = given.length > 0 ? `?${parameters}` : "";
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#token()}` };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
    }
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}${search}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new NotReachable("There is no connection: try again when you are online.");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) {
      return answer as Body;
    }
    throw refusal(response.status, answer);
  }
}

function refusal(status: number, answer: unknown): Error {
  const { error } = (answer ?? {}) as { error?: Partial<ErrorBody> };
  if (status === 401) {
    return new AuthenticationFailed("Your session has ended: sign in again.");
  }
  const message = error?.message ?? "";
  if (status === 429) {
    return new TooManyRequests(
      message || "That was too often: wait a moment.",
      (error?.retryAfterMs ?? 0) / 1_000,
    );
  }
  if (error?.code === undefined || status >= 500) {
    return new NotReachable(message || "The service does not answer as it should: try again.");
  }
  return new RequestRefused(error.code, message);
}
