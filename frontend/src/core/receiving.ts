/** Taking in what arrives: messages and changes leave in order, each once; the chats' state follows. */
import type { CatchUp } from "./catchUp.ts";
import type { Chat, Chats } from "./chats.ts";
import type { Emit } from "./effects.ts";
import type { Event } from "./events.ts";
import type { Requests } from "./requests.ts";
import type { AckFrame, SyncFrame } from "./serverFrames.ts";
import type { Acked, Change, Message, NewMessage } from "./values.ts";

/** Hands on what is new to the application. */
export class Receiving {
  /** Who this client is. */
  userId = "";
  readonly #emit: Emit;
  readonly #chats: Chats;
  readonly #requests: Requests;
  readonly #catchUp: CatchUp;

  constructor(emit: Emit, chats: Chats, requests: Requests, catchUp: CatchUp) {
    this.#emit = emit;
    this.#chats = chats;
    this.#requests = requests;
    this.#catchUp = catchUp;
  }

  /** Takes in an ack: one's own messages, and what others wrote meanwhile. */
  acked(frame: AckFrame): void {
    const chat = this.#chats.get(frame.chatId);
    const own: Message[] = [];
    for (const acked of frame.messages) {
      chat.messages.note(acked.seq);
      const sent = chat.outbox.find(acked.id);
      const message = sent && whole(acked, this.userId, sent);
      if (message !== undefined) {
        own.push(message);
      } else if (sent !== undefined) {
        chat.behind = true;
      }
    }
    this.takeIn(frame.chatId, [...(frame.missed ?? []), ...own]);
  }

  /** Takes in the pages of a sync answer. */
  synced(frame: SyncFrame): void {
    for (const page of frame.chats) {
      this.takeIn(page.chatId, page.messages, page.changes ?? []);
    }
  }

  /** Hands on what is next, in order; one of our own messages among it is durable, acked or not. */
  takeIn(chatId: string, messages: readonly Message[], changes: readonly Change[] = []): void {
    const chat = this.#chats.get(chatId, Math.max(0, ...messages.map((message) => message.seq)));
    if (chat.left) {
      this.#catchUp.doubt(); // this may be from before the leaving
      return;
    }
    for (const message of messages) {
      this.#settle(chat, message);
    }
    for (const change of chat.changes.receive(changes)) {
      chat.gapAttempt = 0;
      this.#apply(chat, change);
    }
    for (const message of chat.messages.receive(messages)) {
      this.#receive(chat, message);
    }
    this.#catchUp.watchGap(chat);
  }

  #settle(chat: Chat, message: Message): void {
    const carrier = chat.outbox.requestId;
    if (chat.outbox.settle(message.id) !== undefined) {
      this.#notify({ event: "messageSent", chatId: chat.chatId, message });
    }
    if (carrier !== null && chat.outbox.requestId === null) {
      this.#requests.finish(carrier);
    }
  }

  #receive(chat: Chat, message: Message): void {
    chat.gapAttempt = 0;
    chat.state.hold(message);
    this.#notify({ event: "messageReceived", chatId: chat.chatId, message });
  }

  /** Carries out the next change; a message whose turn has not come will come as it is now. */
  #apply(chat: Chat, change: Change): void {
    const { chatId } = chat;
    if (change.message !== undefined) {
      if (change.message.seq > chat.messages.cursor) {
        for (const message of chat.messages.receive([change.message])) {
          this.#receive(chat, message);
        }
      } else if (chat.state.replace(change.message)) {
        this.#notify({ event: "messageChanged", chatId, change });
      }
    } else if (change.name !== undefined || change.members?.length || change.removed?.length) {
      chat.state.apply(change, this.userId);
      this.#notify({ event: "chatChanged", chatId, change });
      if (change.removed?.includes(this.userId)) {
        chat.lookUp();
      }
    }
  }

  #notify(event: Event): void {
    this.#emit({ effect: "notify", event });
  }
}

/** A message with what its sender knows of it; undefined where the service knows more, as of its file. */
function whole(acked: Acked, senderId: string, sent: NewMessage): Message | undefined {
  if (sent.attachment !== undefined) {
    return undefined;
  }
  const { id, seq, sentAt } = acked;
  const { text = "", replyTo, mentions } = sent;
  return {
    id,
    seq,
    senderId,
    sentAt,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions === undefined ? {} : { mentions }),
  };
}
