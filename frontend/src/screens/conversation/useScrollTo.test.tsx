/** The way of a list to a message: the message's, whatever comes before it meanwhile, and over after a while. */
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { message } from "../../model/fake/world.ts";
import type { ShownMessage } from "../../model/state.ts";
import { REST, useScrollTo } from "./useScrollTo.ts";

/** Where the list was sent, in turn: an index, and how the message is to stand. */
let sent: (readonly [number, string])[];
let list: Parameters<typeof useScrollTo>[0];

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  const scrollToIndex = (index: number, { align }: { readonly align: string }) => sent.push([index, align]);
  list = { scrollToIndex } as unknown as typeof list;
});

afterEach(() => vi.useRealTimers());

function messagesOf(...ids: readonly string[]): readonly ShownMessage[] {
  return ids.map((id, index) => message("u-bob", 0, id, { id, seq: index + 1 }));
}

/** A list of these messages, of which the rows with these indexes are drawn. */
function show(ids: readonly string[], drawn: readonly number[]) {
  const given = (now: readonly string[], rows: readonly number[]) => ({
    messages: messagesOf(...now),
    rows: rows.map((index) => ({ index })),
  });
  const rendered = renderHook(({ messages, rows }) => useScrollTo(list, messages, rows), {
    initialProps: given(ids, drawn),
  });
  return {
    isOnItsWay: () => rendered.result.current[0],
    send: (index: number) => act(() => rendered.result.current[1](index, "center")),
    change: (now: readonly string[], rows: readonly number[]) => rendered.rerender(given(now, rows)),
  };
}

it("is sent to the message anew where earlier ones have come before it meanwhile", () => {
  const shown = show(["c", "d", "e"], [0]);
  shown.send(2);
  expect([shown.isOnItsWay(), sent]).toEqual([true, [[2, "center"]]]);
  shown.change(["a", "b", "c", "d", "e"], [0]);
  expect(sent.slice(1)).toEqual([[4, "center"]]);
});

it("is sent nowhere anew where only later messages have come", () => {
  const shown = show(["a", "b", "c"], [0]);
  shown.send(1);
  shown.change(["a", "b", "c", "d"], [0]);
  expect(sent).toEqual([[1, "center"]]);
});

it("is there a moment after the message is drawn, and not before, however late that is", () => {
  const shown = show(["a", "b", "c"], [0]);
  shown.send(2);
  act(() => vi.advanceTimersByTime(10 * REST));
  expect(shown.isOnItsWay()).toBe(true);
  shown.change(["a", "b", "c"], [1, 2]);
  act(() => vi.advanceTimersByTime(REST - 1));
  expect(shown.isOnItsWay()).toBe(true);
  act(() => vi.advanceTimersByTime(1));
  expect(shown.isOnItsWay()).toBe(false);
});

it("is free again where the message is not drawn, as one has scrolled elsewhere", () => {
  const shown = show(["a", "b", "c"], [0]);
  shown.send(2);
  act(() => vi.runAllTimers());
  expect(shown.isOnItsWay()).toBe(false);
});

it("goes nowhere for a message that is not there", () => {
  const shown = show(["a"], [0]);
  shown.send(3);
  expect([shown.isOnItsWay(), sent]).toEqual([false, []]);
});
