/** Order: a chat's messages or changes come in any order, any number of times, and leave in sequence, once. */

/** Entries kept that came before their turn; what comes beyond is fetched when its turn is there. */
const EARLY_LIMIT = 1_000;

/** How far a log was delivered, and what came before its turn. */
export class NumberedLog<Entry> {
  /** Every entry up to this number was delivered, or is not to be had. */
  cursor: number;
  /** The highest number that is known to be taken. */
  known: number;
  readonly #numberOf: (entry: Entry) => number;
  readonly #versionOf: (entry: Entry) => number;
  readonly #early = new Map<number, Entry>();

  constructor(cursor: number, numberOf: (entry: Entry) => number, versionOf: (entry: Entry) => number) {
    this.cursor = cursor;
    this.known = cursor;
    this.#numberOf = numberOf;
    this.#versionOf = versionOf;
  }

  /** Whether an entry is known to exist that has not been delivered. */
  get hasGap(): boolean {
    return this.known > this.cursor;
  }

  /** Remembers that entry `number` exists. */
  note(number: number): void {
    this.known = Math.max(this.known, number);
  }

  /** Goes on after `number`: what lies before is not to be had. */
  skipTo(number: number): void {
    if (number > this.cursor) {
      this.cursor = number;
      this.note(number);
      for (const early of this.#early.keys()) {
        if (early <= number) {
          this.#early.delete(early);
        }
      }
    }
  }

  /** Takes entries in and returns those whose turn has come, in order, each in its latest version. */
  receive(entries: Iterable<Entry>): Entry[] {
    for (const entry of entries) {
      this.#keep(entry);
    }
    const ready: Entry[] = [];
    for (;;) {
      const following = this.#early.get(this.cursor + 1);
      if (following === undefined) {
        return ready;
      }
      this.cursor += 1;
      this.#early.delete(this.cursor);
      ready.push(following);
    }
  }

  #keep(entry: Entry): void {
    const number = this.#numberOf(entry);
    if (number <= this.cursor) {
      return;
    }
    this.note(number);
    const known = this.#early.get(number);
    if (known === undefined && this.#early.size >= EARLY_LIMIT && number > this.cursor + 1) {
      return;
    }
    if (known === undefined || this.#versionOf(entry) > this.#versionOf(known)) {
      this.#early.set(number, entry);
    }
  }
}
