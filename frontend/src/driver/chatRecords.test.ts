/** Who is in a chat and how far they are, while the session has not listed the members yet. */
import { describe, expect, it } from "vitest";
import { ChatState } from "../core/chatState.ts";
import type { Change, Member } from "../core/values.ts";
import { recordOf, withChange } from "./chatRecords.ts";
import type { ChatRecord } from "./records.ts";

const CHAT = "g:climbers";

function member(userId: string, readSeq: number, memberSince = 0): Member {
  return { userId, role: "member", deliveredSeq: readSeq, readSeq, memberSince };
}

/** What an earlier session has left: bob and farah have read up to 8. */
function known(): ChatRecord {
  const state = new ChatState(CHAT);
  state.learnMembers([member("alice", 0), member("bob", 8), member("farah", 8)], 3);
  return recordOf(state.view(8, 3), undefined, []);
}

/** A session that has just begun, to which these marks were told. */
function told(...marks: readonly Member[]): ChatState {
  const state = new ChatState(CHAT);
  for (const { userId, deliveredSeq = 0, readSeq = 0, memberSince = 0 } of marks) {
    state.mark(userId, deliveredSeq, readSeq, memberSince);
  }
  return state;
}

function marksOf(record: ChatRecord): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(record.marks).map(([userId, { readSeq }]) => [userId, readSeq]));
}

function change(part: Partial<Change>): Change {
  return { number: 5, by: "alice", at: "2026-11-21T00:00:00.000Z", ...part };
}

describe("until the members are listed", () => {
  it("stands what an earlier session knew, and goes forward only", () => {
    const bob = { ...member("bob", 0), deliveredSeq: 11 };
    const record = recordOf(told(bob, member("farah", 9)).view(11, 3), known(), []);
    expect(marksOf(record)).toEqual({ bob: 8, farah: 9 });
    expect(record.marks.bob?.deliveredSeq).toBe(11);
    expect(Object.keys(record.members ?? {})).toEqual(["alice", "bob", "farah"]);
  });

  it("counts nothing that was read in an earlier membership", () => {
    const record = recordOf(told(member("bob", 2, 5)).view(8, 5), known(), []);
    expect(marksOf(record)).toEqual({ bob: 2, farah: 8 });
    const late = recordOf(told(member("bob", 8)).view(8, 5), record, []);
    expect(marksOf(late)).toEqual({ bob: 2, farah: 8 });
  });

  it("has who comes back, or comes, read nothing, and forgets who goes", () => {
    const back = withChange(known(), change({ members: [member("bob", 0, 5), member("chiara", 0, 5)] }));
    expect(marksOf(back)).toEqual({ farah: 8 });
    expect(Object.keys(back.members ?? {}).sort()).toEqual(["alice", "bob", "chiara", "farah"]);
    const gone = withChange(back, change({ number: 6, removed: ["farah"] }));
    expect([marksOf(gone), Object.keys(gone.members ?? {}).sort()]).toEqual([{}, ["alice", "bob", "chiara"]]);
  });

  it("keeps the marks of whose role is another", () => {
    const risen = withChange(known(), change({ members: [{ ...member("bob", 8), role: "admin" }] }));
    expect(marksOf(risen)).toEqual({ bob: 8, farah: 8 });
    expect(risen.members?.bob?.role).toBe("admin");
  });
});

it("is as the session knows it once the members are listed", () => {
  const state = told(member("bob", 9));
  state.learnMembers([member("alice", 0), member("bob", 0)], 6);
  expect(marksOf(recordOf(state.view(9, 6), known(), []))).toEqual({ bob: 9 });
});
