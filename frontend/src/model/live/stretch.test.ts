// @vitest-environment node
/** A stretch of messages never has a hole, and never takes an older version for a newer. */
import { describe, expect, it } from "vitest";
import type { Message } from "../../core/values.ts";
import { Stretch } from "./stretch.ts";

function messages(...seqs: readonly number[]): readonly Message[] {
  return seqs.map((seq) => ({ id: `m${seq}`, seq, senderId: "a", sentAt: "", text: "" }));
}

const seqs = (stretch: Stretch) => stretch.messages.map((message) => message.seq);

describe("a stretch", () => {
  it("grows at both ends", () => {
    const grown = new Stretch(messages(4, 5))
      .before({ messages: messages(2, 3), hasMore: true })
      .after(messages(5, 6));
    expect(seqs(grown)).toEqual([2, 3, 4, 5, 6]);
    expect(grown.begins).toBe(false);
  });

  it("knows its beginning once the service has said so", () => {
    expect(new Stretch(messages(4)).before({ messages: [], hasMore: false }).begins).toBe(true);
  });

  it("takes the next message and none that would leave a hole", () => {
    expect(seqs(new Stretch(messages(1, 2)).take(messages(3, 5)))).toEqual([1, 2, 3]);
  });

  it("takes a newer version in its place and no older one", () => {
    const [first] = messages(1);
    const edited = { ...(first as Message), text: "edited", change: 2 };
    const stretch = new Stretch(messages(1, 2)).take([edited]);
    expect(stretch.find(1)?.text).toBe("edited");
    expect(stretch.take(messages(1))).toBe(stretch);
  });
});
