/** A second factor at the user pool: the code after the password, and what a user is told of each refusal. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cognito } from "./cognito.ts";
import { AuthenticationFailed, RequestRefused } from "./errors.ts";
import { keyUri, SoftwareToken } from "./softwareToken.ts";

const RESULT = { AccessToken: "access", RefreshToken: "refresh", ExpiresIn: 3_600 };
const SRP = { SALT: "ab", SRP_B: "2", SECRET_BLOCK: btoa("block"), USER_ID_FOR_SRP: "ann" };
const CHALLENGE = { ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "of-ann", ChallengeParameters: {} };

type Body = Readonly<Record<string, unknown>>;
const asked: { readonly operation: string; readonly body: Body }[] = [];
/** What the user pool answers, by operation; a string is a refusal. */
let answers: Record<string, object | string>;

beforeEach(() => {
  asked.length = 0;
  answers = { InitiateAuth: { ChallengeName: "PASSWORD_VERIFIER", ChallengeParameters: SRP } };
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    const operation = new Headers(init.headers).get("x-amz-target")?.split(".")[1] ?? "";
    asked.push({ operation, body: JSON.parse(String(init.body)) });
    const answer = answers[operation] ?? {};
    return typeof answer === "string"
      ? Response.json({ __type: answer, message: "as Cognito says it" }, { status: 400 })
      : Response.json(answer);
  });
});

afterEach(() => vi.unstubAllGlobals());

function pool(): Cognito {
  return new Cognito("https://cognito.test", "eu-west-1_Pool", "app");
}

describe("signing in", () => {
  it("gives tokens at once where there is no second factor", async () => {
    answers.RespondToAuthChallenge = { AuthenticationResult: RESULT };
    expect(await pool().signIn("ann", "secret")).toMatchObject({ accessToken: "access" });
  });

  it("answers the challenge with the code, of the same user and session", async () => {
    answers.RespondToAuthChallenge = CHALLENGE;
    const challenge = await pool().signIn("ann@example.org", "secret");
    if ("accessToken" in challenge) {
      throw new Error("It was not asked for a code.");
    }
    answers.RespondToAuthChallenge = { AuthenticationResult: RESULT };
    expect(await pool().respond(challenge, "123456")).toMatchObject({ refreshToken: "refresh" });
    expect(asked.at(-1)?.body).toEqual({
      ClientId: "app",
      ChallengeName: "SOFTWARE_TOKEN_MFA",
      ChallengeResponses: { USERNAME: "ann", SOFTWARE_TOKEN_MFA_CODE: "123456" },
      Session: "of-ann",
    });
  });

  it.each([
    ["CodeMismatchException", RequestRefused, /enter the one that the app shows now/],
    ["ExpiredCodeException", RequestRefused, /used already: wait/],
    ["NotAuthorizedException", AuthenticationFailed, /sign in again/],
  ])("says what to do after %s", async (refusal, kind, sentence) => {
    answers.RespondToAuthChallenge = refusal;
    const failed = pool()
      .respond({ userId: "ann", session: "of-ann" }, "123456")
      .catch((fault: unknown) => fault);
    expect(await failed).toBeInstanceOf(kind);
    expect(String(await failed)).toMatch(sentence);
  });
});

describe("an authenticator app", () => {
  const factor = () => new SoftwareToken(pool(), async () => "a token");

  it("is on where the user pool lists it, and off where it lists nothing", async () => {
    answers.GetUser = { UserMFASettingList: ["SOFTWARE_TOKEN_MFA"] };
    expect(await factor().isOn()).toBe(true);
    answers.GetUser = {};
    expect(await factor().isOn()).toBe(false);
  });

  it("counts only once a code of it was seen", async () => {
    answers = {
      AssociateSoftwareToken: { SecretCode: "ABC234" },
      VerifySoftwareToken: { Status: "SUCCESS" },
    };
    expect(await factor().associate()).toBe("ABC234");
    await factor().turnOn("123456");
    const wanted = { SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } };
    expect(asked).toEqual([
      { operation: "AssociateSoftwareToken", body: { AccessToken: "a token" } },
      { operation: "VerifySoftwareToken", body: { AccessToken: "a token", UserCode: "123456" } },
      { operation: "SetUserMFAPreference", body: { AccessToken: "a token", ...wanted } },
    ]);
  });

  it.each(["EnableSoftwareTokenMFAException", { Status: "ERROR" }])(
    "does not count after %j",
    async (said) => {
      answers.VerifySoftwareToken = said;
      await expect(factor().turnOn("000000")).rejects.toThrow("The code is not right");
      expect(asked.map((one) => one.operation)).not.toContain("SetUserMFAPreference");
    },
  );

  it("is asked for no longer once it is turned off", async () => {
    await factor().turnOff();
    const settings = { Enabled: false, PreferredMfa: false };
    expect(asked.at(-1)?.body.SoftwareTokenMfaSettings).toEqual(settings);
  });

  it("is told its key with whose it is, whatever letters the name has", () => {
    const uri = new URL(keyUri("ABC234", "ann & bob"));
    expect(decodeURIComponent(uri.pathname)).toBe("/Parley:ann & bob");
    expect(Object.fromEntries(uri.searchParams)).toEqual({ secret: "ABC234", issuer: "Parley" });
  });
});
