/** Mentions in a text that is being written: what is typed after an @, and who is meant in the end. */
import type { User } from "../../model/state.ts";
import { nameOf } from "../../ui/names.ts";

/** The service takes no more mentions in one message. */
const MOST = 20;

export interface MentionQuery {
  /** Where its @ stands. */
  readonly from: number;
  readonly to: number;
  readonly query: string;
}

/** What is typed after an @ right before the caret; null where there is none. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const match = /(^|\s)@([\p{L}\p{N}_.-]{0,32})$/u.exec(text.slice(0, caret));
  return match ? { from: match.index + (match[1]?.length ?? 0), to: caret, query: match[2] ?? "" } : null;
}

/** Who may be meant, by the beginning of the user name or of a word of the display name. */
export function suggestions(members: readonly User[], query: string): readonly User[] {
  const wanted = query.toLocaleLowerCase();
  const begins = (user: User) =>
    [user.username, ...nameOf(user).split(/\s+/)].some((word) => word.toLocaleLowerCase().startsWith(wanted));
  return members.filter(begins).slice(0, 6);
}

/** The text once somebody was chosen, and where one goes on writing. */
export function completed(
  text: string,
  mention: MentionQuery,
  user: User,
): { readonly text: string; readonly caret: number } {
  const name = `@${user.username} `;
  return {
    text: text.slice(0, mention.from) + name + text.slice(mention.to),
    caret: mention.from + name.length,
  };
}

/** The members whose @name stands in a text, by user id. */
export function mentionsIn(text: string, members: readonly User[]): readonly string[] {
  const named = new Set(
    Array.from(text.matchAll(/(?:^|\s)@([\p{L}\p{N}_.@+-]+)/gu), (match) => bare(match[1] ?? "")),
  );
  return members
    .filter((user) => named.has(user.username.toLocaleLowerCase()))
    .map((user) => user.userId)
    .slice(0, MOST);
}

function bare(name: string): string {
  return name.replace(/[.,:;!?-]+$/, "").toLocaleLowerCase();
}
