"""A chat of 50,000 messages in real Chromium: few nodes, and no jump when older messages come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from e2e.browser.gallery import browsing

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = pytest.mark.browser

MESSAGES = 50_000
NODES = 3_000
"""No more elements than this, wherever one is in the chat."""

_OPEN = """async () => {
  gallery.go({ screen: "chat", chatId: "g:archive", panel: null });
  while (document.querySelector(".message") === null) await new Promise(requestAnimationFrame);
}"""

# Scrolls back frame by frame. A message in view moves by what was scrolled: what it moves beside that
# is a jump. Gives the times of the frames too, in ms.
_SCROLL_BACK = """async (frames) => {
  const list = document.querySelector(".message-list-scroller");
  const step = 120;
  const times = [];
  let nodes = 0, worst = 0, oldest = Infinity, last = performance.now();
  const inView = () => {
    const top = list.getBoundingClientRect().top;
    return [...document.querySelectorAll(".message-list-row")]
      .find((row) => row.getBoundingClientRect().top > top + 200);
  };
  for (let frame = 0; frame < frames; frame += 1) {
    const row = inView();
    const id = row?.querySelector("article")?.getAttribute("aria-posinset");
    const before = row?.getBoundingClientRect().top ?? 0;
    const at = list.scrollTop;
    list.scrollTop -= step;
    const scrolled = at - list.scrollTop;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done, 0));
    const now = performance.now();
    times.push(now - last);
    last = now;
    const same = [...document.querySelectorAll(".message-list-row")]
      .find((one) => one.querySelector("article")?.getAttribute("aria-posinset") === id);
    if (same) worst = Math.max(worst, Math.abs(same.getBoundingClientRect().top - before - scrolled));
    nodes = Math.max(nodes, document.querySelectorAll("*").length);
    oldest = Math.min(oldest, Number(id));
  }
  times.sort((a, b) => a - b);
  const share = (part) => times[Math.floor(times.length * part)];
  return { worst, nodes, oldest, loaded: gallery.model.getSnapshot().conversation.messages.length,
    median: share(0.5), p95: share(0.95), p99: share(0.99) };
}"""

# Scrolls, and puts older messages before what is loaded before the browser tells of that scroll: so it comes
# about where frames are slow. Gives how far, in px, a message in view has jumped, at worst.
_SCROLL_AND_GROW = """async () => {
  const list = document.querySelector(".message-list-scroller");
  const every = gallery.model.chat("g:archive").messages;
  const painted = async () => {
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done, 0));
  };
  const rowOf = (id) => document.querySelector(`.message-list-row:has([aria-posinset="${id}"])`);
  let worst = 0;
  for (let round = 0; round < 10; round += 1) {
    await painted();
    const edge = list.getBoundingClientRect().top + 200;
    const row = [...document.querySelectorAll(".message-list-row")]
      .find((one) => one.getBoundingClientRect().top > edge);
    const id = row.querySelector("article").getAttribute("aria-posinset");
    const before = row.getBoundingClientRect().top;
    const at = list.scrollTop;
    list.scrollTop -= 120;
    const scrolled = at - list.scrollTop;
    gallery.model.setConversation((open) => {
      const older = open.messages[0].seq - 1;
      return { ...open, messages: [...every.slice(older - 50, older), ...open.messages] };
    });
    await painted();
    worst = Math.max(worst, Math.abs(rowOf(id).getBoundingClientRect().top - before - scrolled));
  }
  return worst;
}"""


async def test_older_messages_that_come_before_a_scroll_is_told_of_leave_that_scroll(gallery: str) -> None:
    """What one has just scrolled is not undone when older messages are put before what one sees."""
    async with browsing("desktop") as context:
        page = await _opened(context, gallery)
        await page.evaluate(_SCROLL_BACK, 10)
        assert await page.evaluate(_SCROLL_AND_GROW) <= 2, "a message in view has jumped, in px"


async def test_scrolling_back_through_a_long_chat_keeps_what_one_sees_in_place(gallery: str) -> None:
    """Older messages load above, and what one looks at moves by what one scrolls and no more."""
    async with browsing("desktop") as context:
        page = await _opened(context, gallery)
        seen: dict[str, Any] = await page.evaluate(_SCROLL_BACK, 600)
        print({name: round(value, 1) for name, value in seen.items()})
        assert seen["loaded"] > 500, "older messages were loaded on the way"
        assert seen["oldest"] < MESSAGES - 500
        assert seen["worst"] <= 2, "a message in view has jumped, in px"
        assert seen["nodes"] < NODES


async def test_a_long_chat_with_all_its_messages_loaded_holds_few_nodes(gallery: str) -> None:
    """With 50,000 messages at hand the page holds what is in view, at both ends and in the middle."""
    async with browsing("desktop") as context:
        page = await _opened(context, gallery)
        await page.evaluate(
            """() => gallery.model.setConversation((open) => ({ ...open, hasBefore: false, hasAfter: false,
              messages: gallery.model.chat("g:archive").messages }))"""
        )
        for part in (1, 0.5, 0):
            await page.evaluate(
                """async (part) => {
                  const list = document.querySelector(".message-list-scroller");
                  list.scrollTop = list.scrollHeight * part;
                  await new Promise(requestAnimationFrame);
                }""",
                part,
            )
            nodes: int = await page.evaluate("document.querySelectorAll('*').length")
            assert nodes < NODES
            await page.wait_for_function(
                """() => [...document.querySelectorAll(".message-list-row")].some((row) => {
                  const { top, bottom } = row.getBoundingClientRect();
                  return top < innerHeight / 2 + 100 && bottom > innerHeight / 2 - 100;
                })"""
            )


async def _opened(context: BrowserContext, gallery: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{gallery}?long={MESSAGES}")
    await page.evaluate(_OPEN)
    return page
