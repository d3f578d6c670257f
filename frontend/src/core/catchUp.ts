/** Fetching what did not come live: after a reconnect, across a gap, and where a listing shows more. */
import type { Chat, Chats } from "./chats.ts";
import type { Sync } from "./clientFrames.ts";
import type { Emit } from "./effects.ts";
import type { Delays, Policy } from "./policy.ts";
import type { Requests } from "./requests.ts";
import type { Sending } from "./sending.ts";
import type { ErrorFrame, SyncFrame } from "./serverFrames.ts";
import type { ChatSummary, User } from "./values.ts";

/**
 * Knows which chats are behind and asks for their messages until none is.
 *
 * Two sources tell what is missing. The sync of known chats is strongly consistent, so together with the live pushes
 * of a connection that is already registered it leaves nothing out. The listing finds chats that were created
 * meanwhile and, repeated with some pings, a push that was lost in a chat that fell silent.
 */
export class CatchUp {
  readonly #emit: Emit;
  readonly #policy: Policy;
  readonly #delays: Delays;
  readonly #chats: Chats;
  readonly #requests: Requests;
  readonly #sending: Sending;
  #listing = 0;
  #listingAttempt = 0;
  #pings = 0;
  #listingRuns = false;
  #listed = false;
  #syncWaiting = false;
  #syncAttempt = 0;
  #announced = false;

  /** `sending` gives up what waits for a chat that this user is not in. */
  constructor(
    emit: Emit,
    policy: Policy,
    delays: Delays,
    chats: Chats,
    requests: Requests,
    sending: Sending,
  ) {
    this.#emit = emit;
    this.#policy = policy;
    this.#delays = delays;
    this.#chats = chats;
    this.#requests = requests;
    this.#sending = sending;
  }

  /** A connection was opened: whatever was known of the chats' ends may be old. */
  begin(): void {
    this.#listed = this.#announced = this.#syncWaiting = false;
    this.#pings = 0;
    for (const chat of this.#chats.all) {
      if (!chat.left) {
        chat.lookUp();
      }
    }
    this.listChats();
  }

  /** Asks for what is missing and not yet asked for; tells once when nothing is. */
  advance(): void {
    if (!this.#requests.possible || this.#syncWaiting) {
      return;
    }
    const waiting = this.#chats.all.filter((chat) => chat.behind && chat.syncRequest === null);
    for (let start = 0; start < waiting.length; start += this.#policy.syncChats) {
      this.#sync(waiting.slice(start, start + this.#policy.syncChats));
    }
    if (this.#listed && !this.#announced && !this.#chats.all.some((chat) => chat.behind)) {
      this.#announced = true;
      this.#emit({ effect: "notify", event: { event: "caughtUp" } });
    }
  }

  /** A sync answer is about to be taken in: this user is in its chats, and sees what it holds. */
  arrived(request: Sync, frame: SyncFrame): void {
    const fetching = new Map(this.#fetching(request).map((chat) => [chat.chatId, chat]));
    for (const page of frame.chats) {
      const chat = fetching.get(page.chatId);
      if (chat === undefined) {
        continue;
      }
      if (chat.left) {
        chat.left = false;
        this.#emit({ effect: "notify", event: { event: "chatFound", chat: chat.state.summary } });
      }
      const first = page.messages[0];
      if (first !== undefined && first.seq > (request.chats[page.chatId] ?? 0) + 1) {
        chat.messages.skipTo(first.seq - 1);
      }
    }
  }

  /** The messages of a sync answer were taken in: sees which chats have more. */
  answered(request: Sync, frame: SyncFrame): void {
    const more = new Set(frame.chats.filter((page) => page.hasMore).map((page) => page.chatId));
    const chats = this.#fetching(request);
    let moved = false;
    for (const chat of chats) {
      chat.syncRequest = null;
      chat.behind = more.has(chat.chatId);
      moved = moved || chat.messages.cursor > (request.chats[chat.chatId] ?? 0);
      moved = moved || chat.changes.cursor > (request.changes?.[chat.chatId] ?? 0);
      this.watchGap(chat);
    }
    if (chats.some((chat) => chat.behind) && !moved) {
      this.#syncLater();
    } else {
      this.#syncAttempt = 0;
    }
  }

  /** A sync met an error: repeats it later, without the chats that it cannot be had for. */
  failed(request: Sync, error: ErrorFrame): void {
    const chats = this.#fetching(request);
    this.unanswered(request);
    if (error.retryable) {
      this.#syncLater(error.retryAfterMs);
      return;
    }
    for (const chat of chats) {
      if (error.chatId === undefined || error.chatId === chat.chatId) {
        chat.behind = false;
        if (error.code === "unknown_chat" && error.chatId !== undefined) {
          this.#leave(chat, error);
        }
      }
    }
  }

  /** No answer will come: the chats are to be asked for again. */
  unanswered(request: Sync): void {
    for (const chat of this.#fetching(request)) {
      chat.syncRequest = null;
    }
  }

  /** The delay after a failed sync is over. */
  syncAgain(): void {
    this.#syncWaiting = false;
  }

  /**
   * Gives a missing message a moment to come by itself: live messages may overtake each other. The moment doubles as
   * long as fetching does not help, lest a wrong answer be asked for in a circle.
   */
  watchGap(chat: Chat): void {
    const timer = `gap:${chat.chatId}`;
    if (chat.hasGap && !chat.behind) {
      if (!chat.gapTimer) {
        chat.gapTimer = true;
        const delay = Math.min(this.#policy.retryCap, this.#policy.gapPatience * 2 ** chat.gapAttempt);
        this.#emit({ effect: "startTimer", timer, delay });
      }
    } else if (chat.gapTimer) {
      chat.gapTimer = false;
      this.#emit({ effect: "cancelTimer", timer });
    }
  }

  /** The moment is over: fetches what has not come. */
  gapStayed(chatId: string): void {
    const chat = this.#chats.get(chatId);
    chat.gapTimer = false;
    if (chat.hasGap) {
      chat.gapAttempt += 1;
      chat.behind = true;
    }
  }

  /** Something speaks of a chat that this user has left: sees whether they are in it again. */
  doubt(): void {
    if (!this.#listingRuns) {
      this.listChats();
    }
  }

  /** A ping went out on a connection that has lasted: looks now and then for what was not pushed. */
  pinged(): void {
    this.#pings += 1;
    if (this.#pings % this.#policy.pingsPerListing === 0) {
      this.listChats();
    }
  }

  /** Asks which chats there are and how far they reach. */
  listChats(): void {
    this.#listingRuns = true;
    this.#listing += 1;
    this.#emit({ effect: "listChats", listing: this.#listing });
  }

  /** The listing is here; an older one than the last asked for says nothing. */
  listed(listing: number, chats: readonly ChatSummary[]): void {
    if (listing !== this.#listing) {
      return;
    }
    this.#listed = true;
    this.#listingRuns = false;
    this.#listingAttempt = 0;
    const listed = new Map(chats.map((summary) => [summary.chatId, summary]));
    for (const summary of listed.values()) {
      this.discovered(summary);
    }
    for (const chat of this.#chats.all) {
      if (!listed.has(chat.chatId) && !chat.left && !chat.behind) {
        chat.lookUp(); // left without our having been told, or too new for the listing
      }
    }
  }

  /** Learns of a chat, and how far it reaches. */
  discovered(summary: ChatSummary): void {
    const chat = this.#chats.get(summary.chatId, summary.lastSeq, summary.lastChange);
    const before = chat.state.summary;
    const known = before.kind !== "" || chat.left;
    if (chat.left) {
      // true, or older than the leaving: a sync tells
      this.#chats.meetAgain(chat, summary.lastSeq, summary.lastChange);
      chat.lookUp();
    }
    chat.state.learn(summary, chat.changes.cursor);
    chat.messages.skipTo(summary.visibleAfter);
    chat.messages.note(summary.lastSeq);
    chat.changes.note(summary.lastChange);
    chat.behind = chat.behind || chat.hasGap;
    if (!known) {
      this.#emit({ effect: "notify", event: { event: "chatFound", chat: summary } });
    } else if (!chat.left && !hasSameOwnPart(chat.state.summary, before)) {
      this.#emit({ effect: "notify", event: { event: "chatUpdated", chat: chat.state.summary } });
    }
  }

  /** The service says, live, that this user is in a chat. */
  joined(summary: ChatSummary): void {
    this.discovered(summary);
    this.#chats.get(summary.chatId).lookUp();
  }

  /** The service says, live, that this user is in a chat no more: perhaps late, so asks. */
  left(chatId: string): void {
    if (this.#chats.has(chatId)) {
      this.#chats.get(chatId).lookUp();
    }
  }

  /** Repeats the last listing later. */
  listingFailed(listing: number): void {
    if (listing === this.#listing) {
      const delay = this.#delays.beforeRetry(this.#listingAttempt);
      this.#listingAttempt += 1;
      this.#emit({ effect: "startTimer", timer: "list", delay });
    }
  }

  #sync(chats: readonly Chat[]): void {
    const requestId = this.#requests.nextId();
    for (const chat of chats) {
      chat.syncRequest = requestId;
    }
    this.#requests.send({
      action: "sync",
      requestId,
      chats: Object.fromEntries(chats.map((chat) => [chat.chatId, chat.messages.cursor])),
      changes: Object.fromEntries(chats.map((chat) => [chat.chatId, chat.changes.cursor])),
    });
  }

  #leave(chat: Chat, error: ErrorFrame): void {
    if (!chat.left) {
      this.#emit({ effect: "notify", event: { event: "chatLeft", chatId: chat.chatId } });
    }
    chat.leave();
    this.#sending.giveUp(chat, error);
  }

  #fetching(request: Sync): readonly Chat[] {
    return Object.keys(request.chats)
      .map((chatId) => this.#chats.get(chatId))
      .filter((chat) => chat.syncRequest === request.requestId);
  }

  #syncLater(retryAfterMs?: number): void {
    this.#syncWaiting = true;
    const delay = this.#delays.beforeRetry(this.#syncAttempt, retryAfterMs);
    this.#emit({ effect: "startTimer", timer: "sync", delay });
    this.#syncAttempt += 1;
  }
}

const SHOWN: readonly (keyof User)[] = ["userId", "username", "displayName", "about", "avatar"];

/** Whether what of a chat no change tells is the same: its mute and its other member. */
function hasSameOwnPart(one: ChatSummary, other: ChatSummary): boolean {
  return (
    one.mutedUntil === other.mutedUntil &&
    SHOWN.every((part) => one.otherMember?.[part] === other.otherMember?.[part])
  );
}
