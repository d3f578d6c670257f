// @vitest-environment node
/** What this device keeps: written together, read without holes, forgotten whole. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOTHING } from "../core/chats.ts";
import type { Message } from "../core/values.ts";
import { type Progress, Storage } from "./storage.ts";

const NONE: Progress = { chats: [], messages: [], gone: [], voided: [], settled: [], refused: [] };
let storage: Storage;
let count = 0;

beforeEach(async () => {
  count += 1;
  storage = await Storage.open(`test-${count}`);
});

afterEach(() => storage.close());

function message(seq: number, rest: Partial<Message> = {}): Message {
  return { id: `m${seq}`, seq, senderId: "a", sentAt: "2026-11-21T00:00:00.000Z", text: `${seq}`, ...rest };
}

const seqs = (messages: readonly Message[]) => messages.map((one) => one.seq);

describe("stored messages", () => {
  it("are read as far as they have no hole", async () => {
    await storage.keep(
      "c",
      [1, 2, 4, 5, 6, 8].map((seq) => message(seq)),
    );
    expect(seqs(await storage.messagesUpTo("c", 6, 10))).toEqual([4, 5, 6]);
    expect(seqs(await storage.messagesUpTo("c", 7, 10))).toEqual([]);
    expect(seqs(await storage.messagesFrom("c", 4, 10))).toEqual([4, 5, 6]);
    expect(seqs(await storage.messagesFrom("c", 3, 10))).toEqual([]);
    expect(seqs(await storage.messagesUpTo("c", 6, 2))).toEqual([5, 6]);
  });

  it("stay in their latest version, in whichever order versions come", async () => {
    await storage.keep("c", [message(1, { text: "new", change: 3 })]);
    await storage.keep("c", [message(1, { text: "old" })]);
    expect((await storage.messagesFrom("c", 1, 1))[0]?.text).toBe("new");
  });

  it("go with their chat and with no other", async () => {
    await storage.keep("c", [message(1)]);
    await storage.keep("d", [message(1)]);
    await storage.save({ ...NONE, gone: ["c"] }, NOTHING);
    expect(await storage.messagesFrom("c", 1, 5)).toEqual([]);
    expect(seqs(await storage.messagesFrom("d", 1, 5))).toEqual([1]);
  });
});

describe("the queue", () => {
  const entry = (id: string) => ({
    chatId: "c",
    message: { id, text: id },
    writtenAt: 1,
    refusal: null,
  });

  it("loses what is settled together with the snapshot that says so", async () => {
    await storage.enqueue(entry("1"));
    await storage.enqueue(entry("2"));
    await storage.save({ ...NONE, settled: ["1"] }, { ...NOTHING, cursors: { c: 7 } });
    expect((await storage.queue()).map((one) => one.message.id)).toEqual(["2"]);
    expect((await storage.snapshot()).cursors).toEqual({ c: 7 });
  });

  it("keeps why a message was refused", async () => {
    await storage.enqueue(entry("1"));
    await storage.save({ ...NONE, refused: [{ id: "1", refusal: "No." }] }, NOTHING);
    expect((await storage.queue())[0]?.refusal).toBe("No.");
  });
});

describe("an account", () => {
  const account = (userId: string) => ({ userId, username: userId, refreshToken: "secret" });

  it("finds what it left, and nothing of another's", async () => {
    await storage.signIn(account("a"));
    await storage.saveDraft("c", "half a sentence");
    await storage.signIn(account("a"));
    expect((await storage.read()).drafts.get("c")).toBe("half a sentence");
    await storage.signIn(account("b"));
    expect((await storage.read()).drafts.size).toBe(0);
    expect((await storage.account())?.userId).toBe("b");
  });

  it("leaves nothing when all is forgotten", async () => {
    await storage.signIn(account("a"));
    await storage.keep("c", [message(1)]);
    await storage.clear();
    expect(await storage.account()).toBeNull();
    expect(await storage.messagesFrom("c", 1, 5)).toEqual([]);
  });
});
