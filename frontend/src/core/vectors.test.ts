// @vitest-environment node
/**
 * The shared test vectors: calls into the session and the effects each must have. Python's core passes the same files;
 * tests/client/test_session_vectors.py says what is in them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "./chats.ts";
import { NOTHING } from "./chats.ts";
import type { Query } from "./clientFrames.ts";
import { POLICY, type Policy } from "./policy.ts";
import { Session } from "./session.ts";
import type { ChatSummary, Member, NewMessage } from "./values.ts";

const FOLDER = join(import.meta.dirname, "../../../tests/client/vectors");

interface Step {
  readonly call: string;
  readonly arguments?: Arguments;
  readonly effects: readonly unknown[];
  readonly snapshot?: unknown;
  readonly views?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

interface Vector {
  readonly about: string;
  readonly policy?: Partial<Policy>;
  readonly snapshot?: Partial<Snapshot>;
  readonly random?: readonly number[];
  readonly steps: readonly Step[];
}

/** All arguments that a call may have, by name. */
interface Arguments {
  readonly connection: number;
  readonly userId: string;
  readonly expiresIn?: number;
  readonly reason: string;
  readonly refused?: boolean;
  readonly retryAfter?: number;
  readonly listing: number;
  readonly chats: readonly ChatSummary[];
  readonly chat: ChatSummary;
  readonly members: readonly Member[];
  readonly lastChange?: number;
  readonly chatId: string;
  readonly message: NewMessage;
  readonly deliveredSeq?: number;
  readonly readSeq?: number;
  readonly timer: string;
  readonly frame: unknown;
}

type Call = (session: Session, given: Arguments) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  start: (session) => session.start(),
  stop: (session) => session.stop(),
  probe: (session) => session.probe(),
  send: (session, given) => session.send(given.chatId, given.message),
  mark: (session, given) => session.mark(given.chatId, given),
  type: (session, given) => session.type(given.chatId),
  query: (session, given) => session.query(given.frame as Query),
  opened: (session, given) => session.opened(given.connection, given.userId, given.expiresIn),
  openFailed: (session, given) =>
    session.openFailed(given.connection, given.reason, given.refused, given.retryAfter),
  lost: (session, given) => session.lost(given.connection, given.reason),
  chatsListed: (session, given) => session.chatsListed(given.listing, given.chats),
  listingFailed: (session, given) => session.listingFailed(given.listing),
  discovered: (session, given) => session.discovered(given.chat),
  membersListed: (session, given) => session.membersListed(given.chatId, given.members, given.lastChange),
  received: (session, given) => session.received(given.connection, JSON.stringify(given.frame)),
  timerFired: (session, given) => session.timerFired(given.timer),
};

/** What a field means that is not there. The Python core leaves such fields out, this one may not. */
const MEANT: Readonly<Record<string, unknown>> = {
  role: "member",
  lastSeq: 0,
  lastChange: 0,
  visibleAfter: 0,
  readSeq: 0,
  deliveredSeq: 0,
  memberSince: 0,
  unread: 0,
  change: 0,
  text: "",
  retryable: false,
  missed: [],
};

/** A value as JSON has it, without the fields that say no more than their absence. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) {
      return inner;
    }
    return Object.fromEntries(
      Object.entries(inner).filter(
        ([name, said]) => !(name in MEANT) || JSON.stringify(said) !== JSON.stringify(MEANT[name]),
      ),
    );
  });
}

function seen(session: Session, chatId: string, fields: Readonly<Record<string, unknown>> | null): unknown {
  const view = session.chat(chatId);
  if (view === null || fields === null) {
    return view;
  }
  return Object.fromEntries(Object.entries(view).filter(([name]) => name in fields));
}

function play(vector: Vector): number {
  const numbers = [...(vector.random ?? [])];
  const random = () => {
    const drawn = numbers.shift();
    if (drawn === undefined) {
      throw new Error("More random numbers are drawn than the vector has.");
    }
    return drawn;
  };
  const session = new Session({ ...POLICY, ...vector.policy }, random, { ...NOTHING, ...vector.snapshot });
  for (const [number, step] of vector.steps.entries()) {
    const where = `step ${number}: ${step.call}`;
    const call = CALLS[step.call];
    if (call === undefined) {
      throw new Error(`This test does not know the call of ${where}.`);
    }
    call(session, (step.arguments ?? {}) as Arguments);
    expect(plain(session.takeEffects()), where).toEqual(plain(step.effects));
    if (step.snapshot !== undefined) {
      expect(plain(session.snapshot()), where).toEqual(plain(step.snapshot));
    }
    for (const [chatId, fields] of Object.entries(step.views ?? {})) {
      expect(plain(seen(session, chatId, fields)), where).toEqual(plain(fields));
    }
  }
  return numbers.length;
}

describe("a session has exactly the effects of the vector", () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

  it.each(names)("%s", (name) => {
    const vector = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Vector;
    expect(play(vector), "all random numbers are drawn").toBe(0);
  });

  it("the vectors were found", () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
  });
});
