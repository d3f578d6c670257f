"""The web client's screens on its fake model: built, served, and each brought to what it has to show."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final

from e2e.support.browser import chromium
from e2e.support.deadlines import PATIENCE
from harness import frontend, node, paths

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.async_api import BrowserContext, Page

AXE: Final = paths.FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
"""Served beside the screens, by its name: so the browser keeps it, compiled, from screen to screen."""
WIDTHS: Final = {"phone": (390, 844), "desktop": (1280, 800)}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Build the gallery into a folder and serve it on a free port of loopback; give its address."""
    frontend.install()
    program = node.node()
    assert program is not None, "There is no Node.js: install it, or run through nox."
    vite = str(paths.FRONTEND / "node_modules" / "vite" / "bin" / "vite.js")
    command = [*program, vite, "build", "--config", "scripts/gallery.config.ts", "--logLevel", "error"]
    subprocess.run(
        [*command, "--outDir", str(folder)],
        cwd=paths.FRONTEND,
        env=node.environment(),
        check=True,
        timeout=300,
    )
    shutil.copy(AXE, folder)
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/gallery.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing of each request."""


@asynccontextmanager
async def browsing(width: str) -> AsyncIterator[BrowserContext]:
    """Open a browser as wide as a device, without motion."""
    across, down = WIDTHS[width]
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": across, "height": down},
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Zurich",
        )
        context.set_default_timeout(PATIENCE * 1_000)
        yield context


async def screens(
    context: BrowserContext, url: str, *, main: bool = False
) -> AsyncIterator[tuple[str, Page]]:
    """Give each screen by name, in the light, in a page that shows it; only the main ones if asked so.

    The page is loaded anew for each, in one tab: a tab of its own for each takes twice as long.
    """
    page = await context.new_page()
    await page.goto(url)
    known: dict[str, dict[str, Any]] = await page.evaluate("gallery.screens")
    for name, screen in known.items():
        if main and not screen.get("main"):
            continue
        await page.emulate_media(color_scheme="light")
        await page.goto(f"{url}?signed-out" if screen.get("signedOut") else url)
        await page.evaluate("(name) => gallery.open(name)", name)
        yield name, page
    await page.close()
