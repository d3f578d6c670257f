"""The web client by keyboard alone, in real Chromium: from the list into a chat, a message and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from e2e.browser.gallery import browsing

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.browser


async def test_a_chat_by_keyboard_alone_is_found_answered_and_left(gallery: str) -> None:
    """Search, open, write, go up to a message, reply, and leave the panel by Escape: no pointer, no trap."""
    async with browsing("desktop") as context:
        page = await context.new_page()
        await page.goto(gallery)
        await page.wait_for_selector(".chat-row")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("climb")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator(".composer-text")).to_be_focused()
        await page.keyboard.type("On my way")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").last).to_contain_text("On my way")

        await page.get_by_role("article").last.focus()
        await page.keyboard.press("ArrowUp")
        position = await _focused(page, "aria-posinset")
        await page.keyboard.press("r")
        await expect(page.locator(".composer-text")).to_be_focused()
        await page.keyboard.type("Yes")
        await page.keyboard.press("Enter")
        replied = await page.evaluate("gallery.model.getSnapshot().conversation.messages.at(-1).replyTo")
        assert str(replied) == position

        await page.keyboard.press("Control+f")
        await expect(page.get_by_role("searchbox", name="Search this chat")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("searchbox", name="Search this chat")).to_have_count(0)


async def test_a_dialog_by_keyboard_keeps_the_focus_and_gives_it_back(gallery: str) -> None:
    """Tab goes round inside of a dialog; Escape closes it, and one is where one was."""
    async with browsing("desktop") as context:
        page = await context.new_page()
        await page.goto(gallery)
        await page.evaluate("gallery.go({ screen: 'settings' })")
        opener = page.get_by_role("button", name="Sign out here")
        await opener.focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Sign out of this device?")
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        for _ in range(6):
            await page.keyboard.press("Tab")
            where = await page.evaluate("document.activeElement.closest('dialog, nav, main')?.tagName ?? ''")
            assert where not in {"NAV", "MAIN"}
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(opener).to_be_focused()


async def _focused(page: Page, attribute: str) -> str | None:
    value: str | None = await page.evaluate("(name) => document.activeElement.getAttribute(name)", attribute)
    return value
