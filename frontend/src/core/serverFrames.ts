/** The frames that the service sends, told apart by `type`. */
import type * as protocol from "../protocol/types.ts";

export type AckFrame = protocol.Ack;
export type MessageFrame = protocol.MessagePosted;
export type MessagesFrame = protocol.Messages;
export type SyncFrame = protocol.Synced;
export type ChangedFrame = protocol.Changed;
export type ReceiptFrame = protocol.Receipt;
export type TypingFrame = protocol.Typing;
export type PresenceFrame = protocol.Presences;
export type ChatFrame = protocol.Joined;
export type LeftFrame = protocol.Left;
export type UsersFrame = protocol.Users;
export type PongFrame = protocol.Pong;
export type ErrorFrame = protocol.Error;

/** API Gateway's own error; its request id is not ours, so it names no request of this client. */
export interface GatewayErrorFrame {
  readonly type: "gatewayError";
  readonly message: string;
}

/** A frame that this client cannot read, and why. */
export interface UnknownFrame {
  readonly type: "unknown";
  readonly reason: string;
}

export type Received = protocol.ServerFrame | GatewayErrorFrame | UnknownFrame;

/** What answers a query. */
export type Answer =
  | MessagesFrame
  | ChangedFrame
  | ChatFrame
  | LeftFrame
  | PresenceFrame
  | UsersFrame
  | ErrorFrame;
