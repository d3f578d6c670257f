/** What the screens show: plain, immutable values. Whatever did not change keeps its identity. */
import type { Attachment, Message, User } from "../protocol/types.ts";

export type { Attachment, User };

export interface ModelState {
  readonly account: Account;
  readonly connection: Connection;
  /** The latest first. */
  readonly chats: readonly ChatRow[];
  /** Whether `chats` is known, from this device or from the service: until then the list is not empty but unknown. */
  readonly chatsKnown: boolean;
  /** The chat that is open; null when none is. */
  readonly conversation: Conversation | null;
  readonly search: Search | null;
  readonly notifications: Notifications;
  /** Characters that a password has at least. */
  readonly passwordLength: number;
  /** Whether who is signed in may have a second factor: by an identity provider one has the provider's. */
  readonly mayHaveSecondFactor: boolean;
  /** Everyone met so far, by user id: names and pictures for senders, members and who writes. */
  readonly people: Readonly<Record<string, User>>;
  /** Where everybody's pictures are: a URI template of `userId` and `avatar`; null until it is known. */
  readonly avatars: string | null;
}

/** Who is here, and how far they have come in signing in. */
export type Account =
  /** What this device keeps is being read: shown for a moment, show nothing. */
  | { readonly stage: "starting" }
  | { readonly stage: "signedOut"; readonly providers: readonly string[]; readonly notice: string }
  /** A code was mailed to confirm the address; `confirm` signs in with the password given at `signUp`. */
  | { readonly stage: "confirming"; readonly username: string; readonly sentTo: string }
  /** A code was mailed to choose another password. */
  | { readonly stage: "resetting"; readonly username: string; readonly sentTo: string }
  /** The password was right; a code of the authenticator app is asked for: `giveCode`. */
  | { readonly stage: "challenged" }
  | { readonly stage: "signedIn"; readonly me: User };

export interface Connection {
  readonly state: "offline" | "connecting" | "online" | "reconnecting" | "refused";
  /** Why it is not online; empty when it is, or unknown. */
  readonly reason: string;
  /** When the next attempt follows, in milliseconds since the epoch. */
  readonly retryAt: number | null;
  /** Whether everything that was written while this device was away is here. */
  readonly caughtUp: boolean;
  /** How many messages wait on this device to be sent, in all chats. */
  readonly waiting: number;
}

export type ChatKind = "direct" | "group" | "channel";
export type Role = "owner" | "admin" | "member";

/** A chat in the list. */
export interface ChatRow {
  readonly chatId: string;
  readonly kind: ChatKind;
  /** The group's or channel's name, or the other's. */
  readonly title: string;
  /** Who is at the other end of a direct chat. */
  readonly other: User | null;
  readonly role: Role;
  readonly unread: number;
  readonly lastMessage: ShownMessage | null;
  /** By what the list is ordered: when the last message was sent, in milliseconds since the epoch; 0 for none. */
  readonly lastAt: number;
  /** Of a direct chat's other member; null when it is not known. */
  readonly presence: Presence | null;
  /** Who is writing, by user id. */
  readonly writing: readonly string[];
  /** In milliseconds since the epoch; null when the chat is not muted. */
  readonly mutedUntil: number | null;
  /** How many messages wait here to be sent, and how many were refused. */
  readonly waiting: number;
  readonly refused: number;
  readonly draft: string;
}

export interface Presence {
  readonly online: boolean;
  /** In milliseconds since the epoch; null when it is not known. */
  readonly lastSeen: number | null;
}

/** A message on the screen, sent or not. */
export interface ShownMessage {
  /** The message's id: the same while it is sent and afterwards. */
  readonly id: string;
  /** Its place in the chat; null while it has none, for it is not sent. */
  readonly seq: number | null;
  readonly senderId: string;
  readonly mine: boolean;
  /** In milliseconds since the epoch, the service's; while it is not sent, this device's. */
  readonly sentAt: number;
  /** Plain text: to be shown as text, never as HTML. */
  readonly text: string;
  readonly attachment: ShownAttachment | null;
  /** The number of the message that it replies to. */
  readonly replyTo: number | null;
  /** Whom it mentions, by user id. */
  readonly mentions: readonly string[];
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
  /** What becomes of it while it has no number; null once it has one: then `stateOf` tells. */
  readonly outgoing: Outgoing | null;
}

export type Outgoing =
  /** On this device, to be sent as soon as there is a connection. */
  | { readonly state: "waiting" }
  | { readonly state: "sending" }
  /** Its file is on the way; of `bytes`, so many are there. */
  | { readonly state: "uploading"; readonly sentBytes: number; readonly bytes: number }
  /** It will not be sent: `retry` or `discard` it. */
  | { readonly state: "refused"; readonly reason: string };

export type ShownAttachment = Omit<Attachment, "mediaId"> & {
  /** Null while it is uploaded. */
  readonly mediaId: string | null;
  /** A `blob:` address of the file where it is on this device. */
  readonly preview: string | null;
};

export interface Reaction {
  readonly emoji: string;
  readonly userIds: readonly string[];
  readonly mine: boolean;
}

/** The open chat: a stretch of its messages without a hole, and all that goes with them. */
export interface Conversation {
  readonly chatId: string;
  /** By number ascending, without a hole; at the end those that are not sent yet. */
  readonly messages: readonly ShownMessage[];
  /** Whether there are earlier, or later, messages than `messages`: `loadBefore`, `loadAfter`. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  readonly loading: "before" | "after" | "around" | null;
  /** The lowest and the highest number of the chat that this user sees. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The first message that was unread when the chat was opened, for the divider; null for none. */
  readonly unreadFrom: number | null;
  /** What to bring into view, a message of a search or a notification, or the end: `jumped` takes it back. */
  readonly jumpTo: number | "end" | null;
  /** Of messages that are replied to and not in `messages`, those that were asked for; null where one sees none. */
  readonly quoted: Readonly<Record<number, ShownMessage | null>>;
  /** Who is in it; of a channel its owners and admins; null until it is known. */
  readonly members: readonly Member[] | null;
  /** Up to here every other member holds, and has read, the chat; 0 in a channel. */
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly may: Permissions;
  /** Of a direct chat: whether I have blocked the other. */
  readonly blocked: boolean;
  readonly uploads: readonly Upload[];
}

export interface Member {
  readonly user: User;
  readonly role: Role;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly presence: Presence | null;
}

/** What my role lets me do here. */
export interface Permissions {
  readonly write: boolean;
  readonly rename: boolean;
  readonly addMembers: boolean;
  readonly removeMembers: boolean;
  readonly giveRoles: boolean;
  readonly deleteAny: boolean;
  readonly leave: boolean;
}

/** A file that is to go with the next message. */
export interface Upload {
  readonly uploadId: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sentBytes: number;
  readonly state: "uploading" | "ready" | "failed";
  /** Why it failed, in one sentence that says what to do. */
  readonly reason: string;
  /** A `blob:` address of an image or film. */
  readonly preview: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface Search {
  readonly query: string;
  /** Null: in all chats. */
  readonly chatId: string | null;
  /** The newest first. */
  readonly hits: readonly SearchHit[];
  readonly searching: boolean;
  /** Whether `searchMore` may find more. */
  readonly hasMore: boolean;
  readonly failure: string;
}

export interface SearchHit {
  readonly chatId: string;
  readonly message: ShownMessage;
}

export type Notifications =
  /** Not offered: by this browser, or by the service. */
  | "unavailable"
  | "off"
  | "on"
  /** The user has refused them in the browser's settings. */
  | "denied";

/** What is in the archive of everything about me: GET /users/me/export. */
export interface Export {
  readonly state: "none" | "preparing" | "ready";
  readonly url: string | null;
}

/** What an authenticator app wants to know: the secret to type, or the address that its QR code has. */
export interface AuthenticatorKey {
  readonly secret: string;
  readonly uri: string;
}

export interface Channel {
  readonly chatId: string;
  readonly name: string;
}

export type WireMessage = Message;
