/** What a chat is now: its name, its members and how far they have got, its latest messages, who writes. */
import { MemberMarks } from "./marks.ts";
import {
  type Change,
  type ChatSummary,
  deliveredSeqOf,
  type Member,
  type Message,
  type Presence,
  readSeqOf,
  sinceOf,
  type User,
  unknownChat,
  versionOf,
} from "./values.ts";

/** Of each chat, how many of the latest messages are held. */
const HELD = 200;

/** A chat as this client knows it now. */
export interface ChatView {
  readonly chatId: string;
  /** Empty until the service has told. */
  readonly kind: string;
  readonly name: string | null;
  readonly otherMember: User | null;
  readonly role: Member["role"];
  readonly lastSeq: number;
  readonly lastChange: number;
  readonly visibleAfter: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  /** Messages after `readSeq` that this user may see. */
  readonly unread: number;
  readonly mutedUntil: string | null;
  /** The latest that were received, as they are now. */
  readonly messages: readonly Message[];
  /** By user id; null until they were listed. */
  readonly members: Readonly<Record<string, Member>> | null;
  /** How far those members are known to have got who have got anywhere, by user id. */
  readonly marks: Readonly<Record<string, Member>>;
  /** Who is writing now. */
  readonly writing: readonly string[];
  /** What was told of the members' presence, by user id. */
  readonly presence: Readonly<Record<string, Presence>>;
}

/** A chat's state, kept up to date by what the session receives. */
export class ChatState {
  summary: ChatSummary;
  readonly held = new Map<number, Message>();
  members: Map<string, Member> | null = null;
  readonly writing = new Set<string>();
  readonly presence = new Map<string, Presence>();
  /** What the newest listing says, as it says it. */
  #listed: ChatSummary;
  /** Which of name and role a change has told: no listing knows better, only a later change. */
  readonly #told = new Set<"name" | "role">();
  /** The last change that the newest listing of the members knew of. */
  #membersChange = 0;
  /** The last change that altered who is in the chat, or as what. */
  #moved = 0;
  readonly #marks = new Map<string, MemberMarks>();
  readonly #ownMarks = new MemberMarks();

  constructor(chatId: string) {
    this.summary = unknownChat(chatId);
    this.#listed = this.summary;
  }

  /**
   * Takes over what a listing says; name and role only if no later change, up to `cursor`, has come. Nor the mute, if
   * the listing knows of an earlier membership only.
   */
  learn(summary: ChatSummary, cursor: number): void {
    const mine = this.summary;
    if (mine.kind === "" || summary.lastChange >= this.#listed.lastChange) {
      this.#listed = summary;
    }
    const overtaken = mine.kind !== "" && summary.lastChange < cursor;
    const isEarlier = sinceOf(summary) < this.#ownMarks.since;
    this.#ownMarks.advance(summary.deliveredSeq, summary.readSeq, sinceOf(summary));
    const { name: _, mutedUntil: __, ...rest } = summary;
    const name = overtaken || this.#told.has("name") ? mine.name : summary.name;
    const mutedUntil = isEarlier ? mine.mutedUntil : summary.mutedUntil;
    this.summary = {
      ...rest,
      ...(name === undefined ? {} : { name }),
      ...(mutedUntil === undefined ? {} : { mutedUntil }),
      role: overtaken || this.#told.has("role") ? mine.role : summary.role,
      lastSeq: Math.max(summary.lastSeq, mine.lastSeq),
      visibleAfter: Math.max(summary.visibleAfter, mine.visibleAfter),
      ...this.#ownMarks.known,
    };
  }

  /** Takes over who is in the chat as of change `lastChange`, unless a later one has altered that. */
  learnMembers(members: Iterable<Member>, lastChange: number): boolean {
    if (lastChange < this.#moved) {
      return false;
    }
    this.members = new Map();
    this.#membersChange = lastChange;
    for (const member of members) {
      this.members.set(member.userId, member);
      this.mark(member.userId, deliveredSeqOf(member), readSeqOf(member), sinceOf(member));
    }
    return true;
  }

  /** Moves the marks of another, a member since change `since`; returns whether one moved. */
  mark(userId: string, deliveredSeq: number, readSeq: number, since: number): boolean {
    return this.#marksOf(userId).advance(deliveredSeq, readSeq, since);
  }

  /** Moves this user's own marks, as a member since change `since`; returns whether one moved. */
  markOwn(deliveredSeq: number, readSeq: number, since: number): boolean {
    const moved = this.#ownMarks.advance(deliveredSeq, readSeq, since);
    this.summary = { ...this.summary, ...this.#ownMarks.known };
    return moved;
  }

  /** Holds the message whose turn it was. */
  hold(message: Message): void {
    this.held.set(message.seq, message);
    if (this.held.size > HELD) {
      this.held.delete(Math.min(...this.held.keys()));
    }
  }

  /** Takes over another version of a message; returns whether it is newer than the one held, if any. */
  replace(message: Message): boolean {
    const held = this.held.get(message.seq);
    if (held !== undefined) {
      if (versionOf(held) >= versionOf(message)) {
        return false;
      }
      this.held.set(message.seq, message);
    }
    return true;
  }

  /**
   * Carries out a change of the name or of the members; `userId` is this client's own. A listing of the members that
   * knew of the change already, and perhaps of later ones, stands.
   */
  apply(change: Change, userId: string): void {
    if (change.name !== undefined) {
      this.summary = { ...this.summary, name: change.name };
      this.#told.add("name");
    }
    const { members = [], removed = [] } = change;
    if (members.length > 0 || removed.length > 0) {
      this.#moved = change.number;
    }
    if (removed.includes(userId)) {
      this.#beginAnew(change.number);
    }
    for (const member of members) {
      if (member.userId === userId) {
        this.summary = { ...this.summary, role: member.role };
        this.#told.add("role");
      }
      this.#marksOf(member.userId).begin(sinceOf(member));
      if (change.number > this.#membersChange) {
        this.members?.set(member.userId, member);
      }
    }
    for (const gone of removed) {
      this.#remove(gone, change.number);
    }
  }

  /** The state as it is now, in a chat whose logs are known to reach so far. */
  view(lastSeq: number, lastChange: number): ChatView {
    const { chatId, kind, name, otherMember, role, visibleAfter, readSeq, deliveredSeq, mutedUntil } =
      this.summary;
    return {
      chatId,
      kind,
      name: name ?? null,
      otherMember: otherMember ?? null,
      role,
      lastSeq,
      lastChange,
      visibleAfter,
      readSeq,
      deliveredSeq,
      unread: Math.max(0, lastSeq - Math.max(readSeq, visibleAfter)),
      mutedUntil: mutedUntil ?? null,
      messages: [...this.held.values()].sort((one, other) => one.seq - other.seq),
      members: this.members === null ? null : Object.fromEntries(this.members),
      marks: this.#marksView(),
      writing: [...this.writing].sort(),
      presence: Object.fromEntries(this.presence),
    };
  }

  /** This user was removed by change `number`: what was theirs holds no more, even if they are back. */
  #beginAnew(number: number): void {
    this.#ownMarks.begin(number);
    this.#told.delete("role");
    const back = this.#listed.lastChange >= number ? this.#listed : unknownChat("");
    const { mutedUntil: _, ...rest } = this.summary;
    this.summary = {
      ...rest,
      ...this.#ownMarks.known,
      role: back.role,
      ...(back.mutedUntil === undefined ? {} : { mutedUntil: back.mutedUntil }),
    };
  }

  #remove(userId: string, number: number): void {
    this.#marksOf(userId).begin(number);
    if (number > this.#membersChange) {
      this.writing.delete(userId);
      this.presence.delete(userId);
      this.members?.delete(userId);
    }
  }

  #marksOf(userId: string): MemberMarks {
    let marks = this.#marks.get(userId);
    if (marks === undefined) {
      marks = new MemberMarks();
      this.#marks.set(userId, marks);
    }
    return marks;
  }

  #marksView(): Record<string, Member> {
    const view: Record<string, Member> = {};
    for (const [userId, { known, since }] of this.#marks) {
      if (known.deliveredSeq > 0 && (this.members === null || this.members.has(userId))) {
        view[userId] = { userId, role: "member", ...known, memberSince: since };
      }
    }
    return view;
  }
}
