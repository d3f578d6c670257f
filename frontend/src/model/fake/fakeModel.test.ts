// @vitest-environment node
/** The fake model acts as the interface says, so that what is built on it holds on the real one. */
import { describe, expect, it } from "vitest";
import { stateOf } from "../model.ts";
import { FakeModel } from "./fakeModel.ts";

const CHAT = "dm:u-alice:u-bob";

describe("the fake model", () => {
  it("shows a message at once and gives it a number in its turn", async () => {
    const model = new FakeModel();
    model.actions.openChat(CHAT);
    model.actions.send({ text: "hello" });
    const shown = () => model.getSnapshot().conversation?.messages.at(-1);
    expect(shown()).toMatchObject({ text: "hello", seq: null, outgoing: { state: "sending" } });
    const id = shown()?.id;
    await expect.poll(() => shown()?.seq).toBe(65);
    expect(shown()?.id).toBe(id);
  });

  it("keeps a message waiting while it is offline", async () => {
    const model = new FakeModel();
    model.actions.openChat(CHAT);
    model.set({ connection: { state: "offline", reason: "", retryAt: null, caughtUp: false, waiting: 0 } });
    model.actions.send({ text: "later" });
    const last = model.getSnapshot().conversation?.messages.at(-1);
    expect(last && stateOf(last, { deliveredSeq: 0, readSeq: 0 })).toBe("waiting");
  });

  it("loads a long chat in stretches without a hole", async () => {
    const model = new FakeModel({ long: 500 });
    model.actions.openChat("g:archive");
    const seqs = () => (model.getSnapshot().conversation?.messages ?? []).map((one) => one.seq ?? 0);
    const before = seqs()[0] ?? 0;
    model.actions.loadBefore();
    await expect.poll(() => seqs()[0]).toBe(before - 50);
    expect(seqs().every((seq, index) => index === 0 || seq === (seqs()[index - 1] ?? 0) + 1)).toBe(true);
  });

  it("keeps what did not change", () => {
    const model = new FakeModel();
    model.actions.openChat(CHAT);
    const before = model.getSnapshot().conversation?.messages[0];
    model.receive(CHAT, "u-bob", "there?");
    expect(model.getSnapshot().conversation?.messages[0]).toBe(before);
  });
});
