/** A chat's record: what the session knows of it, and what was known before of what the session has not met yet. */
import type { ChatView } from "../core/chatState.ts";
import { forward } from "../core/marks.ts";
import { type Change, type Member, type Message, sinceOf, versionOf } from "../core/values.ts";
import type { ChatRecord } from "./records.ts";

type Members = Readonly<Record<string, Member>>;

/** `known` is the record until now, `news` are messages of the chat that have just come. */
export function recordOf(
  view: ChatView,
  known: ChatRecord | undefined,
  news: readonly Message[],
): ChatRecord {
  const { messages: held, ...rest } = view;
  const lastMessage = [held.at(-1) ?? null, ...news].reduce(latest, known?.lastMessage ?? null);
  return { ...rest, ...membersAndMarks(rest, known), lastMessage };
}

/** What was known of a chat, after a change of its members: who comes, or comes back, has got nowhere. */
export function withChange(known: ChatRecord, { number, members = [], removed = [] }: Change): ChatRecord {
  const came = Object.fromEntries(members.map((member) => [member.userId, member]));
  const since = Object.fromEntries([
    ...removed.map((userId) => [userId, number] as const),
    ...members.map((member) => [member.userId, sinceOf(member)] as const),
  ]);
  const staying = (all: Members) =>
    Object.fromEntries(Object.entries(all).filter(([userId, told]) => sinceOf(told) >= (since[userId] ?? 0)));
  return {
    ...known,
    members: known.members && { ...staying(known.members), ...came },
    marks: staying(known.marks),
  };
}

/** Who is in a chat and how far they are: as it was known last, until this session has listed them. */
function membersAndMarks(view: Omit<ChatView, "messages">, known: ChatRecord | undefined) {
  if (view.members !== null || known === undefined) {
    return { members: view.members, marks: view.marks };
  }
  const marks = { ...known.marks };
  for (const [userId, mark] of Object.entries(view.marks)) {
    const before = marks[userId];
    marks[userId] = before === undefined ? mark : further(before, mark);
  }
  return { members: known.members, marks };
}

/** Of two marks of a user that of the later membership; within one, how far both tell. */
function further(one: Member, other: Member): Member {
  if (sinceOf(one) !== sinceOf(other)) {
    return sinceOf(one) > sinceOf(other) ? one : other;
  }
  return { ...other, ...forward(one, other.deliveredSeq ?? 0, other.readSeq ?? 0) };
}

/** The later of two messages, in its later version. */
function latest(one: Message | null, other: Message | null): Message | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  if (one.seq !== other.seq) {
    return one.seq > other.seq ? one : other;
  }
  return versionOf(one) > versionOf(other) ? one : other;
}
