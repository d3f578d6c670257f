/** What stands in frames and bodies, and what is meant where a field is not there. The types are the protocol's. */
import type { Chat, Member, Message } from "../protocol/types.ts";

export type {
  Acked,
  Attachment,
  Change,
  Chat as ChatSummary,
  Draft as NewMessage,
  Member,
  Message,
  Presence,
  User,
} from "../protocol/types.ts";

/** A chat of which nothing but its id is known. */
export function unknownChat(chatId: string): Chat {
  return {
    chatId,
    kind: "",
    role: "member",
    lastSeq: 0,
    lastChange: 0,
    visibleAfter: 0,
    readSeq: 0,
    deliveredSeq: 0,
    unread: 0,
  };
}

/** Completes what an older or a newer service has told of a chat. */
export function readChat(told: Partial<Chat> & { readonly chatId: string }): Chat {
  return { ...unknownChat(told.chatId), ...told };
}

/** The number of the change that made a message what it is; of two versions, the higher is the later. */
export function versionOf(message: Message): number {
  return message.change ?? 0;
}

export function deliveredSeqOf(member: Member): number {
  return member.deliveredSeq ?? 0;
}

/** The number of the change by which a member came, who had got nowhere then. */
export function sinceOf(told: { readonly memberSince?: number }): number {
  return told.memberSince ?? 0;
}

export function readSeqOf(member: Member): number {
  return member.readSeq ?? 0;
}
