// @vitest-environment node
/** What is shown of a notification, and where it leads. */
import { expect, it } from "vitest";
import { notificationOf, pathOf } from "./notifications.ts";

it("tells who wrote, in place of an earlier one of the same chat", () => {
  const pushed = { chatId: "dm:a:b", seq: 4, senderId: "b", senderName: "Bob" };
  expect(notificationOf(pushed)).toMatchObject({ title: "Bob", tag: "dm:a:b", data: { chatId: "dm:a:b" } });
});

it.each([null, "text", {}, { chatId: 1, senderName: "x" }])("is nothing for %j", (pushed) => {
  expect(notificationOf(pushed)).toBeNull();
});

it("leads to its chat", () => {
  expect(pathOf({ chatId: "dm:a:b" })).toBe("/chats/dm%3Aa%3Ab");
  expect(pathOf(undefined)).toBe("/");
});
