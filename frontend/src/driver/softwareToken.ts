/** A user's second factor: an authenticator app, whose code signs in beside the password (TOTP, RFC 6238). */
import type { Cognito } from "./cognito.ts";
import { RequestRefused } from "./errors.ts";

const FACTOR = "SOFTWARE_TOKEN_MFA";

/** What to say of a code of an authenticator app that Cognito does not take. */
export const CODE_SENTENCES: Readonly<Record<string, string>> = {
  CodeMismatchException: "The code is not right: enter the one that the app shows now.",
  EnableSoftwareTokenMFAException: "The code is not right: enter the one that the app shows now.",
  ExpiredCodeException: "This code was used already: wait for the app to show the next one.",
};

/** The second factor of whom the access tokens of `token` speak for. */
export class SoftwareToken {
  readonly #cognito: Cognito;
  readonly #token: () => Promise<string>;

  constructor(cognito: Cognito, token: () => Promise<string>) {
    this.#cognito = cognito;
    this.#token = token;
  }

  /** Whether signing in asks for a code. */
  async isOn(): Promise<boolean> {
    const user = await this.#call<{ readonly UserMFASettingList?: readonly string[] }>("GetUser", {});
    return user.UserMFASettingList?.includes(FACTOR) ?? false;
  }

  /** A new secret for an authenticator app, in Base32; it counts once `turnOn` has seen a code of it. */
  async associate(): Promise<string> {
    return (await this.#call<{ readonly SecretCode: string }>("AssociateSoftwareToken", {})).SecretCode;
  }

  /** Has signing in ask for a code from now on, as the app shows `code`. */
  async turnOn(code: string): Promise<void> {
    const verified = await this.#call<{ readonly Status: string }>("VerifySoftwareToken", { UserCode: code });
    if (verified.Status !== "SUCCESS") {
      const refusal = "EnableSoftwareTokenMFAException";
      throw new RequestRefused(refusal, CODE_SENTENCES[refusal] ?? "");
    }
    await this.#prefer(true);
  }

  async turnOff(): Promise<void> {
    await this.#prefer(false);
  }

  async #prefer(isOn: boolean): Promise<void> {
    await this.#call("SetUserMFAPreference", {
      SoftwareTokenMfaSettings: { Enabled: isOn, PreferredMfa: isOn },
    });
  }

  async #call<Answer>(operation: string, body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const sentences = { ...CODE_SENTENCES, NotAuthorizedException: "Your session has ended: sign in again." };
    return this.#cognito.call(operation, { AccessToken: await this.#token(), ...body }, sentences);
  }
}

/** What an authenticator app reads from a QR code (github.com/google/google-authenticator/wiki/Key-Uri-Format). */
export function keyUri(secret: string, username: string): string {
  const label = `Parley:${encodeURIComponent(username)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=Parley`;
}
