/** Setting up an authenticator app beside the password, and giving it up. */
import { keyUri, SoftwareToken } from "../../driver/softwareToken.ts";
import type { AccountActions } from "../actions.ts";
import { ask } from "./ask.ts";
import type { LiveModel } from "./liveModel.ts";

type SecondFactorActions = Pick<
  AccountActions,
  "hasSecondFactor" | "newSecondFactor" | "turnOnSecondFactor" | "turnOffSecondFactor"
>;

export function secondFactorActions(model: LiveModel): SecondFactorActions {
  const factor = new SoftwareToken(model.cognito, () => model.tokens.get());
  return {
    hasSecondFactor: () => ask(() => factor.isOn()),
    newSecondFactor: () =>
      ask(async () => {
        const secret = await factor.associate();
        return { secret, uri: keyUri(secret, model.account?.username ?? "") };
      }),
    turnOnSecondFactor: (code) => ask(() => factor.turnOn(code)),
    turnOffSecondFactor: () => ask(() => factor.turnOff()),
  };
}
