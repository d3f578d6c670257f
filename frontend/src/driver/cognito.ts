/** The user pool's public API: signing up, signing in with a password that is never sent, tokens, passwords. */
import { AuthenticationFailed, NotReachable, RequestRefused } from "./errors.ts";
import { CODE_SENTENCES } from "./softwareToken.ts";
import { Srp } from "./srp.ts";

/** The tokens of a session; `expiresIn` is in seconds. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresIn: number;
}

/** The password was right, and a code of the user's authenticator app is asked for beside it. */
export interface CodeChallenge {
  readonly userId: string;
  readonly session: string;
}

interface Answer {
  readonly AuthenticationResult?: {
    readonly AccessToken: string;
    readonly RefreshToken?: string;
    readonly ExpiresIn: number;
  };
  readonly ChallengeName?: string;
  readonly ChallengeParameters?: Readonly<Record<string, string>>;
  readonly Session?: string;
  readonly CodeDeliveryDetails?: { readonly Destination?: string };
}

const CODE_CHALLENGE = "SOFTWARE_TOKEN_MFA";

/** What to say where Cognito's own words do not tell a user what to do. */
const SENTENCES: Readonly<Record<string, string>> = {
  NotAuthorizedException: "The name or the password is not right.",
  UserNotFoundException: "The name or the password is not right.",
  UserNotConfirmedException: "The address is not confirmed yet: enter the code of the mail.",
  CodeMismatchException: "The code is not right: look at the latest mail.",
  ExpiredCodeException: "The code has ended: have another one sent.",
  UsernameExistsException: "Somebody has this name already: choose another.",
  AliasExistsException: "Another account has this address: sign in with it, or use another address.",
  LimitExceededException: "That was too often: try again in a while.",
  TooManyRequestsException: "That was too often: try again in a while.",
};

export class Cognito {
  readonly #url: string;
  readonly #clientId: string;
  readonly #userPoolId: string;

  constructor(url: string, userPoolId: string, clientId: string) {
    this.#url = url;
    this.#userPoolId = userPoolId;
    this.#clientId = clientId;
  }

  /** Returns where the code was sent, as far as Cognito shows it. */
  async signUp(username: string, email: string, password: string): Promise<string> {
    const answer = await this.#call("SignUp", {
      Username: username,
      Password: password,
      UserAttributes: [{ Name: "email", Value: email }],
    });
    return answer.CodeDeliveryDetails?.Destination ?? email;
  }

  async confirm(username: string, code: string): Promise<void> {
    await this.#call("ConfirmSignUp", { Username: username, ConfirmationCode: code });
  }

  async resendCode(username: string): Promise<string> {
    const answer = await this.#call("ResendConfirmationCode", { Username: username });
    return answer.CodeDeliveryDetails?.Destination ?? "";
  }

  async forgotPassword(username: string): Promise<string> {
    const answer = await this.#call("ForgotPassword", { Username: username });
    return answer.CodeDeliveryDetails?.Destination ?? "";
  }

  async resetPassword(username: string, code: string, password: string): Promise<void> {
    await this.#call("ConfirmForgotPassword", {
      Username: username,
      ConfirmationCode: code,
      Password: password,
    });
  }

  async signIn(username: string, password: string): Promise<Tokens | CodeChallenge> {
    const srp = new Srp();
    const asked = await this.#call("InitiateAuth", {
      AuthFlow: "USER_SRP_AUTH",
      AuthParameters: { USERNAME: username, SRP_A: srp.srpA },
    });
    const given = asked.ChallengeParameters ?? {};
    const userId = given.USER_ID_FOR_SRP ?? username;
    const proof = await srp.prove(
      this.#userPoolId,
      password,
      {
        salt: given.SALT ?? "",
        srpB: given.SRP_B ?? "",
        secretBlock: given.SECRET_BLOCK ?? "",
        userId,
      },
      new Date(),
    );
    const answer = await this.#call("RespondToAuthChallenge", {
      ChallengeName: "PASSWORD_VERIFIER",
      ChallengeResponses: {
        USERNAME: userId,
        PASSWORD_CLAIM_SECRET_BLOCK: given.SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: proof.signature,
        TIMESTAMP: proof.timestamp,
      },
      ...(asked.Session === undefined ? {} : { Session: asked.Session }),
    });
    if (answer.ChallengeName !== CODE_CHALLENGE) {
      return tokensOf(answer);
    }
    return {
      userId: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? userId,
      session: answer.Session ?? "",
    };
  }

  /** Answers with a code; a wrong one may be followed by another. Throws AuthenticationFailed where it has ended. */
  async respond({ userId, session }: CodeChallenge, code: string): Promise<Tokens> {
    const body = {
      ChallengeName: CODE_CHALLENGE,
      ChallengeResponses: { USERNAME: userId, SOFTWARE_TOKEN_MFA_CODE: code },
      Session: session,
    };
    try {
      return tokensOf(await this.#call("RespondToAuthChallenge", body, CODE_SENTENCES));
    } catch (fault) {
      if (fault instanceof RequestRefused && fault.code === "NotAuthorizedException") {
        throw new AuthenticationFailed("That took too long, or too many codes: sign in again.");
      }
      throw fault;
    }
  }

  /** Throws AuthenticationFailed where the refresh token has ended or was revoked. */
  async refresh(refreshToken: string): Promise<Tokens> {
    try {
      return tokensOf(
        await this.#call("InitiateAuth", {
          AuthFlow: "REFRESH_TOKEN_AUTH",
          AuthParameters: { REFRESH_TOKEN: refreshToken },
        }),
      );
    } catch (fault) {
      if (fault instanceof RequestRefused && fault.code !== "TooManyRequestsException") {
        throw new AuthenticationFailed("Your session has ended: sign in again.");
      }
      throw fault;
    }
  }

  /** Ends the session that a refresh token stands for. */
  async revoke(refreshToken: string): Promise<void> {
    await this.#call("RevokeToken", { Token: refreshToken });
  }

  async #call(
    operation: string,
    body: Readonly<Record<string, unknown>>,
    sentences: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.call(operation, { ClientId: this.#clientId, ...body }, sentences);
  }

  /** Asks the user pool; `sentences` are what to say of refusals. Throws RequestRefused or NotReachable. */
  async call<Told>(
    operation: string,
    body: Readonly<Record<string, unknown>>,
    sentences: Readonly<Record<string, string>>,
  ): Promise<Told> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: JSON.stringify(body),
      });
    } catch {
      throw new NotReachable("Signing in needs a connection: try again when you are online.");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && typeof answer === "object") {
      return (answer ?? {}) as Told;
    }
    throw refusal(response.status, answer, { ...SENTENCES, ...sentences });
  }
}

function tokensOf(answer: Answer): Tokens {
  const result = answer.AuthenticationResult;
  if (result === undefined) {
    const asked = answer.ChallengeName ?? "something";
    throw new RequestRefused("challenge", `The user pool asks for ${asked}, which this client cannot give.`);
  }
  return {
    accessToken: result.AccessToken,
    refreshToken: result.RefreshToken ?? null,
    expiresIn: result.ExpiresIn,
  };
}

function refusal(status: number, answer: unknown, sentences: Readonly<Record<string, string>>): Error {
  const { __type: type = "", message = "" } = (answer ?? {}) as { __type?: string; message?: string };
  const code = type.slice(type.lastIndexOf("#") + 1);
  if (status >= 500 || code === "") {
    return new NotReachable("Signing in does not work at the moment: try again.");
  }
  const sentence = sentences[code] ?? message.replace(/^.* failed (due to|with) .*?: /, "");
  return new RequestRefused(code, sentence || "That was refused: look over what you have entered.");
}
