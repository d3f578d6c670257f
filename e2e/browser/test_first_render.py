"""What the web client's first screen takes, in requests, bytes and shifts: counts, whatever the machine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from e2e.browser.gallery import browsing
from e2e.browser.site import CHAT_PATH, CHATS, site_of, use
from e2e.support.deadlines import eventually
from harness import frontend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Page

pytestmark = pytest.mark.browser

SHIFT: Final = 0.002
"""So much of the layout may shift, as web vitals count it, where the font comes later than the text."""

BYTES: Final = {"js": 150_000, "css": 12_000, "woff2": 40_000}
"""So much of each the sign-in screen may load, compressed."""

# Until the bar comes that says that there is no connection: that one is to be noticed.
_COUNT_SHIFTS: Final = """
window.shifted = 0;
new PerformanceObserver((list) => {
  if (document.querySelector(".connection-bar") === null) {
    list.getEntries().forEach((each) => { window.shifted += each.value; });
  }
}).observe({ type: "layout-shift", buffered: true });
"""

_REST: Final = """async () => {
  await document.fonts.ready;
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
}"""

_LOADED: Final = """() => performance.getEntriesByType("resource").map((each) =>
  ({ url: each.name, bytes: each.encodedBodySize, isBlocking: each.renderBlockingStatus === "blocking" }))"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Give the address of the site as it is built, whose stack does not answer."""
    with site_of(frontend.build()) as url:
        yield url


async def test_first_visit_loads_no_more_than_its_budget_and_from_the_site_alone(site: str) -> None:
    """The sign-in screen: few bytes, one style sheet that holds it up, nothing from elsewhere, no shift."""
    async with browsing("desktop") as context:
        await context.add_init_script(_COUNT_SHIFTS)
        page = await context.new_page()
        await page.goto(site)
        await page.get_by_label("Username or e-mail").wait_for()
        loaded = await _loaded(page)
        assert {urlsplit(each["url"]).netloc for each in loaded} == {urlsplit(site).netloc}
        for kind, most in BYTES.items():
            assert 0 < sum(each["bytes"] for each in loaded if _kind(each) == kind) <= most, kind
        assert [_kind(each) for each in loaded if each["isBlocking"]] == ["css"]
        assert await page.evaluate("window.shifted") <= SHIFT


@pytest.mark.parametrize(("path", "shown"), [("/", ".chat-row"), (CHAT_PATH, ".bubble-text")])
async def test_last_state_is_shown_by_the_page_and_its_one_style_sheet(
    site: str, path: str, shown: str
) -> None:
    """The chats, and an open chat: no file is loaded for them beside those that the page names; no shift."""
    async with browsing("desktop") as context:
        await use(context, site)
        await context.add_init_script(_COUNT_SHIFTS)
        page = await context.new_page()
        await page.goto(f"{site}{path}")
        await page.locator(shown).first.wait_for()
        await eventually(page.locator(".chat-row").count, lambda count: count == CHATS)
        loaded = await _loaded(page)
        kinds = Counter(_kind(each) for each in loaded)
        assert (kinds["js"], kinds["css"], kinds["woff2"]) == (2, 1, 1)
        assert await page.evaluate("window.shifted") <= SHIFT


async def _loaded(page: Page) -> list[dict[str, Any]]:
    """What the page has loaded once it is at rest."""
    await page.evaluate(_REST)
    loaded: list[dict[str, Any]] = await page.evaluate(_LOADED)
    return loaded


def _kind(loaded: dict[str, Any]) -> str:
    return urlsplit(str(loaded["url"])).path.rpartition(".")[2]
