/** The frames that the session sends, told apart by `action`: each with the request id that its answer repeats. */
import type * as protocol from "../protocol/types.ts";

type Numbered<Frame extends { readonly requestId?: string }> = Frame & { readonly requestId: string };

export type SendMessage = Numbered<protocol.SendMessage>;
export type Sync = Numbered<protocol.Sync>;
export type MarkDelivered = Numbered<protocol.MarkDelivered>;
export type MarkRead = Numbered<protocol.MarkRead>;
export type Typing = Numbered<protocol.Type>;
export type Ping = protocol.Ping;

/** What an application asks for and waits for; repeating one does no harm. */
export type Query = Numbered<
  | protocol.GetMessages
  | protocol.EditMessage
  | protocol.DeleteMessage
  | protocol.React
  | protocol.JoinChat
  | protocol.LeaveChat
  | protocol.GetPresence
  | protocol.GetUsers
>;

/** What gets an answer of its own. */
export type Request = SendMessage | Sync | MarkDelivered | MarkRead | Typing | Query;
