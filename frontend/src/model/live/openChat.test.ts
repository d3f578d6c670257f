// @vitest-environment node
/** The open chat has what its messages reply to, asks for it once, and goes where one wants to be. */
import { beforeEach, expect, it } from "vitest";
import type { Message } from "../../core/values.ts";
import type { Api } from "../../driver/api.ts";
import { NotReachable } from "../../driver/errors.ts";
import type { ChatRecord } from "../../driver/records.ts";
import type { Storage } from "../../driver/storage.ts";
import { OpenChat } from "./openChat.ts";

const message = (seq: number, text = `text ${seq}`): Message => ({
  id: `m${seq}`,
  seq,
  senderId: "a",
  sentAt: "",
  text,
});

let kept: Message[];
let written: Message[];
let asked: number[];
let online: boolean;
let parts: { api: Api; storage: Storage };
let chat: OpenChat;

beforeEach(() => {
  kept = [];
  written = [message(7)];
  asked = [];
  online = true;
  const api = {
    messages: async (_chatId: string, place: { around?: number; after?: number }) => {
      asked.push(place.around ?? place.after ?? 0);
      if (!online) {
        throw new NotReachable("offline");
      }
      const some = place.after === undefined ? written : written.slice(0, 1);
      return { messages: some, hasMore: true };
    },
  } as unknown as Api;
  const storage = {
    messagesUpTo: async (_chatId: string, last: number) => kept.filter((one) => one.seq === last),
    messagesFrom: async () => [],
    keep: async () => undefined,
  } as unknown as Storage;
  parts = { api, storage };
  chat = new OpenChat(
    "dm:a:b",
    parts,
    () => undefined,
    () => undefined,
  );
});

it("asks the service once for what is replied to and not here", async () => {
  await Promise.all([chat.loadQuoted(7), chat.loadQuoted(7)]);
  await chat.loadQuoted(7);
  expect(asked).toEqual([7]);
  expect(chat.quoted.get(7)?.text).toBe("text 7");
});

it("finds the first message since a time by a few looks, at what is here or at the service's", async () => {
  const at = (seq: number) => new Date(Date.UTC(2026, 0, 1) + seq * 3_600_000).toISOString();
  const all = Array.from({ length: 1_000 }, (_, index) => ({ ...message(index + 1), sentAt: at(index + 1) }));
  kept = all.slice(900);
  const api = {
    messages: async (_: string, { around }: { around: number }, limit: number) => {
      asked.push(around);
      return { messages: all.slice(around - 1, around - 1 + limit), hasMore: true };
    },
  } as unknown as Api;
  const record = { visibleAfter: 4, lastSeq: 1_000 } as ChatRecord;
  const long = new OpenChat(
    "g:long",
    { ...parts, api },
    () => record,
    () => undefined,
  );
  const since = (seq: number) => long.firstSince(Date.parse(at(seq)));
  expect([await since(420), await since(420.5), await since(950)]).toEqual([420, 421, 950]);
  expect([await since(-10), await since(1_001)]).toEqual([5, null]);
  expect(asked.length).toBeLessThan(50);
  expect(Math.max(...asked)).toBeLessThan(901);
});

it("takes what this device has", async () => {
  kept = [message(7, "kept")];
  await chat.loadQuoted(7);
  expect(asked).toEqual([]);
  expect(chat.quoted.get(7)?.text).toBe("kept");
});

it("notes that there is none to be seen", async () => {
  await chat.loadQuoted(3);
  expect(chat.quoted.get(3)).toBeNull();
});

it("asks again after it was offline", async () => {
  online = false;
  await chat.loadQuoted(7);
  expect(chat.quoted.has(7)).toBe(false);
  online = true;
  await chat.loadQuoted(7);
  expect(chat.quoted.get(7)?.text).toBe("text 7");
});

it("takes a later version of it, and none that is older", async () => {
  await chat.loadQuoted(7);
  chat.take([{ ...message(7, "edited"), change: 2 }]);
  chat.take([message(7)]);
  expect(chat.quoted.get(7)?.text).toBe("edited");
});

it("goes to the end once what was on its way has come", async () => {
  const record = { lastSeq: 9, unread: 0, visibleAfter: 0 } as ChatRecord;
  const far = new OpenChat(
    "dm:a:b",
    parts,
    () => record,
    () => undefined,
  );
  await far.loadAround(7, false);
  expect(far.hasAfter).toBe(true);
  written = [message(8), message(9)];
  await Promise.all([far.loadAfter(), far.loadNewest(true)]);
  expect(asked).toEqual([7, 7, 0]);
  expect(far.stretch.last).toBe(9);
  expect(far.jumpTo).toBe("end");
});

it("keeps what is there where what one jumps to comes by itself", async () => {
  const record = { lastSeq: 9, unread: 0, visibleAfter: 0 } as ChatRecord;
  const far = new OpenChat(
    "dm:a:b",
    parts,
    () => record,
    () => undefined,
  );
  await far.loadAround(7, false);
  written = [message(8), message(9)];
  await Promise.all([far.loadAfter(), far.loadAround(8, true)]);
  expect(asked).toEqual([7, 7]);
  expect(far.stretch.messages.map((one) => one.seq)).toEqual([7, 8]);
});

it("wants no jump any more that was not possible", async () => {
  await chat.loadAround(7, true);
  online = false;
  await chat.loadAround(2, true);
  expect(chat.jumpTo).toBeNull();
  expect(chat.stretch.last).toBe(7);
});
