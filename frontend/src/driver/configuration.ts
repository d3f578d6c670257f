/** Where this site's stack is: /config.json, written when the site is published, and kept from visit to visit. */
import { painted } from "./painted.ts";

export interface Configuration {
  readonly webSocketUrl: string;
  readonly httpApiUrl: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly cognitoUrl: string;
  /** Characters that a password has at least; not told where they are 12. */
  readonly passwordLength?: number;
  /** Told where users may add a second factor. */
  readonly mfa?: "optional";
  readonly signIn?: SignInOffer;
}

/** How one signs in by identity providers; only where there are some. */
export interface SignInOffer {
  /** Where the user pool signs in. */
  readonly url: string;
  readonly clientId: string;
  readonly providers: readonly string[];
}

const FIELDS = ["webSocketUrl", "httpApiUrl", "userPoolId", "userPoolClientId", "cognitoUrl"] as const;
/** Its name in localStorage, which can be read without waiting: it is no secret. */
const KEY = "configuration";

/**
 * As it was at the last visit, at once; at the first visit, as the site tells it. Throws an Error that says what to
 * do where the file is not there or not whole.
 */
export async function loadConfiguration(): Promise<Configuration> {
  const kept = localStorage.getItem(KEY);
  if (kept === null) {
    return keep(await fetchConfiguration());
  }
  void painted().then(() => renew(kept));
  return JSON.parse(kept) as Configuration;
}

/** Looks whether the stack is still where it was at the last visit; where it has moved, the page begins again. */
async function renew(kept: string): Promise<void> {
  const now = await fetchConfiguration().catch(() => null); // without a network, what is kept is good
  if (now !== null && JSON.stringify(keep(now)) !== kept) {
    location.reload();
  }
}

async function fetchConfiguration(): Promise<Configuration> {
  const response = await fetch("/config.json");
  const told: unknown = await response.json().catch(() => null);
  if (typeof told !== "object" || told === null || !FIELDS.every((field) => field in told)) {
    throw new Error("/config.json does not say where the stack is: publish the site again.");
  }
  return told as Configuration;
}

function keep(configuration: Configuration): Configuration {
  localStorage.setItem(KEY, JSON.stringify(configuration));
  return configuration;
}
