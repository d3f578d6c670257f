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
 * One user's marks, in whichever order receipts, listings, comings and goings become known.
 *
 * Whoever comes back begins at 0. Each mark says since which change its user is a member, so what is told of an earlier
 * membership, however late, counts for nothing.
 */
export class MemberMarks {
  /** How far the user has got, as far as is known. */
  known = NOWHERE;
  /** No membership that began before this change counts. */
  since = 0;

  /** Takes in marks of the membership that began with change `since`; returns whether one moved. */
  advance(deliveredSeq: number, readSeq: number, since: number): boolean {
    if (since < this.since) {
      return false;
    }
    this.begin(since);
    const was = this.known;
    this.known = forward(was, deliveredSeq, readSeq);
    return this.known.deliveredSeq !== was.deliveredSeq || this.known.readSeq !== was.readSeq;
  }

  /** Takes in that the user came or went with change `number`: nothing from before it holds. */
  begin(number: number): void {
    if (number > this.since) {
      this.since = number;
      this.known = NOWHERE;
    }
  }
}
