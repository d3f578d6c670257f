/** Mentions: what is being typed, what completes it, and who is meant when it is sent. */
import { describe, expect, it } from "vitest";
import { completed, mentionAt, mentionsIn, suggestions } from "./mentions.ts";

const BOB = { userId: "u-bob", username: "bob", displayName: "Bob Tanaka" };
const ANA = { userId: "u-ana", username: "ana.b" };

describe("mentions", () => {
  it("begin after a space and not inside of an address", () => {
    expect(mentionAt("hi @bo", 6)).toEqual({ from: 3, to: 6, query: "bo" });
    expect(mentionAt("bob@example", 11)).toBeNull();
    expect(mentionAt("@bob hi", 7)).toBeNull();
  });

  it("are offered by user name and by each word of the display name", () => {
    expect(suggestions([BOB, ANA], "ta")).toEqual([BOB]);
    expect(suggestions([BOB, ANA], "AN")).toEqual([ANA]);
  });

  it("complete what was typed", () => {
    expect(completed("hi @bo!", { from: 3, to: 6, query: "bo" }, BOB)).toEqual({
      text: "hi @bob !",
      caret: 8,
    });
  });

  it("name the members whose names stand in the text, each once", () => {
    expect(mentionsIn("@bob, and @Bob! ask @ana.b.", [BOB, ANA])).toEqual(["u-bob", "u-ana"]);
    expect(mentionsIn("mail bob@example.org or @bobby", [BOB, ANA])).toEqual([]);
  });
});
