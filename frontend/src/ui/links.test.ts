/** Links in messages: what is one, what is not, and that the text stays what it was. */
import { describe, expect, it } from "vitest";
import { findLinks, isEmojiOnly } from "./links.ts";

const hrefs = (text: string) => findLinks(text).flatMap((span) => span.href ?? []);

describe("links", () => {
  it.each([
    ["See https://example.org/huts.", "https://example.org/huts"],
    ["(https://example.org/a_(b))", "https://example.org/a_(b)"],
    ["www.example.org, too", "https://www.example.org/"],
    ["HTTP://EXAMPLE.ORG/?q=1&b=ü!", "http://example.org/?q=1&b=%C3%BC"],
  ])("finds the address in %j", (text, href) => {
    expect(hrefs(text)).toEqual([href]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://example.org@evil.example/",
    "https://",
    "file:///etc/passwd",
    "xhttps://nowhere",
  ])("makes no link of %j", (text) => {
    expect(hrefs(text)).toEqual([]);
  });

  it("ends an address before a mark that turns the direction of writing", () => {
    expect(hrefs("https://example.org/\u202egpj.exe")).toEqual(["https://example.org/"]);
  });

  it("keeps every character of the text", () => {
    const text = "a https://example.org/x). b www.example.org … <b>\u202e c\nd https://u:p@example.org/";
    expect(
      findLinks(text)
        .map((span) => span.text)
        .join(""),
    ).toBe(text);
  });
});

describe("texts of emoji alone", () => {
  it.each(["👍", "❤️ 🎉", "👩‍👩‍👧‍👦", "🇨🇭", "👍🏽👍🏽👍🏽"])("shows %s large", (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  });

  it.each(["", " ", "ok 👍", "12", "👍👍👍👍", "#"])("shows %j as text", (text) => {
    expect(isEmojiOnly(text)).toBe(false);
  });
});
