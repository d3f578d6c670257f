/** The parts of the model's state, made of what is known; whatever says the same as before stays the same value. */
import type { ChatRow, Connection, Conversation, ShownMessage, Upload, User } from "../state.ts";
import type { Knowledge } from "./knowledge.ts";
import type { OpenChat } from "./openChat.ts";
import { membersOf, othersOf, permissionsOf, rowOf, type Showing } from "./shown.ts";
import type { UploadingMessage } from "./uploads.ts";

/** Of the loaded messages, how many of the last may be ones that the outbox still holds. */
const RECENT = 100;

export function chatRows(
  knowledge: Knowledge,
  showing: Showing,
  before: readonly ChatRow[],
): readonly ChatRow[] {
  const known = new Map(before.map((row) => [row.chatId, row]));
  const rows = [...knowledge.records.values()].map((record) => {
    const { chatId } = record;
    const queue = knowledge.outbox.filter((entry) => entry.chatId === chatId);
    const draft = knowledge.drafts.get(chatId) ?? "";
    return unchanged(known.get(chatId), rowOf(knowledge.chat(chatId) ?? record, showing, queue, draft));
  });
  rows.sort((one, other) => other.lastAt - one.lastAt);
  return sameList(before, rows);
}

export function connectionOf({ link, outbox }: Knowledge, before: Connection): Connection {
  const waiting = outbox.filter((entry) => entry.refusal === null).length;
  return unchanged(before, { ...link, waiting });
}

/** What is in the open chat beside what is known of it. */
export interface Opened {
  readonly open: OpenChat;
  readonly userId: string;
  readonly personOf: (userId: string) => User;
  readonly blocked: ReadonlySet<string>;
  readonly uploads: readonly Upload[];
  /** Messages that wait for their file. */
  readonly uploading: readonly UploadingMessage[];
}

/** The open chat as it is shown; null until it is known. */
export function conversationOf(
  knowledge: Knowledge,
  showing: Showing,
  { open, userId, personOf, blocked, uploads, uploading }: Opened,
  before: Conversation | null,
): Conversation | null {
  const record = knowledge.chat(open.chatId);
  if (record === undefined) {
    return null;
  }
  const other = record.otherMember?.userId;
  const isBlocked = other !== undefined && blocked.has(other);
  const received = open.stretch.messages.map((message) => showing.message(message));
  const waiting = uploading.filter(({ chatId }) => chatId === open.chatId).map(({ message }) => message);
  const messages = open.hasAfter
    ? received
    : [...received, ...queued(knowledge, showing, open, received), ...waiting];
  const next: Conversation = {
    chatId: open.chatId,
    messages: sameList(before?.messages ?? [], messages),
    hasBefore: open.hasBefore,
    hasAfter: open.hasAfter,
    loading: open.loading,
    firstSeq: open.firstSeq,
    lastSeq: open.lastSeq,
    unreadFrom: open.unreadFrom,
    jumpTo: open.jumpTo,
    quoted: quotedOf(open, showing),
    members: membersOf(record, personOf),
    ...othersOf(record, userId),
    may: permissionsOf(record, isBlocked),
    blocked: isBlocked,
    uploads,
  };
  return unchanged(before, next);
}

function quotedOf({ quoted }: OpenChat, showing: Showing): Conversation["quoted"] {
  return Object.fromEntries(
    [...quoted].map(([seq, message]) => [seq, message === null ? null : showing.message(message)]),
  );
}

/** What of the open chat waits to be sent, unless it has just been received. */
function queued(
  { link, outbox }: Knowledge,
  showing: Showing,
  { chatId }: OpenChat,
  received: readonly ShownMessage[],
): readonly ShownMessage[] {
  const recent = new Set(received.slice(-RECENT).map((message) => message.id));
  return outbox
    .filter((entry) => entry.chatId === chatId && !recent.has(entry.message.id))
    .map((entry) => showing.queued(entry, link.state === "online"));
}

/** The value before where the new one says the same; long lists say the same only where they are the same. */
function unchanged<Value extends object>(before: Value | null | undefined, now: Value): Value {
  if (before === null || before === undefined) {
    return now;
  }
  const isSame = (Object.keys(now) as (keyof Value)[]).every(
    (key) =>
      before[key] === now[key] ||
      (key !== "messages" && JSON.stringify(before[key]) === JSON.stringify(now[key])),
  );
  return isSame ? before : now;
}

/** The list before where the new one has the same in it. */
function sameList<Item>(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  return before.length === now.length && before.every((item, index) => item === now[index]) ? before : now;
}
