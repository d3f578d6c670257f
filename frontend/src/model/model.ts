/** The face of the application that screens use: a store of immutable states, and what can be done. */
import type { Actions } from "./actions.ts";
import type { Conversation, ModelState, ShownMessage } from "./state.ts";

export interface ChatModel {
  /** Calls back after each change; returns what ends that. For useSyncExternalStore. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): ModelState;
  readonly actions: Actions;
  /** Told once the first state is on the screen. */
  connect?(): void;
}

export type MessageState = "waiting" | "uploading" | "sending" | "refused" | "sent" | "delivered" | "read";

/** How far a message of mine has got: its ticks. Every other member has to hold or have read it. */
export function stateOf(
  message: ShownMessage,
  conversation: Pick<Conversation, "deliveredSeq" | "readSeq">,
): MessageState {
  if (message.seq === null) {
    return message.outgoing?.state ?? "sending";
  }
  if (message.seq <= conversation.readSeq) {
    return "read";
  }
  return message.seq <= conversation.deliveredSeq ? "delivered" : "sent";
}

/** A store whose state is replaced whole: what both the real model and the fake one are made of. */
export class Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly getSnapshot = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  update(change: (state: State) => State): void {
    const next = change(this.#state);
    if (next !== this.#state) {
      this.#state = next;
      for (const listener of this.#listeners) {
        listener();
      }
    }
  }
}
