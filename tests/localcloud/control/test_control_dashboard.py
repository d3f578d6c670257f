"""The dashboard: one page of localcloud's own, under a strict policy, that a browser can run."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from localcloud import background
from localcloud.control.dashboard import dashboard_endpoints
from localcloud.interfaces import Request
from tests.localcloud.command.support import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.interfaces import Response

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


async def fetch(path: str) -> Response:
    """Get a file of the dashboard."""
    return await dashboard_endpoints()["GET", path](Request("GET", path, b"", b"", ()))


class Page(HTMLParser):
    """What a page's markup has."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.ids: set[str] = set()
        self.loaded: list[str] = []
        self.attributes: set[str] = set()
        self.inline: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's attributes."""
        given = dict(attrs)
        self.attributes |= given.keys()
        self.ids |= {given["id"] or ""} if "id" in given else set()
        self.loaded += [url for name in ("src", "href") if (url := given.get(name))]
        self._inside = tag

    def handle_data(self, data: str) -> None:
        """Note what a script or a style has inside."""
        if self._inside in {"script", "style"} and data.strip():
            self.inline.append(data)


async def test_dashboard_is_served_under_a_strict_policy() -> None:
    """Nothing but its own files is loaded, run, or framed."""
    for path, kind in (("", b"html"), ("/dashboard.css", b"css"), ("/dashboard.js", b"javascript")):
        answer = await fetch(path)
        headers = dict(answer.headers)
        assert answer.status == 200
        assert kind in headers[b"content-type"]
        policy = headers[b"content-security-policy"]
        assert policy.startswith(b"default-src 'none'; script-src 'self'; style-src 'self'")
        assert b"unsafe" not in policy
        assert b"frame-ancestors 'none'" in policy


async def test_dashboard_page_loads_its_own_files_only_and_has_nothing_inline() -> None:
    """So the policy holds nothing back that it needs."""
    page = Page((await fetch("")).body.decode())
    own = {"/_localcloud/dashboard.css", "/_localcloud/dashboard.js"}
    assert {url for url in page.loaded if not url.startswith("data:")} == own
    assert page.inline == []
    assert not {name for name in page.attributes if name == "style" or name.startswith("on")}


async def test_dashboard_script_finds_every_element_that_it_names() -> None:
    """And writes text, never markup: what functions log is anybody's."""
    script = (await fetch("/dashboard.js")).body.decode()
    ids = Page((await fetch("")).body.decode()).ids
    named = set(re.findall(r"""(?:\$|showRows|showLegend)\(\s*"([a-z-]+)\"""", script))
    assert len(named) >= 15
    assert named <= ids
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


async def test_dashboard_looks_right_in_both_themes() -> None:
    """Every colour is a variable that the dark theme sets again."""
    style = (await fetch("/dashboard.css")).body.decode()
    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    light, dark = (set(re.findall(r"(--(?!mono)[\w-]+):", theme)) for theme in themes)
    assert light == dark
    rules = style[style.index("box-sizing") :]
    assert not re.search(r"#[0-9a-f]{3,8}\b", rules)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")
def test_dashboard_in_a_browser_shows_what_runs(tmp_path: Path) -> None:
    """The one test that runs the script: it takes a localcloud and a browser, some four seconds."""
    assert CHROMIUM is not None
    running = background.start(free_port(), tmp_path / "data", tmp_path / "log", die_with_us=True)
    try:
        shown = subprocess.run(
            [
                *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"),
                *(f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom"),
                f"{running.endpoint_url}/_localcloud",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
    finally:
        running.end()
    assert 'class="state ready"' in shown
    assert str(tmp_path / "data") in shown
    assert "Nothing is deployed yet" in shown
    assert '<path class="received" d="M' in shown
