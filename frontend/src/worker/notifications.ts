/** What is shown of a Web Push notification, which holds no text: docs/protocol.md, "Notifications". */

export interface Shown {
  readonly title: string;
  readonly body: string;
  /** A later one of the same chat takes its place. */
  readonly tag: string;
  readonly icon: string;
  readonly data: { readonly chatId: string };
}

/** What to show; null where what came is no notification of ours. */
export function notificationOf(pushed: unknown): Shown | null {
  if (!isPushed(pushed)) {
    return null;
  }
  const { chatId, senderName } = pushed;
  return { title: senderName, body: "New message", tag: chatId, icon: "/icon.svg", data: { chatId } };
}

/** Where a notification leads. */
export function pathOf(data: unknown): string {
  return isObject(data) && typeof data.chatId === "string"
    ? `/chats/${encodeURIComponent(data.chatId)}`
    : "/";
}

function isPushed(value: unknown): value is { readonly chatId: string; readonly senderName: string } {
  return isObject(value) && typeof value.chatId === "string" && typeof value.senderName === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
