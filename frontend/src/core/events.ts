/** What an application learns from the session: messages in order, its sends' fate, the connection's state. */
import type { Change, ChatSummary, Message, Presence } from "./values.ts";

export type ConnectionState =
  /** Not started, or closed on purpose. */
  | "offline"
  /** The first connection is being opened. */
  | "connecting"
  | "online"
  /** The connection was lost, or could not be opened; another attempt follows by itself. */
  | "reconnecting"
  /** The service does not accept who we are; nothing follows until the application signs in again. */
  | "refused";

/**
 * A chat's next message: in order of `seq`, each exactly once, one's own included. A hole is there only where the
 * chat's messages are not shown to this user, who was no member then.
 */
export interface MessageReceived {
  readonly event: "messageReceived";
  readonly chatId: string;
  readonly message: Message;
}

/** A message of this client is durable; it is also received, in its turn. */
export interface MessageSent {
  readonly event: "messageSent";
  readonly chatId: string;
  readonly message: Message;
}

/** A message of this client will not be sent; `definite` says that it certainly was not written. */
export interface MessageRefused {
  readonly event: "messageRefused";
  readonly chatId: string;
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly definite: boolean;
}

/** The connection's state and, when known, why; `retryIn` is in seconds. */
export interface ConnectionChanged {
  readonly event: "connectionChanged";
  readonly state: ConnectionState;
  readonly reason: string;
  readonly retryIn: number | null;
}

/** Everything written before this connection opened has been received. */
export interface CaughtUp {
  readonly event: "caughtUp";
}

/** The service lost what this client holds of a chat; the chat's messages follow again from number 1. */
export interface HistoryReset {
  readonly event: "historyReset";
  readonly chatId: string;
}

/**
 * A message received earlier was edited, deleted or reacted to, here or on whichever device: `change.message` is the
 * message as it is now. Changes come in order of their numbers, each once.
 */
export interface MessageChanged {
  readonly event: "messageChanged";
  readonly chatId: string;
  readonly change: Change;
}

/** This user is in this chat: created, joined, or listed for the first time in this session. */
export interface ChatFound {
  readonly event: "chatFound";
  readonly chat: ChatSummary;
}

/** A chat has another name, or other members or roles; in order of the changes' numbers, each once. */
export interface ChatChanged {
  readonly event: "chatChanged";
  readonly chatId: string;
  readonly change: Change;
}

/**
 * What is this user's own of a chat is another: until when it is muted, or how its other member is shown. No change is
 * numbered for either: it was altered on whichever device, or by the other member. `chat` is the chat as it is now.
 */
export interface ChatUpdated {
  readonly event: "chatUpdated";
  readonly chat: ChatSummary;
}

/** This user is not in this chat any more, or never was; what was not sent there is refused. */
export interface ChatLeft {
  readonly event: "chatLeft";
  readonly chatId: string;
}

/** A member holds or has read more of a chat; this user too, on whichever device. */
export interface ReceiptReceived {
  readonly event: "receiptReceived";
  readonly chatId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

/** Who of a chat's other members is writing now. */
export interface TypingChanged {
  readonly event: "typingChanged";
  readonly chatId: string;
  readonly userIds: readonly string[];
}

/** Who of a chat's other members came online or went away. */
export interface PresenceChanged {
  readonly event: "presenceChanged";
  readonly chatId: string;
  readonly users: readonly Presence[];
}

export type Event =
  | MessageReceived
  | MessageSent
  | MessageRefused
  | ConnectionChanged
  | CaughtUp
  | HistoryReset
  | MessageChanged
  | ChatFound
  | ChatChanged
  | ChatUpdated
  | ChatLeft
  | ReceiptReceived
  | TypingChanged
  | PresenceChanged;
