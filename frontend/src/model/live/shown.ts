/** How what is known becomes what is shown. */
import { type Message, readSeqOf, type User } from "../../core/values.ts";
import type { ChatRecord, QueuedMessage } from "../../driver/records.ts";
import type { ChatKind, ChatRow, Member, Permissions, Presence, Reaction, ShownMessage } from "../state.ts";

/** Makes messages to show of messages; the same of the same, so that nothing is rendered twice. */
export class Showing {
  readonly #userId: string;
  readonly #shown = new WeakMap<Message, ShownMessage>();

  constructor(userId: string) {
    this.#userId = userId;
  }

  message(message: Message): ShownMessage {
    let shown = this.#shown.get(message);
    if (shown === undefined) {
      shown = this.#show(message);
      this.#shown.set(message, shown);
    }
    return shown;
  }

  /** A message that waits to be sent, or was refused. */
  queued({ message, writtenAt, refusal }: QueuedMessage, online: boolean): ShownMessage {
    const { attachment } = message;
    return {
      id: message.id,
      seq: null,
      senderId: this.#userId,
      mine: true,
      sentAt: writtenAt,
      text: message.text,
      attachment:
        attachment === undefined ? null : { ...attachment, contentType: "", bytes: 0, preview: null },
      replyTo: message.replyTo ?? null,
      mentions: message.mentions ?? [],
      edited: false,
      deleted: false,
      reactions: [],
      outgoing:
        refusal === null
          ? { state: online ? "sending" : "waiting" }
          : { state: "refused", reason: refusal || "The service does not take this message." },
    };
  }

  #show(message: Message): ShownMessage {
    return {
      id: message.id,
      seq: message.seq,
      senderId: message.senderId,
      mine: message.senderId === this.#userId,
      sentAt: Date.parse(message.sentAt),
      text: message.text,
      attachment: message.attachment === undefined ? null : { ...message.attachment, preview: null },
      replyTo: message.replyTo ?? null,
      mentions: message.mentions ?? [],
      edited: message.editedAt !== undefined,
      deleted: message.deletedAt !== undefined,
      reactions: reactionsOf(message.reactions ?? {}, this.#userId),
      outgoing: null,
    };
  }
}

/** The row of a chat; `queue` is what of the chat waits to be sent or was refused. */
export function rowOf(
  record: ChatRecord,
  showing: Showing,
  queue: readonly QueuedMessage[],
  draft: string,
): ChatRow {
  const { otherMember: other, lastMessage } = record;
  const written = queue.at(-1)?.writtenAt ?? 0;
  return {
    chatId: record.chatId,
    kind: record.kind as ChatKind,
    title: record.name ?? other?.displayName ?? other?.username ?? record.chatId,
    other,
    role: record.role,
    unread: record.unread,
    lastMessage: lastMessage === null ? null : showing.message(lastMessage),
    lastAt: Math.max(lastMessage === null ? 0 : Date.parse(lastMessage.sentAt), written),
    presence: other === null ? null : presenceOf(record, other.userId),
    writing: record.writing,
    mutedUntil: mutedUntil(record),
    waiting: queue.filter((entry) => entry.refusal === null).length,
    refused: queue.filter((entry) => entry.refusal !== null).length,
    draft,
  };
}

export function membersOf(record: ChatRecord, personOf: (userId: string) => User): readonly Member[] | null {
  if (record.members === null) {
    return null;
  }
  return Object.values(record.members).map((member) => {
    const marks = record.marks[member.userId];
    return {
      user: personOf(member.userId),
      role: member.role,
      deliveredSeq: Math.max(member.deliveredSeq ?? 0, marks?.deliveredSeq ?? 0),
      readSeq: Math.max(member.readSeq ?? 0, marks?.readSeq ?? 0),
      presence: presenceOf(record, member.userId),
    };
  });
}

/** Up to where every other member holds and has read the chat; nowhere in a channel, or where it is not known. */
export function othersOf(record: ChatRecord, userId: string): { deliveredSeq: number; readSeq: number } {
  const others =
    record.kind === "direct"
      ? [record.otherMember?.userId ?? ""]
      : Object.keys(record.members ?? {}).filter((other) => other !== userId);
  if (record.kind === "channel" || others.length === 0) {
    return { deliveredSeq: 0, readSeq: 0 };
  }
  const marks = others.map((other) => record.marks[other]);
  return {
    deliveredSeq: Math.min(...marks.map((one) => one?.deliveredSeq ?? 0)),
    readSeq: Math.min(...marks.map((one) => (one === undefined ? 0 : readSeqOf(one)))),
  };
}

/** docs/protocol.md, "Groups and channels". */
export function permissionsOf(record: ChatRecord, blocked: boolean): Permissions {
  const { kind, role } = record;
  const leads = kind !== "direct" && role !== "member";
  return {
    write: kind === "channel" ? leads : !blocked,
    rename: leads,
    addMembers: kind === "group" && leads,
    removeMembers: leads,
    giveRoles: kind !== "direct" && role === "owner",
    deleteAny: leads,
    leave: kind !== "direct",
  };
}

function presenceOf(record: ChatRecord, userId: string): Presence | null {
  const known = record.presence[userId];
  if (known === undefined) {
    return null;
  }
  return { online: known.online, lastSeen: known.lastSeen === undefined ? null : Date.parse(known.lastSeen) };
}

function mutedUntil({ mutedUntil: until }: ChatRecord): number | null {
  return until === null || Date.parse(until) <= Date.now() ? null : Date.parse(until);
}

function reactionsOf(reactions: Readonly<Record<string, string>>, userId: string): readonly Reaction[] {
  const byEmoji = new Map<string, string[]>();
  for (const [member, emoji] of Object.entries(reactions)) {
    byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), member]);
  }
  return [...byEmoji].map(([emoji, userIds]) => ({ emoji, userIds, mine: userIds.includes(userId) }));
}
