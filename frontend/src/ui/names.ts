/** What to call people. */
import type { User } from "../protocol/types.ts";

/** Made once: it takes longer than all that it is asked. */
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The name that a user goes by. */
export function nameOf(user: Pick<User, "username" | "displayName">): string {
  return user.displayName ?? user.username;
}

/** The first letters of the first and last word of a name, as a reader counts letters. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const [first = "", last = ""] = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return (letter(first) + letter(last)).toLocaleUpperCase() || "?";
}

/** The first letter of a word; a bracket or a quotation mark before it is none. */
function letter(word: string): string {
  const [first] = letters.segment(word.replace(/^\p{P}+/u, ""));
  return first?.segment ?? "";
}

/** A name inside of a sentence: whichever way it is written, it moves none of the words around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`; // FSI ... PDI, which is what <bdi> is in a string
}

/** Names as a sentence lists them: "Ana, Bo and 3 others". */
export function listNames(names: readonly string[], most = 2): string {
  if (names.length <= most) {
    return names.join(" and ");
  }
  const others = names.length - most;
  return `${names.slice(0, most).join(", ")} and ${others} ${others === 1 ? "other" : "others"}`;
}

/** Somebody of whom no more than the id is known, as an account that was deleted. */
export const UNKNOWN_NAME = "Deleted account";
