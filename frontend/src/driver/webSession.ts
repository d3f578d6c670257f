/** Signing in by an identity provider, and the session that comes of it: kept by a cookie that no page can read. */

import type { ErrorBody } from "../protocol/types.ts";
import type { SignInOffer } from "./configuration.ts";
import { AuthenticationFailed, NotReachable, RequestRefused, TooManyRequests } from "./errors.ts";

/** A token for this page; `expiresIn` is in seconds. */
export interface Grant {
  readonly accessToken: string;
  readonly expiresIn: number;
}

/** What a tab has to remember while it is away at the provider's. */
interface Left {
  readonly state: string;
  readonly verifier: string;
}

/** Where the user pool sends the browser back to. */
const BACK = "/signed-in";
/** Its name in sessionStorage, which is this tab's alone. */
const LEFT = "signIn";

export class WebSession {
  readonly #offer: SignInOffer | undefined;

  /** `offer` is not there where one signs in with a password alone. */
  constructor(offer: SignInOffer | undefined) {
    this.#offer = offer;
  }

  /** The identity providers' names. */
  get providers(): readonly string[] {
    return this.#offer?.providers ?? [];
  }

  /** Whether the page was opened by coming back from a provider. */
  get cameBack(): boolean {
    return this.#offer !== undefined && location.pathname === BACK;
  }

  /** Leaves the page for the provider's (RFC 6749, RFC 7636). */
  async begin(provider: string): Promise<void> {
    const left: Left = { state: random(), verifier: random() };
    sessionStorage.setItem(LEFT, JSON.stringify(left));
    const asked = new URLSearchParams({
      response_type: "code",
      client_id: this.#offer?.clientId ?? "",
      redirect_uri: location.origin + BACK,
      scope: "openid email profile",
      state: left.state,
      code_challenge: await challengeOf(left.verifier),
      code_challenge_method: "S256",
      identity_provider: provider,
    });
    location.assign(`${this.#offer?.url}/oauth2/authorize?${asked}`);
  }

  /** Takes up what the page came back with, which is gone from its address at once. Throws as `refresh` does. */
  async finish(): Promise<Grant> {
    const told = new URLSearchParams(location.search);
    const kept = sessionStorage.getItem(LEFT);
    history.replaceState(null, "", "/");
    sessionStorage.removeItem(LEFT);
    const left = kept === null ? null : (JSON.parse(kept) as Left);
    if (left === null || told.get("state") !== left.state) {
      throw new RequestRefused("sign_in_failed", "That sign-in was not begun in this tab: start it again.");
    }
    const code = told.get("code");
    if (code === null) {
      throw new RequestRefused("sign_in_failed", "You are not signed in: the provider has not confirmed it.");
    }
    return this.#post("token", {
      code,
      codeVerifier: left.verifier,
      redirectUri: location.origin + BACK,
    }) as Promise<Grant>;
  }

  /** Another token. Throws AuthenticationFailed where the session has ended, RequestRefused or NotReachable. */
  async refresh(): Promise<Grant> {
    return this.#post("refresh", {}) as Promise<Grant>;
  }

  /** Ends the session. Throws as `refresh` does. */
  async end(): Promise<void> {
    await this.#post("logout", {});
  }

  /** Has the user pool forget this browser, too: the page ends, and begins anew where one signs in. */
  leave(): void {
    const asked = new URLSearchParams({
      client_id: this.#offer?.clientId ?? "",
      logout_uri: `${location.origin}/`,
    });
    location.assign(`${this.#offer?.url}/logout?${asked}`);
  }

  async #post(what: string, body: Readonly<Record<string, string>>): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`/auth/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        keepalive: true, // the next cookie comes with the answer, also where the page is closed meanwhile
      });
    } catch {
      throw new NotReachable("Signing in needs a connection: try again when you are online.");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) {
      return answer;
    }
    throw refusal(response.status, answer);
  }
}

function refusal(status: number, answer: unknown): Error {
  const { error } = (answer ?? {}) as { error?: ErrorBody };
  if (status === 401) {
    return new AuthenticationFailed("Your session has ended: sign in again.");
  }
  if (status === 429) {
    return new TooManyRequests("That was too often: wait a moment.", (error?.retryAfterMs ?? 0) / 1_000);
  }
  if (status >= 500 || error === undefined) {
    return new NotReachable("Signing in does not work at the moment: try again.");
  }
  return new RequestRefused(error.code, error.message);
}

/** 256 random bits. */
function random(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64Url(new Uint8Array(digest));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
