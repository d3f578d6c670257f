/** The access tokens of whoever is signed in: kept in memory, renewed in time, one renewal at a time. */
import type { Grant } from "./webSession.ts";

/** Milliseconds before its end at which an access token is renewed. */
const RENEW_BEFORE = 60_000;

export interface Claims {
  readonly sub: string;
  readonly username: string;
  /** In seconds since the epoch. */
  readonly exp: number;
}

export class AccessTokens {
  readonly #ask: () => Promise<Grant>;
  #token = "";
  #ends = 0;
  #renewal: Promise<string> | null = null;

  /** `ask` asks for another one, by what this device keeps. */
  constructor(ask: () => Promise<Grant>) {
    this.#ask = ask;
  }

  /** A token that is valid for a while. Throws AuthenticationFailed or NotReachable. */
  async get(): Promise<string> {
    if (Date.now() < this.#ends - RENEW_BEFORE) {
      return this.#token;
    }
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  take(token: string, expiresIn: number): void {
    this.#token = token;
    this.#ends = Date.now() + expiresIn * 1_000;
  }

  forget(): void {
    this.#token = "";
    this.#ends = 0;
  }

  async #renew(): Promise<string> {
    const { accessToken, expiresIn } = await this.#ask();
    this.take(accessToken, expiresIn);
    return accessToken;
  }
}

/** What a token says of its user; not verified here: the service does that. */
export function readClaims(token: string): Claims {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (letter) =>
    letter.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}
