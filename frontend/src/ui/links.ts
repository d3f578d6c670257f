/** Finds what is safe to link to in a text: http and https alone, so that no text becomes code. */

export interface Span {
  readonly kind: "text" | "link";
  readonly text: string;
  /** Where a link leads. */
  readonly href?: string;
}

const CANDIDATE = /\b(?:https?:\/\/|www\.)[^\s<>"'`\p{Cc}\u200b\u202a-\u202e\u2066-\u2069]+/giu;
const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** A text as plain spans and links; joined again, the spans are the text. */
export function findLinks(text: string): readonly Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = withoutTail(match[0]);
    const href = addressOf(shown);
    if (href === null) continue;
    if (match.index > end) spans.push({ kind: "text", text: text.slice(end, match.index) });
    spans.push({ kind: "link", text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) spans.push({ kind: "text", text: text.slice(end) });
  return spans;
}

/** Leave the sentence's own punctuation out of the address, and a bracket that was opened before it. */
function withoutTail(candidate: string): string {
  let shown = candidate;
  for (;;) {
    const last = shown.charAt(shown.length - 1);
    const opener = CLOSERS[last];
    const closesItself = opener !== undefined && count(shown, opener) >= count(shown, last);
    if (closesItself || !/[.,:;!?)\]}…*_~]/u.test(last)) {
      return shown;
    }
    shown = shown.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function addressOf(shown: string): string | null {
  const address = /^www\./i.test(shown) ? `https://${shown}` : shown;
  if (!URL.canParse(address)) {
    return null;
  }
  const url = new URL(address);
  // An address that names a user pretends to lead elsewhere.
  const isHonest = /^https?:$/.test(url.protocol) && url.hostname.includes(".") && url.username === "";
  return isHonest ? url.href : null;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whether a text is nothing but one to three emoji, which are shown large. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 64) {
    return false;
  }
  const letters = Array.from(graphemes.segment(text.trim()), ({ segment }) => segment).filter((each) =>
    each.trim(),
  );
  const isEmoji = (letter: string) =>
    /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Regional_Indicator}{2}|\u20e3/u.test(letter);
  return letters.length > 0 && letters.length <= 3 && letters.every(isEmoji);
}
