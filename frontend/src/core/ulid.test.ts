// @vitest-environment node
/** ULIDs are as the protocol wants them, and in the order of their times. */
import { expect, it } from "vitest";
import { ulid } from "./ulid.ts";

it("is 26 characters of Crockford's base 32", () => {
  expect(ulid()).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});

it("has the time in front, as the specification has it", () => {
  expect(ulid(1_469_918_176_385).slice(0, 10)).toBe("01ARYZ6S41");
});

it("is different each time", () => {
  expect(new Set(Array.from({ length: 1_000 }, () => ulid(0))).size).toBe(1_000);
});
