/** Signing up, in and out, the end of the account, and notifications. */
import type { CodeChallenge, Tokens } from "../../driver/cognito.ts";
import { AuthenticationFailed, NotReachable, RequestRefused } from "../../driver/errors.ts";
import { currentSubscription, subscribe, unsubscribe } from "../../driver/push.ts";
import { whenNobodyLeads } from "../../driver/tabs.ts";
import { readClaims } from "../../driver/tokens.ts";
import type { Grant } from "../../driver/webSession.ts";
import { type AccountActions, ModelError } from "../actions.ts";
import { ask } from "./ask.ts";
import type { LiveModel } from "./liveModel.ts";
import { profileActions } from "./profile.ts";
import { secondFactorActions } from "./secondFactor.ts";

/** What the user has entered and is still needed: never kept beyond this page. */
interface Entered {
  readonly username: string;
  readonly password: string | null;
  /** What a code is asked for by. */
  readonly challenge: CodeChallenge | null;
}

const NOTHING: Entered = { username: "", password: null, challenge: null };

export function accountActions(model: LiveModel): AccountActions {
  let entered: Entered = NOTHING;
  const { cognito } = model;

  const begin = async (tokens: Tokens): Promise<void> => {
    if (tokens.refreshToken === null) {
      throw new ModelError("failed", "The user pool gave no lasting session: try again.");
    }
    await keepSession(model, tokens, tokens.refreshToken);
    entered = NOTHING;
  };

  const signIn = async (username: string, password: string): Promise<void> => {
    const answer = await cognito.signIn(username, password);
    if ("accessToken" in answer) {
      return begin(answer);
    }
    entered = { ...NOTHING, challenge: answer };
    model.set({ account: { stage: "challenged" } });
  };

  const backToSignIn = (notice: string): void => {
    entered = NOTHING;
    model.set({ account: model.signedOut(notice) });
  };

  const confirming = (username: string, sentTo: string) =>
    model.set({ account: { stage: "confirming", username, sentTo } });

  return {
    signUp: ({ username, email, password }) =>
      ask(async () => {
        const sentTo = await cognito.signUp(username, email, password);
        entered = { ...NOTHING, username, password };
        confirming(username, sentTo);
      }),
    confirm: (code) =>
      ask(async () => {
        await cognito.confirm(entered.username, code.trim());
        if (entered.password !== null) {
          await signIn(entered.username, entered.password);
        }
      }),
    resendCode: () =>
      ask(async () => {
        const { account } = model.getSnapshot();
        const resend = account.stage === "resetting" ? cognito.forgotPassword : cognito.resendCode;
        await resend.call(cognito, entered.username);
      }),
    signIn: (username, password) =>
      ask(async () => {
        try {
          await signIn(username, password);
        } catch (fault) {
          if (!(fault instanceof RequestRefused) || fault.code !== "UserNotConfirmedException") {
            throw fault;
          }
          entered = { ...NOTHING, username, password };
          confirming(username, await cognito.resendCode(username));
        }
      }),
    giveCode: (code) =>
      ask(async () => {
        if (entered.challenge === null) {
          return backToSignIn("");
        }
        try {
          await begin(await cognito.respond(entered.challenge, code));
        } catch (fault) {
          if (!(fault instanceof AuthenticationFailed)) {
            throw fault;
          }
          backToSignIn(fault.message);
        }
      }),
    signInWith: (provider) => model.webSession.begin(provider),
    forgotPassword: (username) =>
      ask(async () => {
        const sentTo = await cognito.forgotPassword(username);
        entered = { ...NOTHING, username };
        model.set({ account: { stage: "resetting", username, sentTo } });
      }),
    resetPassword: (code, password) =>
      ask(async () => {
        await cognito.resetPassword(entered.username, code.trim(), password);
        await signIn(entered.username, password);
      }),
    backToSignIn: () => backToSignIn(""),
    signOut: (where) => ask(() => signOut(model, where)),
    ...secondFactorActions(model),
    ...profileActions(model),
    deleteAccount: () =>
      ask(async () => {
        await model.api.deleteMe();
        await model.end("Your account is being deleted.", true);
      }),
    enableNotifications: () =>
      ask(async () => {
        model.set({ notifications: await subscribe(model.api, model.storage) });
      }),
    disableNotifications: () =>
      ask(async () => {
        await unsubscribe(model.api, model.storage);
        model.set({ notifications: "off" });
      }),
  };
}

/** Signs in who has come back from an identity provider; where that has failed, says so. */
export async function comeBack(model: LiveModel): Promise<void> {
  try {
    await keepSession(model, await model.webSession.finish(), null);
  } catch (fault) {
    const known = [AuthenticationFailed, NotReachable, RequestRefused];
    if (!(fault instanceof Error && known.some((kind) => fault instanceof kind))) {
      throw fault;
    }
    if (model.account === null) {
      model.set({ account: model.signedOut(fault.message) });
    }
  }
}

/** Begins to be whom a token speaks for; without a refresh token where a cookie stands for it. */
async function keepSession(model: LiveModel, grant: Grant, refreshToken: string | null): Promise<void> {
  const { sub: userId, username } = readClaims(grant.accessToken);
  model.tokens.take(grant.accessToken, grant.expiresIn);
  await whenNobodyLeads(() => model.storage.signIn({ userId, username, refreshToken }));
  await model.resume();
  model.tabs.say({ news: "signedIn" });
}

/** Ends the session at Cognito where it can be reached, and in any case here. */
async function signOut(model: LiveModel, where: "here" | "everywhere"): Promise<void> {
  let byProvider = false;
  if (where === "everywhere") {
    await model.api.signOutEverywhere();
  } else {
    try {
      if (await currentSubscription(model.storage)) {
        await unsubscribe(model.api, model.storage);
      }
      const refreshToken = model.account?.refreshToken;
      if (refreshToken) {
        await model.cognito.revoke(refreshToken);
      } else if (refreshToken === null) {
        await model.webSession.end();
        byProvider = true;
      }
    } catch (fault) {
      if (!(fault instanceof NotReachable || fault instanceof RequestRefused)) {
        throw fault; // offline, the token ends by itself; it is forgotten here
      }
    }
  }
  await model.end("", true);
  if (byProvider) {
    model.webSession.leave();
  }
}
