/** One chat's unacked messages in order, the first of them in a frame that is repeated until it is acked. */
import { size } from "./frames.ts";
import type { Policy } from "./policy.ts";
import type { NewMessage } from "./values.ts";

/** An unacked message as a snapshot keeps it; `after` is set once it was sent for the first time. */
export type OutboxEntry = NewMessage & { readonly chatId: string; readonly after?: number };

function messageOf({ chatId: _, after: __, ...message }: OutboxEntry): NewMessage {
  return message;
}

/**
 * The unacked messages of one chat.
 *
 * `after` and the first `framed` messages are the frame in flight. Both stay as they were at the first send until all
 * its messages are settled, or until the service has said that the frame certainly had no effect.
 */
export class Outbox {
  after: number | null;
  framed: number;
  /** Whether the frame in flight may have been written by an attempt that was not answered. */
  uncertain: boolean;
  /** The request that carries the frame now, if one is unanswered. */
  requestId: string | null = null;
  /** Whether the frame waits for its retry timer. */
  waiting = false;
  /** How many retryable errors the frame has met. */
  attempt = 0;
  #messages: NewMessage[];
  readonly #singly = new Set<string>();

  /** Takes up unacked messages of an earlier session: those with `after` were in flight. */
  constructor(entries: readonly OutboxEntry[] = []) {
    this.#messages = entries.map(messageOf);
    this.after = entries[0]?.after ?? null;
    this.framed = entries.filter((entry) => entry.after !== undefined).length;
    this.uncertain = this.framed > 0;
  }

  /** Whether there is something to send and nothing in flight. */
  get maySend(): boolean {
    return this.#messages.length > 0 && this.requestId === null && !this.waiting;
  }

  /** The messages of the frame in flight. */
  get inFlight(): readonly NewMessage[] {
    return this.#messages.slice(0, this.framed);
  }

  /** Puts a message last; a message that is here already is not put twice. */
  add(message: NewMessage): void {
    if (this.find(message.id) === undefined) {
      this.#messages.push(message);
    }
  }

  /** `after` and the messages to send: the frame in flight, or else a new one above `cursor`. */
  frame(cursor: number, policy: Policy): { after: number; messages: readonly NewMessage[] } {
    if (this.after === null) {
      this.after = cursor;
      this.framed = this.#fitting(policy);
    }
    return { after: this.after, messages: this.inFlight };
  }

  /** Takes everything out; returns each message and whether it may have been written. */
  clear(): readonly { message: NewMessage; maybeWritten: boolean }[] {
    const taken = this.#messages.map((message, index) => ({ message, maybeWritten: index < this.framed }));
    this.#messages = [];
    this.#singly.clear();
    this.dissolve();
    return taken;
  }

  /** Takes out a message that is durable or refused; a frame with nothing left is done. */
  settle(id: string): NewMessage | undefined {
    const index = this.#messages.findIndex((message) => message.id === id);
    if (index < 0) {
      return undefined;
    }
    const [message] = this.#messages.splice(index, 1);
    this.#singly.delete(id);
    if (index < this.framed) {
      this.framed -= 1;
      if (this.framed === 0) {
        this.dissolve();
      }
    }
    return message;
  }

  /** Forgets the frame, which is done or certainly had no effect; its messages may be framed anew. */
  dissolve(): void {
    this.after = null;
    this.framed = 0;
    this.uncertain = false;
    this.attempt = 0;
    this.requestId = null;
    this.waiting = false;
  }

  /** Frames each message of the refused frame by itself, so that only the offending one is refused. */
  split(): void {
    for (const message of this.inFlight) {
      this.#singly.add(message.id);
    }
    this.dissolve();
  }

  /** An unacked message. */
  find(id: string): NewMessage | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  /** What a snapshot keeps. */
  entries(chatId: string): readonly OutboxEntry[] {
    return this.#messages.map((message, index) => {
      const framed = index < this.framed && this.after !== null;
      return { chatId, ...message, ...(framed ? { after: this.after as number } : {}) };
    });
  }

  #fitting(policy: Policy): number {
    const first = this.#messages[0];
    if (first !== undefined && this.#singly.has(first.id)) {
      return 1;
    }
    let total = 0;
    for (const [count, message] of this.#messages.slice(0, policy.frameMessages).entries()) {
      total += size(message) + 1;
      if (count > 0 && (total > policy.frameBytes || this.#singly.has(message.id))) {
        return count;
      }
    }
    return Math.min(this.#messages.length, policy.frameMessages);
  }
}
