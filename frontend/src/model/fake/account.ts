/** The fake model's account: any password signs in but `wrong`, `second` wants a code too; the code is 123456. */
import { type AccountActions, ModelError } from "../actions.ts";
import type { Account, User } from "../state.ts";
import type { FakeModel } from "./fakeModel.ts";
import { ME, person } from "./world.ts";

const STEPS = 4;

export function accountActions(model: FakeModel): AccountActions {
  const blocked = new Map<string, User>();
  let exporting = false;
  let hasSecondFactor = false;
  const go = (account: Account) => model.set({ account });
  const signedOut = (notice = "") => go({ stage: "signedOut", providers: ["Google"], notice });
  const signedIn = () => {
    go({ stage: "signedIn", me: ME });
    model.set({ connection: { state: "online", reason: "", retryAt: null, caughtUp: true, waiting: 0 } });
  };
  const check = (code: string) => {
    if (code !== "123456") {
      throw new ModelError("CodeMismatchException", "The code is not right: try 123456.");
    }
  };
  return {
    async signUp({ username, email }) {
      await model.answer();
      go({ stage: "confirming", username, sentTo: email });
    },
    async confirm(code) {
      await model.answer();
      check(code);
      signedIn();
    },
    resendCode: () => model.answer(),
    async signIn(_username, password) {
      await model.answer();
      if (password === "wrong") {
        throw new ModelError("NotAuthorizedException", "The name or the password is not right.");
      }
      if (password === "second") {
        return go({ stage: "challenged" });
      }
      signedIn();
    },
    async giveCode(code) {
      await model.answer();
      check(code);
      signedIn();
    },
    async hasSecondFactor() {
      await model.answer();
      return hasSecondFactor;
    },
    async newSecondFactor() {
      await model.answer();
      const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
      return { secret, uri: `otpauth://totp/Parley:alice?secret=${secret}&issuer=Parley` };
    },
    async turnOnSecondFactor(code) {
      await model.answer();
      check(code);
      hasSecondFactor = true;
    },
    async turnOffSecondFactor() {
      await model.answer();
      hasSecondFactor = false;
    },
    async signInWith() {
      await model.answer();
      signedIn();
    },
    async forgotPassword(username) {
      await model.answer();
      go({ stage: "resetting", username, sentTo: "a***@e***" });
    },
    async resetPassword(code) {
      await model.answer();
      check(code);
      signedIn();
    },
    backToSignIn: () => signedOut(),
    async signOut() {
      await model.answer();
      signedOut();
    },
    async updateProfile(changes) {
      await model.answer();
      model.become((me) => ({ ...me, ...changes }));
    },
    async setAvatar(picture, progress) {
      for (let step = 1; step <= STEPS; step += 1) {
        await model.answer();
        progress(step / STEPS);
      }
      model.become((me) => ({ ...me, avatar: URL.createObjectURL(picture) }));
    },
    async removeAvatar() {
      await model.answer();
      model.become(({ avatar: _, ...me }) => me);
    },
    missedAvatar() {},
    async blocks() {
      await model.answer();
      return [...blocked.values()];
    },
    async block(userId) {
      await model.answer();
      blocked.set(userId, person(userId));
      model.setConversation((open) =>
        open.chatId.includes(userId) ? { ...open, blocked: true, may: { ...open.may, write: false } } : open,
      );
    },
    async unblock(userId) {
      await model.answer();
      blocked.delete(userId);
      model.setConversation((open) =>
        open.chatId.includes(userId) ? { ...open, blocked: false, may: { ...open.may, write: true } } : open,
      );
    },
    async requestExport() {
      await model.answer();
      exporting = true;
      return { state: "preparing", url: null };
    },
    async exportState() {
      await model.answer();
      return exporting ? { state: "ready", url: "blob:archive" } : { state: "none", url: null };
    },
    async deleteAccount() {
      await model.answer();
      signedOut("Your account is being deleted.");
    },
    async enableNotifications() {
      await model.answer();
      model.set({ notifications: "on" });
    },
    async disableNotifications() {
      await model.answer();
      model.set({ notifications: "off" });
    },
  };
}
