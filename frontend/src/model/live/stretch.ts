/** A stretch of a chat's messages without a hole: what the open chat shows. */
import { type Message, versionOf } from "../../core/values.ts";

/** A page of messages, ascending; `hasMore` in the direction in which it was asked for. */
export interface Page {
  readonly messages: readonly Message[];
  readonly hasMore: boolean;
}

/** Immutable: what changes gives another stretch. */
export class Stretch {
  readonly messages: readonly Message[];
  /** Whether the service has said that nothing comes before. */
  readonly begins: boolean;

  constructor(messages: readonly Message[] = [], begins = false) {
    this.messages = messages;
    this.begins = begins;
  }

  get first(): number {
    return this.messages[0]?.seq ?? 0;
  }

  get last(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  find(seq: number): Message | undefined {
    return this.messages[seq - this.first];
  }

  /** With what precedes it. */
  before(page: Page): Stretch {
    const older = page.messages.filter((message) => message.seq < this.first);
    return new Stretch([...older, ...this.messages], this.begins || !page.hasMore);
  }

  /** With what follows it. */
  after(messages: readonly Message[]): Stretch {
    const newer = messages.filter((message) => message.seq > this.last);
    return newer.length === 0 ? this : new Stretch([...this.messages, ...newer], this.begins);
  }

  /** With messages that have come or changed: the next of them, and later versions of those it has. */
  take(messages: readonly Message[]): Stretch {
    let taken: Message[] | null = null;
    for (const message of messages) {
      const list: readonly Message[] = taken ?? this.messages;
      const index = list.length === 0 ? 0 : message.seq - (list[0]?.seq ?? 0);
      const known = list[index];
      const next = list.length > 0 && index === list.length;
      if (next || (known !== undefined && versionOf(known) < versionOf(message))) {
        taken ??= [...this.messages];
        taken[index] = message;
      }
    }
    return taken === null ? this : new Stretch(taken, this.begins);
  }
}
