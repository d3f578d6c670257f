/** Moving the outboxes: one unacked frame a chat, repeated with the same ids and `after` until it is acked. */
import type { Chat, Chats } from "./chats.ts";
import type { SendMessage } from "./clientFrames.ts";
import type { Emit } from "./effects.ts";
import type { Delays, Policy } from "./policy.ts";
import type { Requests } from "./requests.ts";
import type { ErrorFrame } from "./serverFrames.ts";
import type { NewMessage } from "./values.ts";

/** Sends what the outboxes hold, as soon as their chats are level with the service. */
export class Sending {
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  readonly #chats: Chats;
  readonly #requests: Requests;
  #limited = false;
  #limitedAttempt = 0;

  constructor(emit: Emit, policy: Policy, delays: Delays, chats: Chats, requests: Requests) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
    this.#chats = chats;
    this.#requests = requests;
  }

  /** Sends a frame for each chat that has something to send and nothing in flight. */
  advance(): void {
    if (!this.#requests.possible || this.#limited) {
      return;
    }
    for (const chat of this.#chats.all) {
      if (chat.outbox.maySend && !chat.behind) {
        this.#send(chat);
      }
    }
  }

  /** An ack was taken in; if it left part of its frame open, the rest is repeated after a while. */
  acked(request: SendMessage): void {
    const chat = this.#chats.get(request.chatId);
    chat.rejected = false;
    this.#limitedAttempt = 0;
    if (chat.outbox.requestId === request.requestId) {
      this.#repeatLater(chat);
    }
  }

  /** No answer will come: the frame is to be sent again. */
  unanswered(request: SendMessage): void {
    const { outbox } = this.#chats.get(request.chatId);
    outbox.requestId = null;
    outbox.uncertain = true;
  }

  /** A frame met an error: repeats it, frames its messages anew, or gives them up. */
  failed(request: SendMessage, error: ErrorFrame): void {
    const chat = this.#chats.get(request.chatId);
    chat.outbox.uncertain = chat.outbox.uncertain || !error.definite;
    if (error.code === "bad_after" || error.code === "sync_required") {
      this.#frameAnew(chat, error.code === "bad_after" && chat.rejected);
      chat.rejected = error.code === "bad_after";
    } else if (error.retryable && error.retryAfterMs !== undefined) {
      chat.outbox.requestId = null;
      this.#waitAll(error.retryAfterMs);
    } else if (error.retryable) {
      this.#repeatLater(chat);
    } else if (chat.outbox.framed > 1) {
      chat.outbox.split();
    } else {
      this.#refuse(chat, error);
    }
  }

  /** The delay before a repetition is over. */
  repeat(chatId: string): void {
    this.#chats.get(chatId).outbox.waiting = false;
  }

  /** The time for which the service wanted nothing sent is over. */
  limitOver(): void {
    this.#limited = false;
  }

  /** Refuses all that waits in a chat; what is in flight may have been written. */
  giveUp(chat: Chat, error: ErrorFrame): void {
    for (const { message, maybeWritten } of chat.outbox.clear()) {
      this.#tellRefused(chat, message, error, !maybeWritten);
    }
  }

  #send(chat: Chat): void {
    const { after, messages } = chat.outbox.frame(chat.messages.cursor, this.#policy);
    const requestId = this.#requests.nextId();
    chat.outbox.requestId = requestId;
    this.#requests.send({ action: "sendMessage", requestId, chatId: chat.chatId, after, messages });
  }

  #frameAnew(chat: Chat, reset: boolean): void {
    chat.outbox.dissolve();
    chat.behind = true;
    if (reset) {
      chat.reset();
      this.#emit({ effect: "notify", event: { event: "historyReset", chatId: chat.chatId } });
    }
  }

  #repeatLater(chat: Chat): void {
    chat.outbox.requestId = null;
    chat.outbox.waiting = true;
    const delay = this.#delays.beforeRetry(chat.outbox.attempt);
    chat.outbox.attempt += 1;
    this.#emit({ effect: "startTimer", timer: `send:${chat.chatId}`, delay });
  }

  /** Sends nothing for a while, in no chat: the limit that was reached is the user's. */
  #waitAll(retryAfterMs: number): void {
    this.#limited = true;
    const delay = this.#delays.beforeRetry(this.#limitedAttempt, retryAfterMs);
    this.#limitedAttempt += 1;
    this.#emit({ effect: "startTimer", timer: "limit", delay });
  }

  #refuse(chat: Chat, error: ErrorFrame): void {
    const definite = !chat.outbox.uncertain;
    if (error.code === "unknown_chat") {
      chat.lookUp();
    }
    for (const message of chat.outbox.inFlight) {
      chat.outbox.settle(message.id);
      this.#tellRefused(chat, message, error, definite);
    }
  }

  #tellRefused(chat: Chat, refused: NewMessage, error: ErrorFrame, definite: boolean): void {
    const { code, message = "" } = error;
    const { chatId } = chat;
    this.#emit({
      effect: "notify",
      event: { event: "messageRefused", chatId, id: refused.id, code, message, definite },
    });
  }
}
