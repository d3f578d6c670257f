/** How far members have got in a chat: marks that go forward, and begin anew with each membership. */

/** How far a user holds and has read a chat. */
export interface Marks {
  readonly deliveredSeq?: number;
  readonly readSeq?: number;
}

type FullMarks = Required<Marks>;

const NOWHERE: FullMarks = { deliveredSeq: 0, readSeq: 0 };

/** The marks moved forward to these numbers, none of them back; what is read is delivered. */
export function forward(marks: Marks, deliveredSeq: number, readSeq: number): FullMarks {
  return {
    deliveredSeq: Math.max(marks.deliveredSeq ?? 0, deliveredSeq, readSeq),
    readSeq: Math.max(marks.readSeq ?? 0, readSeq),
  };
}

/**
 * One user's marks, in whichever order receipts, listings and the end of a membership become known.
 *
 * Whoever comes back begins at 0. A listing may know of that before the change that ended the membership comes, so
 * what it said, and receipts since, are kept apart from what was known before it.
 */
export class MemberMarks {
  /** How far the user has got, as far as is known. */
  known = NOWHERE;
  #sinceListing = NOWHERE;
  /** The chat's last change that the newest listing knew of. */
  #listing = 0;
  /** The change that ended the user's last membership. */
  #ended = 0;

  /** Takes in a receipt; returns whether a mark moved. */
  advance(deliveredSeq: number, readSeq: number): boolean {
    const was = this.known;
    this.known = forward(was, deliveredSeq, readSeq);
    this.#sinceListing = forward(this.#sinceListing, deliveredSeq, readSeq);
    return this.known.deliveredSeq !== was.deliveredSeq || this.known.readSeq !== was.readSeq;
  }

  /** Takes in a listing that knew of the chat's changes up to `lastChange`. */
  listed(deliveredSeq: number, readSeq: number, lastChange: number): void {
    if (lastChange < this.#ended) {
      return;
    }
    if (lastChange > this.#listing) {
      this.#listing = lastChange;
      this.#sinceListing = NOWHERE;
    }
    this.advance(deliveredSeq, readSeq);
  }

  /** Takes in that change `number` ended the membership: what was known before it does not hold. */
  end(number: number): void {
    this.#ended = number;
    if (number > this.#listing) {
      this.#sinceListing = NOWHERE;
    }
    this.known = this.#sinceListing;
  }
}
