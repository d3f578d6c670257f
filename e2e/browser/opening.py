"""Measures how soon the web client shows its last state: `python -m e2e.browser.opening [SITE ...]`.

Each SITE is a folder with a built site; without one it is built from the sources as they are. Several are
opened in turns, so that whatever else the machine does is shared by all. A time is the browser's own largest
contentful paint, from the navigation to the frame that has the chats in it, and the messages where a chat is
opened. The browser keeps the page's files and the chats. No tool is attached while a page opens: what is
asked of a page through one delays it by a third. Its service worker was stopped, as where nobody was here
for a while, or runs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import httpx
from playwright.async_api import async_playwright

from e2e.browser.site import CHAT_PATH, site_of, use
from e2e.support.browser import CHROMIUM
from harness import frontend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from playwright.async_api import BrowserContext, Playwright

REST: Final = 2.0
"""Seconds after which a page that was opened has come to rest."""

_LARGEST_PAINT: Final = """() => new Promise((seen) => {
  new PerformanceObserver((list) => seen(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
})"""


class Chromium:
    """A browser that is told by HTTP to open pages, and looked into only once they are open."""

    def __init__(self, playwright: Playwright, address: str) -> None:
        """Reach it where it answers."""
        self._playwright = playwright
        self._address = address

    @asynccontextmanager
    async def attached(self) -> AsyncIterator[BrowserContext]:
        """Look into it as long as the block lasts."""
        browser = await self._playwright.chromium.connect_over_cdp(self._address)
        yield browser.contexts[0]
        await browser.close()

    async def open_once(self, url: str, *, stops_worker: bool) -> float:
        """Open a page and close it; give how long it took to show the last state, in ms."""
        async with httpx.AsyncClient(base_url=self._address, trust_env=False) as devtools:
            opened = await devtools.put(f"/json/new?{quote(url, safe='')}")
            await asyncio.sleep(REST)
            taken = await self._look(url, stops_worker=stops_worker)
            await devtools.get(f"/json/close/{opened.json()['id']}")
            return taken

    async def _look(self, url: str, *, stops_worker: bool) -> float:
        async with self.attached() as context:
            page = next(page for page in context.pages if page.url == url)
            taken: float = await page.evaluate(_LARGEST_PAINT)
            if stops_worker:
                devtools = await context.new_cdp_session(page)
                await devtools.send("ServiceWorker.enable")
                await devtools.send("ServiceWorker.stopAllWorkers")
        return taken


@contextmanager
def chromium() -> Iterator[str]:
    """Run a browser with a profile of its own; give where it answers."""
    assert CHROMIUM is not None, "There is no Chromium: install Debian's package chromium."
    with tempfile.TemporaryDirectory(prefix="parley-opening-", ignore_cleanup_errors=True) as profile:
        options = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--window-size=1280,800"]
        process = subprocess.Popen(
            [CHROMIUM, *options, f"--user-data-dir={profile}"], stderr=subprocess.PIPE, text=True
        )
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if line.startswith("DevTools listening on ws://"))
            yield f"http://{line.split('/')[2]}"
        finally:
            process.terminate()
            process.wait()


async def measure(folders: Sequence[Path], times: int) -> None:
    """Open each site so many times in each way, in turns, and print the medians."""
    with ExitStack() as undo:
        sites = [undo.enter_context(site_of(folder)) for folder in folders]
        async with async_playwright() as playwright:
            browser = Chromium(playwright, undo.enter_context(chromium()))
            async with browser.attached() as context:
                for site in sites:
                    await use(context, site)
            print(f"load {os.getloadavg()[0]:.1f}; median (best to worst) of {times}, in ms")
            for what, path in (("list", "/"), ("chat", CHAT_PATH)):
                for stops_worker in (False, True):
                    for site in sites:  # leaves the worker as the first measured opening is to find it
                        await browser.open_once(site + path, stops_worker=stops_worker)
                    rounds = [
                        [await browser.open_once(site + path, stops_worker=stops_worker) for site in sites]
                        for _ in range(times)
                    ]
                    for folder, taken in zip(folders, zip(*rounds, strict=True), strict=True):
                        worker = "stopped" if stops_worker else "runs"
                        spread = f"({min(taken):.0f} to {max(taken):.0f})"
                        print(
                            f"{what}, worker {worker:8} {statistics.median(taken):6.0f} {spread:14} {folder}"
                        )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sites", nargs="*", type=Path, metavar="SITE", help="a folder with a built site")
    parser.add_argument("--times", type=int, default=15, help="openings in each way (default: %(default)s)")
    options = parser.parse_args()
    asyncio.run(measure(options.sites or [frontend.build()], options.times))


if __name__ == "__main__":
    main()
