"""Chromium as the tests drive it: Debian's or the system's own, on the pages of the stack's web site."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from e2e.support.deadlines import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser, and end it with the block."""
    async with async_playwright() as playwright:
        # Its sandbox cannot be had by root, and in most containers.
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def page_of(url: str) -> AsyncIterator[Page]:
    """Open a page in a browser of its own."""
    async with chromium() as browser:
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        await page.goto(url)
        yield page
