// What stands in frames and bodies. Written by `nox -s specs` from handlers/chat/protocol/; do not edit.

/** Answers POST /auth/token and /auth/refresh; `expiresIn` is in seconds. */
export interface AccessGrant {
  readonly accessToken: string;
  readonly expiresIn: number;
}

/** Answers sendMessage: every message of the frame is durable. */
export interface Ack {
  readonly type: "ack";
  readonly requestId?: string;
  readonly chatId: string;
  readonly messages: readonly Acked[];
  readonly missed: readonly Message[];
}

/** What came of a send: every message of it is durable. */
export interface AckBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly messages: readonly Acked[];
  readonly missed: readonly Message[];
}

/** Where a sent message is. */
export interface Acked {
  readonly id: string;
  readonly seq: number;
  readonly sentAt: string;
}

/** A file beside a message: it is there, is what its type says and does not change any more. */
export interface Attachment {
  readonly mediaId: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
}

/** A file beside a message, as its sender names it: uploaded by this user for this chat. */
export interface AttachmentDraft {
  readonly mediaId: string;
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
}

/** Answers GET /avatars: the link to all avatars, a URI template (RFC 6570) of `userId` and `avatar`. */
export interface AvatarsLink {
  readonly url: string;
  readonly expiresAt: string;
}

/** Answers GET /users/me/blocks: whom the caller has blocked, and the cursor of the next page if any. */
export interface BlocksBody {
  readonly users: readonly User[];
  readonly next?: string;
}

/** The query of GET /users/me/blocks: `cursor` is the `next` of the page before. */
export interface BlocksQuery {
  readonly cursor?: string;
  readonly limit?: number;
}

/** A change of a chat at its place among all: 1, 2, 3, ..., counted apart from the messages. One of `message`, `name`, `members` and `removed` says what changed; where the last owner left, `members` beside `removed` says who owns the chat now. None is there where a later change of the same message overtook this one, or where the message is gone or not shown to the reader. */
export interface Change {
  readonly number: number;
  readonly by: string;
  readonly at: string;
  readonly message?: Message;
  readonly name?: string;
  readonly members?: readonly Member[];
  readonly removed?: readonly string[];
}

/** Answers editMessage, deleteMessage and react, and comes to every other device of the members. */
export interface Changed {
  readonly type: "changed";
  readonly requestId?: string;
  readonly chatId: string;
  readonly change: Change;
}

/** A change of a chat, as it stands now. */
export interface ChangedBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly change: Change;
}

/** A channel as anyone finds it. */
export interface Channel {
  readonly chatId: string;
  readonly name: string;
}

/** Channels in the order of their names; `hasMore` when a longer prefix would tell more. */
export interface ChannelsBody {
  readonly requestId?: string;
  readonly channels: readonly Channel[];
  readonly hasMore: boolean;
}

/** The query of GET /channels: `q` is how the name begins, in any case; without it, any name will do. */
export interface ChannelsQuery {
  readonly q?: string;
  readonly limit?: number;
}

/** A chat as one of its members sees it. */
export interface Chat {
  readonly chatId: string;
  readonly kind: string;
  readonly name?: string;
  readonly otherMember?: User;
  readonly role: "admin" | "member" | "owner";
  readonly lastSeq: number;
  readonly lastChange: number;
  readonly visibleAfter: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly memberSince?: number;
  readonly unread: number;
  readonly mutedUntil?: string;
  readonly lastMessage?: Message;
}

/** Answers GET /chats: a page of the caller's chats, and the cursor of the next page if there is one. */
export interface ChatsBody {
  readonly chats: readonly Chat[];
  readonly next?: string;
}

/** The query of GET /chats: `cursor` is the `next` of the page before. */
export interface ChatsQuery {
  readonly cursor?: string;
  readonly limit?: number;
}

/** Creates a channel that the caller owns; `id` makes a repeated request give the same chat. */
export interface CreateChannel {
  readonly kind: "channel";
  readonly id: string;
  readonly name: string;
}

/** Opens the direct chat with another user. */
export interface CreateDirect {
  readonly kind: "direct";
  readonly userId: string;
}

/** Creates a group that the caller owns; `id` makes a repeated request give the same chat. */
export interface CreateGroup {
  readonly kind: "group";
  readonly id: string;
  readonly name: string;
  readonly memberIds: readonly string[];
  readonly history?: "joining" | "start";
}

/** The body of POST /reports: a message of a chat that the caller is in. */
export interface CreateReport {
  readonly chatId: string;
  readonly seq: number;
  readonly reason: "abuse" | "illegal" | "other" | "spam";
  readonly note?: string;
}

/** Empties one's own message, or as an owner or admin of a group or channel anyone's; its number stays. */
export interface DeleteMessage {
  readonly action: "deleteMessage";
  readonly requestId?: string;
  readonly chatId: string;
  readonly seq: number;
}

/** Answers DELETE /users/me: the account is being deleted, which takes seconds to minutes. */
export interface Deletion {
  readonly requestedAt: string;
}

/** Says no more than that it is done. */
export type Done = object;

/** Answers GET /chats/{chatId}/media/{mediaId}: the file's link, for whoever has it, for a while. */
export interface Download {
  readonly url: string;
  readonly expiresAt: string;
}

/** The query of GET /chats/{chatId}/media/{mediaId}. */
export interface DownloadQuery {
  readonly seq?: number;
}

/** A message as its sender hands it in: a text, an attachment, or both. */
export interface Draft {
  readonly id: string;
  readonly text: string;
  readonly attachment?: AttachmentDraft;
  readonly replyTo?: number;
  readonly mentions?: readonly string[];
}

/** Changes the text of one's own message. */
export interface EditMessage {
  readonly action: "editMessage";
  readonly requestId?: string;
  readonly chatId: string;
  readonly seq: number;
  readonly text: string;
}

/** Answers any frame that could not be carried out. */
export interface Error {
  readonly type: "error";
  readonly requestId?: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly definite: boolean;
  readonly chatId?: string;
  readonly retryAfterMs?: number;
}

/** Why a request was not carried out. */
export interface ErrorBody {
  readonly requestId?: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly definite: boolean;
  readonly chatId?: string;
  readonly retryAfterMs?: number;
}

/** Answers POST and GET /users/me/export: `ready` with a link that works until `expiresAt`. */
export interface Export {
  readonly status: "preparing" | "ready";
  readonly requestedAt: string;
  readonly url?: string;
  readonly expiresAt?: string;
}

/** The body of every REST error. */
export interface Failure {
  readonly error: ErrorBody;
}

/** What API Gateway itself answers: no valid token, no such path, too many requests, no answer of ours. */
export interface GatewayError {
  readonly message: string;
}

/** Asks for the messages that follow `after`, precede `before`, lie `around`, or else for the newest. */
export interface GetMessages {
  readonly action: "getMessages";
  readonly requestId?: string;
  readonly chatId: string;
  readonly after?: number;
  readonly before?: number;
  readonly around?: number;
  readonly limit?: number;
}

/** Asks who of a direct chat's or group's members is online, and when the others last were. */
export interface GetPresence {
  readonly action: "getPresence";
  readonly requestId?: string;
  readonly chatId: string;
}

/** Asks for users whose name begins with `q`. */
export interface GetUsers {
  readonly action: "getUsers";
  readonly requestId?: string;
  readonly q: string;
  readonly limit?: number;
}

/** The query of GET /chats/{chatId}/messages; means what it means in getMessages. */
export interface HistoryQuery {
  readonly after?: number;
  readonly before?: number;
  readonly around?: number;
  readonly limit?: number;
}

/** A message that was found. */
export interface Hit {
  readonly chatId: string;
  readonly message: Message;
}

/** Joins a channel. */
export interface JoinChat {
  readonly action: "joinChat";
  readonly requestId?: string;
  readonly chatId: string;
}

/** Answers joinChat, and comes to the devices of who is in a new chat, was added to one or muted one. */
export interface Joined {
  readonly type: "chat";
  readonly requestId?: string;
  readonly chat: Chat;
}

/** Leaves a group or a channel. */
export interface LeaveChat {
  readonly action: "leaveChat";
  readonly requestId?: string;
  readonly chatId: string;
}

/** Answers leaveChat, and comes to all devices of a user who left or was removed. */
export interface Left {
  readonly type: "left";
  readonly requestId?: string;
  readonly chatId: string;
}

/** Tells that this user's devices hold the chat's messages up to `seq`. */
export interface MarkDelivered {
  readonly action: "markDelivered";
  readonly requestId?: string;
  readonly chatId: string;
  readonly seq: number;
}

/** Tells that this user has read the chat up to `seq`. */
export interface MarkRead {
  readonly action: "markRead";
  readonly requestId?: string;
  readonly chatId: string;
  readonly seq: number;
}

/** A member of a chat, as the others see them. */
export interface Member {
  readonly userId: string;
  readonly role: "admin" | "member" | "owner";
  readonly deliveredSeq?: number;
  readonly readSeq?: number;
  readonly memberSince?: number;
}

/** Who is in a group, or who owns and administers a channel, in the order of their ids. */
export interface MembersBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly members: readonly Member[];
  readonly lastChange: number;
}

/** A message at its place in a chat. */
export interface Message {
  readonly id: string;
  readonly seq: number;
  readonly senderId: string;
  readonly sentAt: string;
  readonly text: string;
  readonly replyTo?: number;
  readonly mentions?: readonly string[];
  readonly editedAt?: string;
  readonly deletedAt?: string;
  readonly reactions?: Readonly<Record<string, string>>;
  readonly change?: number;
  readonly attachment?: Attachment;
}

/** A message of a chat, to every connected device of its members but the one it came from. */
export interface MessagePosted {
  readonly type: "message";
  readonly chatId: string;
  readonly message: Message;
}

/** Answers getMessages. */
export interface Messages {
  readonly type: "messages";
  readonly requestId?: string;
  readonly chatId: string;
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** A page of a chat's messages, ascending; `hasMore` when there are more in the direction asked for. */
export interface MessagesBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** The body of PUT /chats/{chatId}/mute: without `until`, the chat is muted no longer. */
export interface MuteChat {
  readonly until?: string;
}

/** The body of a request that says all by its cookie: an empty object. */
export type NoFields = object;

/** The query of a route that takes none. */
export type NoQuery = object;

/** The body of PATCH /chats/{chatId}/messages/{seq}. */
export interface PatchMessage {
  readonly text: string;
}

/** Keeps the connection from idling, and shows that it is alive. */
export interface Ping {
  readonly action: "ping";
  readonly requestId?: string;
}

/** Answers ping. */
export interface Pong {
  readonly type: "pong";
  readonly requestId?: string;
}

/** The body of POST /chats/{chatId}/messages. */
export interface PostMessages {
  readonly after: number;
  readonly messages: readonly Draft[];
}

/** Whether a user is online. */
export interface Presence {
  readonly userId: string;
  readonly online: boolean;
  readonly lastSeen?: string;
}

/** Answers getPresence, and comes to the other members of a user's direct chats when it changes. */
export interface Presences {
  readonly type: "presence";
  readonly requestId?: string;
  readonly chatId: string;
  readonly users: readonly Presence[];
}

/** Who of a chat's other members is online, and when those who are not last were. */
export interface PresencesBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly users: readonly Presence[];
}

/** Answers GET /push-key: the `applicationServerKey` that a browser subscribes with. */
export interface PushKey {
  readonly key: string;
}

/** The body of PUT /chats/{chatId}/messages/{seq}/reaction. */
export interface PutReaction {
  readonly emoji: string;
}

/** Sets one's reaction to a message, in place of an earlier one; without `emoji`, takes it back. */
export interface React {
  readonly action: "react";
  readonly requestId?: string;
  readonly chatId: string;
  readonly seq: number;
  readonly emoji?: string;
}

/** Answers markDelivered and markRead, and comes to the other members and the user's other devices. */
export interface Receipt {
  readonly type: "receipt";
  readonly requestId?: string;
  readonly chatId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly memberSince?: number;
}

/** How far a member has got in a chat; 0 stands for before its first message. */
export interface ReceiptBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly memberSince?: number;
}

/** Answers POST /reports: what was reported, for those who run the service. */
export interface Report {
  readonly reportId: string;
  readonly reportedAt: string;
}

/** The body of POST /upload-url: what is to be uploaded, and for which chat, or as the caller's avatar. */
export interface RequestUpload {
  readonly kind?: "attachment" | "avatar";
  readonly chatId?: string;
  readonly contentType: string;
  readonly bytes: number;
}

/** A member and the member's role. */
export interface RoleBody {
  readonly requestId?: string;
  readonly chatId: string;
  readonly userId: string;
  readonly role: "admin" | "member" | "owner";
}

/** Answers GET /search: what was found, the newest first; where `next` is, there is more to search. */
export interface SearchBody {
  readonly hits: readonly Hit[];
  readonly next?: string;
}

/** The query of GET /search: `cursor` is the `next` of the answer before, to the same `q` and `chatId`. */
export interface SearchQuery {
  readonly q: string;
  readonly chatId?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Appends messages to a chat, in this order. A retry repeats the frame unchanged. */
export interface SendMessage {
  readonly action: "sendMessage";
  readonly requestId?: string;
  readonly chatId: string;
  readonly after: number;
  readonly messages: readonly Draft[];
}

/** The body of PUT /chats/{chatId}/members/{userId}: without `role`, who is a member keeps theirs. */
export interface SetMember {
  readonly role?: "admin" | "member" | "owner";
}

/** The body of PUT /chats/{chatId}/watermarks: one of the two, or both; neither goes back. */
export interface SetWatermarks {
  readonly deliveredSeq?: number;
  readonly readSeq?: number;
}

/** The body of POST /auth/token: what a sign-in came back with (RFC 6749, RFC 7636). */
export interface SignInCode {
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** The body of POST /sign-out; a device that signs out alone revokes its own refresh token at Cognito. */
export interface SignOut {
  readonly everywhere: boolean;
}

/** The body of PUT /users/me/push-subscriptions; from `PushSubscription.toJSON()`. */
export interface Subscribe {
  readonly endpoint: string;
  readonly keys: SubscriptionKeys;
}

/** Answers PUT /users/me/push-subscriptions: by which id it is deleted. */
export interface Subscribed {
  readonly subscriptionId: string;
}

/** By which only that browser reads a notification; from `PushSubscription.toJSON()`. */
export interface SubscriptionKeys {
  readonly p256dh: string;
  readonly auth: string;
}

/** Asks for what follows the highest numbers that the client holds of each chat. */
export interface Sync {
  readonly action: "sync";
  readonly requestId?: string;
  readonly chats: Readonly<Record<string, number>>;
  readonly changes?: Readonly<Record<string, number>>;
}

/** Answers sync: the chats in the order asked. Where `hasMore`, sync again from what is now held. */
export interface Synced {
  readonly type: "sync";
  readonly requestId?: string;
  readonly chats: readonly SyncedChat[];
}

/** What follows in one chat, both ascending; `hasMore` when there are more of the one or the other. */
export interface SyncedChat {
  readonly requestId?: string;
  readonly chatId: string;
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
  readonly changes?: readonly Change[];
}

/** Answers POST /tickets. */
export interface Ticket {
  readonly ticket: string;
  readonly expiresAt: string;
}

/** Tells the others that this user is writing; good for a few seconds, repeated while it is so. */
export interface Type {
  readonly action: "typing";
  readonly requestId?: string;
  readonly chatId: string;
}

/** Answers typing, and comes to the other members: the user is writing until `expiresAt`. */
export interface Typing {
  readonly type: "typing";
  readonly requestId?: string;
  readonly chatId: string;
  readonly userId: string;
  readonly expiresAt: string;
}

/** How much of a chat is unread: exact, since numbers have no holes. */
export interface Unread {
  readonly chatId: string;
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly unread: number;
}

/** Answers GET /unread: all of the caller's chats, and the sum. */
export interface UnreadBody {
  readonly total: number;
  readonly chats: readonly Unread[];
}

/** The body of PATCH /chats/{chatId}. */
export interface UpdateChat {
  readonly name: string;
}

/** The body of PATCH /users/me: what is absent stays as it is. */
export interface UpdateUser {
  readonly displayName?: string;
  readonly about?: string;
  readonly avatar?: string;
}

/** Answers POST /upload-url: POST `fields`, then the field `file`, to `url` as multipart/form-data. */
export interface Upload {
  readonly mediaId: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** A user as other users see them. */
export interface User {
  readonly userId: string;
  readonly username: string;
  readonly displayName?: string;
  readonly about?: string;
  readonly avatar?: string;
}

/** Answers getUsers. */
export interface Users {
  readonly type: "users";
  readonly requestId?: string;
  readonly users: readonly User[];
  readonly hasMore: boolean;
}

/** Users in the order of their names; `hasMore` when a longer prefix would tell more. */
export interface UsersBody {
  readonly requestId?: string;
  readonly users: readonly User[];
  readonly hasMore: boolean;
}

/** The query of GET /users; means what it means in getUsers. */
export interface UsersQuery {
  readonly q: string;
  readonly limit?: number;
}

/** What a client sends. */
export type ClientFrame =
  | DeleteMessage
  | EditMessage
  | GetMessages
  | GetPresence
  | GetUsers
  | JoinChat
  | LeaveChat
  | MarkDelivered
  | MarkRead
  | Ping
  | React
  | SendMessage
  | Sync
  | Type;

/** What the service sends. */
export type ServerFrame =
  | Ack
  | Changed
  | Error
  | Joined
  | Left
  | MessagePosted
  | Messages
  | Pong
  | Presences
  | Receipt
  | Synced
  | Typing
  | Users;
