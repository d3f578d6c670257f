/** What the service is asked about chats beside what comes by itself: who is in them, who is online, what they are. */
import type { Session } from "../core/session.ts";
import type { ChatSummary, Message } from "../core/values.ts";
import type { Api } from "./api.ts";
import type { ChatRecord } from "./records.ts";

/** Of how many direct chats, the latest, it is asked who is online. */
const PRESENCES = 30;
/** How often the members are listed while changes keep coming. */
const LISTINGS = 3;

export class Questions {
  readonly #api: Api;
  readonly #do: (happens: (session: Session) => void) => void;
  readonly #told: (chatId: string, news: readonly Message[]) => void;
  #count = 0;
  /** Chats of which it is asked what they are. */
  readonly #describing = new Set<string>();

  /** `run` tells the session what happens; `told` hears which chats stand otherwise since. */
  constructor(
    api: Api,
    run: (happens: (session: Session) => void) => void,
    told: (chatId: string, news: readonly Message[]) => void,
  ) {
    this.#api = api;
    this.#do = run;
    this.#told = told;
  }

  /** Who is in a chat, how far they have got, and who of them is online. */
  async look(chatId: string): Promise<void> {
    if (!chatId.startsWith("c:")) {
      this.#askPresence(chatId);
    }
    for (let attempt = 0, taken = false; attempt < LISTINGS && !taken; attempt += 1) {
      const listing = await this.#api.members(chatId).catch(() => null);
      if (listing === null) {
        return; // asked again when the chat is opened again
      }
      this.#do((session) => {
        taken = session.membersListed(chatId, listing.members, listing.lastChange);
      });
    }
    this.#told(chatId, []);
  }

  /** What a chat is of which no more than a message has come, as of one that somebody else has begun. */
  async describe(chatId: string): Promise<void> {
    if (this.#describing.has(chatId)) {
      return;
    }
    this.#describing.add(chatId);
    try {
      this.discover(await this.#api.chat(chatId));
    } catch {
      // the next listing has it
    } finally {
      this.#describing.delete(chatId);
    }
  }

  /** Takes in what the service has answered about a chat that this user is in. */
  discover(chat: ChatSummary): void {
    this.#do((session) => session.discovered(chat));
    this.#told(chat.chatId, chat.lastMessage === undefined ? [] : [chat.lastMessage]);
  }

  /** Who of those is online with whom this user has written last. */
  askWhoIsOnline(records: Iterable<ChatRecord>): void {
    const direct = [...records].filter((record) => record.kind === "direct");
    direct.sort((one, other) =>
      (other.lastMessage?.sentAt ?? "").localeCompare(one.lastMessage?.sentAt ?? ""),
    );
    for (const { chatId } of direct.slice(0, PRESENCES)) {
      queueMicrotask(() => this.#askPresence(chatId));
    }
  }

  #askPresence(chatId: string): void {
    this.#count += 1;
    const requestId = `q${this.#count}`;
    this.#do((session) => session.query({ action: "getPresence", requestId, chatId }));
  }
}
