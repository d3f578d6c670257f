/**
 * Frames as they go over the wire: written strictly, read tolerantly. What this client does not know becomes an
 * UnknownFrame, so an older client keeps working with a newer service.
 */
import type { ServerFrame } from "../protocol/types.ts";
import type { Received } from "./serverFrames.ts";

type Kind = "string" | "number" | "boolean" | "object" | "array";

/** What each frame has at least. */
const FIELDS: Readonly<Record<ServerFrame["type"], Readonly<Record<string, Kind>>>> = {
  ack: { chatId: "string", messages: "array" },
  message: { chatId: "string", message: "object" },
  messages: { chatId: "string", messages: "array" },
  sync: { chats: "array" },
  changed: { chatId: "string", change: "object" },
  receipt: { chatId: "string", userId: "string" },
  typing: { chatId: "string", userId: "string" },
  presence: { chatId: "string", users: "array" },
  chat: { chat: "object" },
  left: { chatId: "string" },
  users: { users: "array" },
  pong: {},
  error: { code: "string" },
};

const NO_PAGE = { messages: [], hasMore: false };

const encoder = new TextEncoder();

/** How many bytes a value takes inside a frame. */
export function size(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/** Parses what arrived; what cannot be read becomes an UnknownFrame and never an exception. */
export function decode(data: string): Received {
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch (fault) {
    return { type: "unknown", reason: String(fault) };
  }
  if (!isObject(frame)) {
    return { type: "unknown", reason: "a frame is an object" };
  }
  const { type } = frame;
  if (type === undefined || type === null) {
    const { message } = frame;
    return typeof message === "string"
      ? { type: "gatewayError", message }
      : { type: "unknown", reason: "neither a frame nor an error of API Gateway" };
  }
  if (!isKnown(type)) {
    return { type: "unknown", reason: `no frame of type ${String(type)} is known` };
  }
  const wrong = Object.entries(FIELDS[type]).find(([field, kind]) => kindOf(frame[field]) !== kind);
  if (wrong !== undefined) {
    return {
      type: "unknown",
      reason: `a frame of type ${type} has the field ${wrong[0]}, of type ${wrong[1]}`,
    };
  }
  return completed(frame as unknown as ServerFrame);
}

/** A frame with what it may leave out: a page of a sync that says nothing of messages has none. */
function completed(frame: ServerFrame): ServerFrame {
  if (frame.type !== "sync") {
    return frame;
  }
  return { ...frame, chats: frame.chats.map((page) => ({ ...NO_PAGE, ...page })) };
}

function isKnown(type: unknown): type is ServerFrame["type"] {
  return typeof type === "string" && Object.hasOwn(FIELDS, type);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return kindOf(value) === "object";
}

function kindOf(value: unknown): string {
  if (value === null) {
    return "null";
  }
  return Array.isArray(value) ? "array" : typeof value;
}
