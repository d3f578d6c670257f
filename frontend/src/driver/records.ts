/** What this device keeps, and what its tabs tell each other. */
import type { ChatView } from "../core/chatState.ts";
import type { ConnectionState } from "../core/events.ts";
import type { ChatSummary, Message, NewMessage, User } from "../core/values.ts";

/** A chat as it was known last. */
export type ChatRecord = Omit<ChatView, "messages"> & { readonly lastMessage: Message | null };

/** A message that is to be sent: kept from before it is shown until it is received, or refused and discarded. */
export interface QueuedMessage {
  readonly chatId: string;
  readonly message: NewMessage;
  /** When it was written, in milliseconds since the epoch. */
  readonly writtenAt: number;
  /** Why the service will not take it; null while it may. */
  readonly refusal: string | null;
}

export interface StoredAccount {
  readonly userId: string;
  readonly username: string;
  /** Null where a cookie keeps the session, which no page can read. */
  readonly refreshToken: string | null;
}

export interface Link {
  readonly state: ConnectionState;
  readonly reason: string;
  /** In milliseconds since the epoch. */
  readonly retryAt: number | null;
  readonly caughtUp: boolean;
}

/** What the tab that holds the connection tells all tabs. */
export type News =
  | { readonly news: "link"; readonly link: Link }
  | { readonly news: "chat"; readonly record: ChatRecord }
  | { readonly news: "chatGone"; readonly chatId: string }
  /** Received for the first time, or another version of one. */
  | { readonly news: "messages"; readonly chatId: string; readonly messages: readonly Message[] }
  /** The service has lost the chat's messages: all that is shown is void. */
  | { readonly news: "reset"; readonly chatId: string }
  /** All that is to be sent, in all chats. */
  | { readonly news: "outbox"; readonly outbox: readonly QueuedMessage[] };

/** What a tab tells all tabs. */
export type Said =
  | News
  | { readonly news: "people"; readonly people: readonly User[] }
  | { readonly news: "draft"; readonly chatId: string; readonly text: string }
  | { readonly news: "signedIn" }
  | { readonly news: "signedOut"; readonly notice: string };

/** What a tab asks of the tab that holds the connection. */
export type Wish =
  /** Something is in the queue. */
  | { readonly wish: "queued" }
  /** A refused message was taken out of the queue. */
  | { readonly wish: "discarded"; readonly id: string }
  | { readonly wish: "read"; readonly chatId: string; readonly seq: number }
  | { readonly wish: "type"; readonly chatId: string }
  | { readonly wish: "probe" }
  /** Tell everything that only the connection knows. */
  | { readonly wish: "tell" }
  /** See who is in a chat, how far they are, and who of them is online. */
  | { readonly wish: "look"; readonly chatId: string }
  | { readonly wish: "discovered"; readonly chat: ChatSummary };
