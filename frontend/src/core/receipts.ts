/** Receipts: telling how far this user has got, once a second and chat at most, and learning it of others. */
import type { Chats } from "./chats.ts";
import type { MarkDelivered, MarkRead } from "./clientFrames.ts";
import type { Emit } from "./effects.ts";
import { forward, type Marks } from "./marks.ts";
import type { Delays, Policy } from "./policy.ts";
import type { Requests } from "./requests.ts";
import type { ErrorFrame, ReceiptFrame } from "./serverFrames.ts";
import { sinceOf } from "./values.ts";

/** Marks wait until the service has confirmed them; of several in one chat only the highest is sent. */
export class Receipts {
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  readonly #chats: Chats;
  readonly #requests: Requests;
  readonly #waiting: Map<string, Marks>;
  /** The unanswered request of each chat. */
  readonly #asked = new Map<string, string>();
  /** Chats whose timer runs. */
  readonly #resting = new Set<string>();
  #attempt = 0;

  /** `marks` are those that an earlier session could not have confirmed. */
  constructor(
    emit: Emit,
    policy: Policy,
    delays: Delays,
    chats: Chats,
    requests: Requests,
    marks: Readonly<Record<string, Marks>>,
  ) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
    this.#chats = chats;
    this.#requests = requests;
    this.#waiting = new Map(Object.entries(marks));
  }

  /** What the service has not confirmed, by chat. */
  get unconfirmed(): Readonly<Record<string, Marks>> {
    return Object.fromEntries(this.#waiting);
  }

  /** Notes how far this user has got; never further than what was received. */
  mark(chatId: string, deliveredSeq: number, readSeq: number): void {
    if (!this.#chats.isIn(chatId)) {
      return;
    }
    const limit = this.#chats.get(chatId).messages.cursor;
    const waiting = this.#waiting.get(chatId) ?? {};
    this.#waiting.set(chatId, forward(waiting, Math.min(deliveredSeq, limit), Math.min(readSeq, limit)));
    this.#dropConfirmed(chatId);
  }

  /** Sends what waits, where nothing is asked already and the chat's second is over. */
  advance(): void {
    if (!this.#requests.possible) {
      return;
    }
    for (const [chatId, marks] of [...this.#waiting]) {
      const chat = this.#chats.get(chatId);
      if (chat.left) {
        this.#waiting.delete(chatId);
      }
      if (chat.left || chat.behind || this.#asked.has(chatId) || this.#resting.has(chatId)) {
        continue;
      }
      this.#ask(chatId, marks, chat.state.summary.readSeq);
      this.#rest(chatId, this.#policy.receiptInterval);
    }
  }

  /** The chat's second is over. */
  rested(chatId: string): void {
    this.#resting.delete(chatId);
  }

  /** Takes in how far a member has got; `own` if it is this user, on whichever device. */
  received(frame: ReceiptFrame, own: boolean): void {
    const { chatId, userId, deliveredSeq = 0, readSeq = 0 } = frame;
    if (!this.#chats.isIn(chatId)) {
      return;
    }
    const { state } = this.#chats.get(chatId);
    const since = sinceOf(frame);
    const moved = own
      ? state.markOwn(deliveredSeq, readSeq, since)
      : state.mark(userId, deliveredSeq, readSeq, since);
    if (own) {
      this.#dropConfirmed(chatId);
    }
    if (moved) {
      const event = { event: "receiptReceived", chatId, userId, deliveredSeq, readSeq } as const;
      this.#emit({ effect: "notify", event });
    }
  }

  /**
   * A mark of the membership that began with change `since` is confirmed: what is not above it waits no longer,
   * whatever else the answer said.
   */
  answered(request: MarkDelivered | MarkRead, since: number): void {
    this.unanswered(request);
    this.#attempt = 0;
    const { state } = this.#chats.get(request.chatId);
    state.markOwn(request.seq, request.action === "markRead" ? request.seq : 0, since);
    this.#dropConfirmed(request.chatId);
  }

  /** No answer will come: the mark is to be sent again. */
  unanswered(request: MarkDelivered | MarkRead): void {
    if (this.#asked.get(request.chatId) === request.requestId) {
      this.#asked.delete(request.chatId);
    }
  }

  /** A mark met an error: sends it again later, or gives it up. */
  failed(request: MarkDelivered | MarkRead, error: ErrorFrame): void {
    this.unanswered(request);
    if (error.retryable) {
      const delay = this.#delays.beforeRetry(this.#attempt, error.retryAfterMs);
      this.#attempt += 1;
      this.#rest(request.chatId, Math.max(delay, this.#policy.receiptInterval));
    } else {
      this.#waiting.delete(request.chatId);
    }
  }

  #ask(chatId: string, { deliveredSeq = 0, readSeq = 0 }: Marks, confirmed: number): void {
    const requestId = this.#requests.nextId();
    this.#asked.set(chatId, requestId);
    this.#requests.send(
      readSeq > confirmed
        ? { action: "markRead", requestId, chatId, seq: readSeq }
        : { action: "markDelivered", requestId, chatId, seq: deliveredSeq },
    );
  }

  /** Forgets what waits if the service knows it already. */
  #dropConfirmed(chatId: string): void {
    const { summary } = this.#chats.get(chatId).state;
    const waiting = this.#waiting.get(chatId);
    if (
      waiting !== undefined &&
      (waiting.deliveredSeq ?? 0) <= summary.deliveredSeq &&
      (waiting.readSeq ?? 0) <= summary.readSeq
    ) {
      this.#waiting.delete(chatId);
    }
  }

  #rest(chatId: string, delay: number): void {
    this.#resting.add(chatId);
    this.#emit({ effect: "startTimer", timer: `receipt:${chatId}`, delay });
  }
}
