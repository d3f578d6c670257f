/** Who is writing and who is online: told to the others, shown while it holds, and kept nowhere. */
import type { Chats } from "./chats.ts";
import type { Typing } from "./clientFrames.ts";
import type { Emit } from "./effects.ts";
import type { Delays, Policy } from "./policy.ts";
import type { Requests } from "./requests.ts";
import type { ErrorFrame, PresenceFrame } from "./serverFrames.ts";

/** Tells that this user is writing, and for how long others are to be shown as writing. */
export class Activity {
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  readonly #chats: Chats;
  readonly #requests: Requests;
  /** Chats in which the others know for a while that this user is writing. */
  readonly #told = new Set<string>();

  constructor(emit: Emit, policy: Policy, delays: Delays, chats: Chats, requests: Requests) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
    this.#chats = chats;
    this.#requests = requests;
  }

  /** Tells the others that this user is writing, unless they know, or there is no way to tell them. */
  type(chatId: string): void {
    const left = this.#chats.has(chatId) && !this.#chats.isIn(chatId);
    if (this.#requests.possible && !left && !this.#told.has(chatId)) {
      this.#requests.send({ action: "typing", requestId: this.#requests.nextId(), chatId });
      this.#beQuiet(chatId, this.#policy.typingInterval);
    }
  }

  /** Nobody was told, and nothing is lost by it; is quiet as long as the service asks for. */
  failed(request: Typing, error: ErrorFrame): void {
    if (error.retryAfterMs !== undefined) {
      this.#beQuiet(request.chatId, this.#delays.beforeRetry(0, error.retryAfterMs));
    }
  }

  /** The time in which the others know is over. */
  mayTellAgain(chatId: string): void {
    this.#told.delete(chatId);
  }

  /** A member is writing, for so long as such a word is good, or until a message of theirs comes. */
  writing(chatId: string, userId: string): void {
    if (this.#chats.isIn(chatId)) {
      const timer = `typing:${userId} ${chatId}`;
      this.#emit({ effect: "startTimer", timer, delay: this.#policy.typingLifetime });
      const { writing } = this.#chats.get(chatId).state;
      if (!writing.has(userId)) {
        writing.add(userId);
        this.#tell(chatId);
      }
    }
  }

  /** A member has sent what they were writing. */
  wrote(chatId: string, userId: string): void {
    if (this.#chats.has(chatId) && this.#chats.get(chatId).state.writing.has(userId)) {
      this.#emit({ effect: "cancelTimer", timer: `typing:${userId} ${chatId}` });
      this.#stopped(chatId, userId);
    }
  }

  /** A member has not said again that they are writing. */
  writingOver(key: string): void {
    const space = key.indexOf(" ");
    this.#stopped(key.slice(space + 1), key.slice(0, space));
  }

  /** Takes in who is online. */
  presence(frame: PresenceFrame): void {
    if (!this.#chats.isIn(frame.chatId)) {
      return;
    }
    const { presence } = this.#chats.get(frame.chatId).state;
    const changed = frame.users.filter((user) => {
      const known = presence.get(user.userId);
      return known?.online !== user.online || known.lastSeen !== user.lastSeen;
    });
    for (const user of changed) {
      presence.set(user.userId, user);
    }
    if (changed.length > 0) {
      const event = { event: "presenceChanged", chatId: frame.chatId, users: changed } as const;
      this.#emit({ effect: "notify", event });
    }
  }

  #beQuiet(chatId: string, delay: number): void {
    this.#told.add(chatId);
    this.#emit({ effect: "startTimer", timer: `typed:${chatId}`, delay });
  }

  #stopped(chatId: string, userId: string): void {
    if (this.#chats.get(chatId).state.writing.delete(userId)) {
      this.#tell(chatId);
    }
  }

  #tell(chatId: string): void {
    const userIds = [...this.#chats.get(chatId).state.writing].sort();
    this.#emit({ effect: "notify", event: { event: "typingChanged", chatId, userIds } });
  }
}
