"""Chromium as the tests drive it: Debian's or the system's own, on the pages of the stack's web site."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from e2e.support.deadlines import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@asynccontextmanager
async def page_of(url: str) -> AsyncIterator[Page]:
    """Open a page in a browser of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        await page.goto(url)
        yield page
        await browser.close()
