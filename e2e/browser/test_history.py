"""A long chat in a real browser: opened at what is unread, and gone through from end to end by every way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from e2e.browser.devices import devices
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.browser

FRAMES = 6
IN_A_FRAME = 25
LENGTH = FRAMES * IN_A_FRAME

# Scrolls to the beginning, a window at a time, as fast as earlier messages come.
_SCROLL_TO_THE_BEGINNING = """async () => {
  const list = document.querySelector(".message-list-scroller");
  while (document.querySelector(".beginning") === null || list.scrollTop > 0) {
    list.scrollTop -= list.clientHeight;
    await new Promise(requestAnimationFrame);
  }
}"""


async def test_long_chat_in_a_browser_is_gone_through_from_what_is_unread_to_its_beginning(
    stack: Outputs, parley: Parley, alice: Person, bob: Person
) -> None:
    """To the end, to a quoted message, to what a search finds, to a day, and far back."""
    await _talked(parley, bob, alice)
    async with devices(stack.web_url, 1) as (device,):
        tab = await device.sign_in(alice)
        page = tab.page

        def message(number: int) -> Locator:
            return page.locator(".bubble-text", has_text=f"line {number}.")

        await tab.open_chat(bob.username)
        await expect(message(1)).to_be_in_viewport()
        await expect(page.get_by_text("New messages")).to_be_in_viewport()

        await page.get_by_role("button", name="To the newest message").click()
        reply = page.get_by_role("article").filter(has_text="as I said at first")
        await expect(reply).to_be_in_viewport()
        quote = reply.get_by_role("button", name="line 3.")
        await expect(quote).to_be_in_viewport()
        await quote.click()
        await expect(message(3)).to_be_in_viewport()

        await page.get_by_role("button", name="Search this chat").click()
        await page.get_by_role("searchbox", name="Search this chat").fill("line 120.")
        await page.get_by_role("complementary").get_by_role("button", name="line 120.").click()
        await expect(message(120)).to_be_in_viewport()

        await page.get_by_role("searchbox", name="Search this chat").fill("")
        await page.get_by_label("Or go to a day").fill("2000-01-01")
        await page.get_by_role("button", name="Go", exact=True).click()
        await expect(message(1)).to_be_in_viewport()

        await page.get_by_role("button", name="Close the search").click()
        await page.get_by_role("button", name="To the newest message").click()
        await expect(reply).to_be_in_viewport()
        await page.evaluate(_SCROLL_TO_THE_BEGINNING)
        await expect(message(1)).to_be_in_viewport()


async def _talked(parley: Parley, speaker: Person, listener: Person) -> None:
    """Have somebody write a long chat, whose last message replies to the third."""
    chat_id = await parley.direct_chat(speaker, listener)
    async with parley.socket(speaker) as socket:
        for start in range(0, LENGTH, IN_A_FRAME):
            texts = [f"line {number}." for number in range(start + 1, start + IN_A_FRAME + 1)]
            assert (await socket.ask(send_message(chat_id, start, *texts)))["type"] == "ack"
        frame = send_message(chat_id, LENGTH, "as I said at first")
        frame["messages"][0]["replyTo"] = 3
        assert (await socket.ask(frame))["type"] == "ack"
