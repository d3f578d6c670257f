/** A chat's record: what the session knows of it, and what was known before of what the session has not met yet. */
import type { ChatView } from "../core/chatState.ts";
import { type Message, versionOf } from "../core/values.ts";
import type { ChatRecord } from "./records.ts";

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

/** Who is in a chat and how far they are: as it was known last, until this session has listed them. */
function membersAndMarks(view: Omit<ChatView, "messages">, known: ChatRecord | undefined) {
  return view.members === null && known !== undefined
    ? { members: known.members, marks: { ...known.marks, ...view.marks } }
    : { members: view.members, marks: view.marks };
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
