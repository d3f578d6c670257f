// @vitest-environment node
/** The engine writes what it knows together, and sends what is queued once, whenever it is ended. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Ack, SendMessage } from "../protocol/types.ts";
import type { Api } from "./api.ts";
import { Engine } from "./engine.ts";
import { NotReachable } from "./errors.ts";
import type { Said } from "./records.ts";
import { Storage } from "./storage.ts";
import { Tabs } from "./tabs.ts";

const CHAT = {
  chatId: "dm:a:b",
  kind: "direct",
  role: "member",
  otherMember: { userId: "b", username: "bob" },
  lastSeq: 0,
  lastChange: 0,
  visibleAfter: 0,
  readSeq: 0,
  deliveredSeq: 0,
  unread: 0,
} as const;

/** The service: one chat, over sockets that can be silent. */
class Service {
  /** Ids of the messages that were written, in order. */
  readonly written: string[] = [];
  readonly afters: number[] = [];
  online = true;
  /** Whether the members can be listed. */
  lists = true;
  /** Whether a send is written and its ack lost. */
  losesAcks = false;
  /** Sends a frame that nobody asked for. */
  push: (frame: object) => void = () => undefined;

  readonly api = {
    createTicket: async () => {
      if (!this.online) {
        throw new NotReachable("offline");
      }
      return { ticket: "t", claims: { sub: "a", username: "alice", exp: Date.now() / 1_000 + 3_600 } };
    },
    chats: async () => [{ ...CHAT, lastSeq: this.written.length }],
    members: async () => {
      if (!this.lists) {
        throw new NotReachable("offline");
      }
      return { members: [{ userId: "b", role: "member", deliveredSeq: 1, readSeq: 1 }], lastChange: 0 };
    },
  } as unknown as Api;

  answer(frame: { action: string; requestId?: string }): object | null {
    const { requestId } = frame;
    if (frame.action === "sync") {
      const from = (frame as unknown as { chats: Record<string, number> }).chats[CHAT.chatId] ?? 0;
      const messages = this.written.slice(from).map((id, index) => this.#message(id, from + index + 1));
      return { type: "sync", requestId, chats: [{ chatId: CHAT.chatId, messages, hasMore: false }] };
    }
    if (frame.action === "sendMessage") {
      return this.#append(frame as unknown as SendMessage);
    }
    return frame.action === "ping" ? { type: "pong" } : null;
  }

  #append({ after, messages, requestId }: SendMessage): Ack | null {
    this.afters.push(after);
    for (const { id } of messages) {
      if (this.written.indexOf(id, after) < 0) {
        this.written.push(id);
      }
    }
    const acked = messages.map(({ id }) => ({
      id,
      seq: this.written.indexOf(id, after) + 1,
      sentAt: "2026-11-21T00:00:00.000Z",
    }));
    const ack: Ack = {
      type: "ack",
      chatId: CHAT.chatId,
      messages: acked,
      missed: [],
      ...(requestId ? { requestId } : {}),
    };
    return this.losesAcks ? null : ack;
  }

  #message(id: string, seq: number) {
    return { id, seq, senderId: "a", sentAt: "2026-11-21T00:00:00.000Z", text: id };
  }
}

let service: Service;
let storage: Storage;
let engine: Engine;
let tabs: Tabs;
let said: Said[];
let count = 0;

/** A WebSocket to `service`. */
class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor() {
    queueMicrotask(() => this.onopen?.());
    service.push = (frame) => this.onmessage?.({ data: JSON.stringify(frame) });
  }

  send(data: string): void {
    const answer = service.answer(JSON.parse(data));
    if (answer !== null) {
      queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(answer) }));
    }
  }

  close(): void {}
}

async function start(): Promise<void> {
  const given = {
    userId: "a",
    api: service.api,
    storage,
    tabs,
    webSocketUrl: "ws://here",
    refused: () => undefined,
  };
  engine = await Engine.start(given);
}

async function write(id: string): Promise<void> {
  await storage.enqueue({ chatId: CHAT.chatId, message: { id, text: id }, writtenAt: 1, refusal: null });
  tabs.wish({ wish: "queued" });
}

const queued = async () => (await storage.queue()).map((entry) => entry.message.id);
const kept = async () => (await storage.messagesFrom(CHAT.chatId, 1, 100)).map((message) => message.id);

beforeEach(async () => {
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
  count += 1;
  service = new Service();
  storage = await Storage.open(`engine-${count}`);
  tabs = new Tabs(`engine-${count}`);
  said = [];
  tabs.listen({ said: (one) => said.push(one) });
});

afterEach(async () => {
  await engine.stop();
  tabs.close();
  storage.close();
});

it("sends what is queued, keeps it once it is received, and queues it no more", async () => {
  await start();
  await write("one");
  await write("two");
  await expect.poll(kept).toEqual(["one", "two"]);
  await expect.poll(queued).toEqual([]);
  expect(service.written).toEqual(["one", "two"]);
  expect(said.findLast((one) => one.news === "outbox")).toMatchObject({ outbox: [] });
});

it("sends what was queued while there was no connection, by a later engine", async () => {
  service.online = false;
  await start();
  await write("one");
  await expect.poll(async () => (await storage.snapshot()).outbox.length).toBe(1);
  await engine.stop();
  service.online = true;
  await start();
  await expect.poll(() => service.written).toEqual(["one"]);
  await expect.poll(queued).toEqual([]);
});

it("repeats a send whose ack was lost with the same place, so that it is written once", async () => {
  service.losesAcks = true;
  await start();
  await write("one");
  await expect.poll(() => service.written).toEqual(["one"]);
  await engine.stop();
  expect(await queued()).toEqual(["one"]);
  service.losesAcks = false;
  await start();
  await expect.poll(kept).toEqual(["one"]);
  await expect.poll(queued).toEqual([]);
  expect(service.written).toEqual(["one"]);
  expect(new Set(service.afters)).toEqual(new Set([0]));
});

it("knows how far the others were until their members are listed anew", async () => {
  await start();
  await write("one");
  await expect.poll(kept).toEqual(["one"]);
  tabs.wish({ wish: "look", chatId: CHAT.chatId });
  const marks = async () => (await storage.read()).chats.map((chat) => chat.marks);
  await expect.poll(marks).toMatchObject([{ b: { readSeq: 1 } }]);
  await engine.stop();
  service.lists = false;
  said.length = 0;
  await start();
  await expect.poll(() => said.filter((one) => one.news === "chat").length).toBeGreaterThan(0);
  for (const one of said) {
    if (one.news === "chat") {
      expect(one.record.marks).toMatchObject({ b: { readSeq: 1 } });
    }
  }
  await expect.poll(() => said.some((one) => one.news === "link" && one.link.caughtUp)).toBe(true);
  const members = [{ userId: "b", role: "member", memberSince: 1 }];
  const change = { number: 1, by: "b", at: "2026-11-21T00:00:00.000Z", members };
  service.push({ type: "changed", chatId: CHAT.chatId, change });
  await expect.poll(marks).toEqual([{}]); // who comes back has read nothing
});

it("tells all tabs of a mute on another device, and keeps it", async () => {
  await start();
  await expect.poll(() => said.some((one) => one.news === "link" && one.link.caughtUp)).toBe(true);
  const mutedUntil = "2126-11-21T00:00:00Z";
  service.push({ type: "chat", chat: { ...CHAT, mutedUntil } });
  await expect
    .poll(() => said.findLast((one) => one.news === "chat"))
    .toMatchObject({ record: { mutedUntil } });
  await expect.poll(async () => (await storage.read()).chats).toMatchObject([{ mutedUntil }]);
});
