/** Where this site's stack is: /config.json, written when the site is published. */

export interface Configuration {
  readonly webSocketUrl: string;
  readonly httpApiUrl: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly cognitoUrl: string;
}

const FIELDS = ["webSocketUrl", "httpApiUrl", "userPoolId", "userPoolClientId", "cognitoUrl"] as const;

/** Throws an Error that says what to do where the file is not there or not whole. */
export async function loadConfiguration(): Promise<Configuration> {
  const response = await fetch("/config.json");
  const told: unknown = await response.json().catch(() => null);
  if (typeof told !== "object" || told === null || !FIELDS.every((field) => field in told)) {
    throw new Error("/config.json does not say where the stack is: publish the site again.");
  }
  return told as Configuration;
}
