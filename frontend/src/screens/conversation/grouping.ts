/** How messages stand together: a new day, a new speaker, and who goes on. */
import type { ShownMessage } from "../../model/state.ts";
import { dayKey } from "../../ui/times.ts";

/** Messages of one sender that are not further apart stand together, in ms. */
const TOGETHER = 15 * 60_000;

export interface Grouping {
  /** Whether the message is the first of its day. */
  readonly newDay: boolean;
  /** Whether it begins, and ends, what its sender says in one go. */
  readonly first: boolean;
  readonly last: boolean;
}

/** How a message stands among its neighbours; `undefined` stands for an end of what is loaded. */
export function groupingOf(
  message: ShownMessage,
  before: ShownMessage | undefined,
  after: ShownMessage | undefined,
  unreadFrom: number | null,
): Grouping {
  const newDay = before === undefined || dayKey(before.sentAt) !== dayKey(message.sentAt);
  return {
    newDay,
    first: before === undefined || !isTogether(before, message, unreadFrom),
    last: after === undefined || !isTogether(message, after, unreadFrom),
  };
}

function isTogether(one: ShownMessage, next: ShownMessage, unreadFrom: number | null): boolean {
  return (
    one.senderId === next.senderId &&
    next.sentAt - one.sentAt <= TOGETHER &&
    dayKey(one.sentAt) === dayKey(next.sentAt) &&
    (unreadFrom === null || next.seq !== unreadFrom)
  );
}

/** Where the message with a number is in a stretch without a hole; -1 where it is not. */
export function indexOfSeq(messages: readonly ShownMessage[], seq: number): number {
  const first = messages[0]?.seq ?? null;
  const index = first === null ? -1 : seq - first;
  return messages[index]?.seq === seq ? index : messages.findIndex((message) => message.seq === seq);
}

/** About how high a message will be, in px, until it is measured. */
export function estimateHeight(message: ShownMessage | undefined): number {
  if (message === undefined) {
    return 40;
  }
  const lines = Math.ceil(message.text.length / 56) + message.text.split("\n", 40).length - 1;
  const image = message.attachment?.contentType.startsWith("image/") ? 260 : message.attachment ? 64 : 0;
  return (
    20 + lines * 21 + image + (message.replyTo === null ? 0 : 50) + (message.reactions.length > 0 ? 30 : 0)
  );
}
