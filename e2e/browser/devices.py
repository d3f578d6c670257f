"""Browsers in which somebody uses the web client: each with storage of its own, as a device has."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from e2e.support.browser import chromium
from e2e.support.deadlines import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page

    from e2e.support.people import Person


class Device:
    """A browser's storage, and the tabs that share it."""

    def __init__(self, context: BrowserContext, web_url: str) -> None:
        """Use the web client at an address."""
        self.context = context
        self.faults: list[str] = []
        """What scripts failed with, and what the site's policy forbade them."""
        self.complaints: list[str] = []
        """What the browser's console has called an error."""
        self._web_url = web_url
        context.on("weberror", lambda failed: self.faults.append(str(failed.error)))
        context.on("console", self._note)

    async def tab(self, path: str = "/") -> Tab:
        """Open a tab at a path of the site."""
        page = await self.context.new_page()
        await page.goto(f"{self._web_url}{path}")
        return Tab(page)

    async def sign_in(self, person: Person) -> Tab:
        """Open a tab and sign in there."""
        tab = await self.tab()
        page = tab.page
        await page.get_by_label("Username or e-mail").fill(person.username)
        await page.get_by_label("Password", exact=True).fill(person.password)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("link", name="Settings").wait_for()
        return tab

    def _note(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(f"{said.text} {said.location.get('url', '')}")
        if "Content Security Policy" in said.text:
            self.faults.append(said.text)


class Tab:
    """A tab with the web client in it."""

    def __init__(self, page: Page) -> None:
        """Use a page."""
        self.page = page
        self.sockets = 0
        """How many WebSockets the tab has opened since."""
        page.on("websocket", self._count)

    async def start_direct_chat(self, username: str) -> None:
        """Find somebody and open the chat with them."""
        await (
            self.page.get_by_role("button", name="New chat")
            .or_(self.page.get_by_role("link", name="Start a chat"))
            .first.click()
        )
        await self.page.get_by_text("Direct", exact=False).first.click()
        await self.page.get_by_label("Find people by name").fill(username)
        await self.page.get_by_role("main").get_by_text(f"@{username}").click()
        await self.composer.wait_for()

    async def open_chat(self, name: str) -> None:
        """Open a chat of the list."""
        await self.page.get_by_role("listitem").filter(has_text=name).first.click()
        await self.composer.wait_for()

    @property
    def composer(self) -> Locator:
        """Where a message is written."""
        return self.page.get_by_placeholder("Write a message")

    async def write(self, *texts: str) -> None:
        """Write messages and send each."""
        for text in texts:
            await self.composer.fill(text)
            await self.composer.press("Enter")

    async def edit(self, text: str, other: str) -> None:
        """Give a message of the user's another text."""
        message = self.page.get_by_role("article").filter(has_text=text)
        await message.hover()
        await message.get_by_role("button", name="More").click()
        await self.page.get_by_role("menuitem", name="Edit").click()
        field = self.page.get_by_placeholder("Edit the message")
        await field.fill(other)
        await field.press("Enter")

    async def open_details(self) -> Locator:
        """Open what there is to know about the open chat; give the panel."""
        panel = self.page.get_by_role("complementary", name="About this chat")
        if not await panel.is_visible():
            await self.page.get_by_role("button", name="About this chat").click()
        await panel.wait_for()
        return panel

    async def open_settings(self) -> None:
        """Open what is one's own."""
        await self.page.get_by_role("link", name="Settings").click()
        await self.page.get_by_role("heading", name="Settings").wait_for()

    async def messages(self) -> list[str]:
        """The texts on the screen, from above, each without its time."""
        texts = await self.page.locator(".bubble-text").all_inner_texts()
        return [text.split("\n")[0] for text in texts]

    async def shows(self, expected: list[str]) -> None:
        """Wait until exactly these messages are on the screen, in this order."""
        await eventually(self.messages, lambda seen: seen == expected)

    async def states(self) -> list[str]:
        """How far the user's own messages have got, from above."""
        ticks = await self.page.locator(".bubble-text svg.ticks").all()
        return [await tick.get_attribute("aria-label") or "" for tick in ticks]

    async def keeps_the_shell(self) -> None:
        """Wait until the service worker has the page's files, and reload with it."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        await self.page.reload()
        # Not wait_for_function: it polls by eval, which the site's policy forbids.
        await eventually(lambda: self.page.evaluate("navigator.serviceWorker.controller !== null"))

    def _count(self, _socket: object) -> None:
        self.sockets += 1


@asynccontextmanager
async def devices(web_url: str, count: int) -> AsyncIterator[list[Device]]:
    """Have some devices, as long as the block lasts; no script on them may have failed."""
    async with chromium() as browser:
        contexts = [await browser.new_context(viewport={"width": 1280, "height": 900}) for _ in range(count)]
        for context in contexts:
            context.set_default_timeout(PATIENCE * 1_000)
        used = [Device(context, web_url) for context in contexts]
        yield used
        assert [fault for device in used for fault in device.faults] == []
