"""Each screen of the web client in real Chromium: axe finds nothing, and pictures of it are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from e2e.browser.gallery import AXE, browsing, screens
from harness import paths

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.browser

PICTURES: Final = paths.BUILD / "screenshots"
"""Where the pictures are kept."""

SMALLEST: Final = 12
"""No text is smaller, in px."""

# The texts that are smaller than that, each with its size.
_TOO_SMALL: Final = """(smallest) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (texts.nextNode()) {
    const { textContent: text, parentElement: holder } = texts.currentNode;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (text.trim() && size < smallest) found.add(`${text.slice(0, 40)} (${size} px)`);
  }
  return [...found];
}"""

# Where in the last element of a selector some pieces of its text begin, in px from the left.
_EDGES: Final = """([selector, ...pieces]) => {
  const element = [...document.querySelectorAll(selector)].at(-1);
  return pieces.map((piece) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const at = texts.currentNode.textContent.indexOf(piece);
      if (at >= 0) {
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + piece.length);
        return range.getBoundingClientRect().left;
      }
    }
    throw new Error(`${selector} has no ${piece}.`);
  });
}"""
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def test_screens_in_chromium_break_no_rule_of_axe(gallery: str) -> None:
    """Every screen: axe finds nothing in the light, no bad contrast in the dark, and no script fails."""
    broken: list[str] = []
    async with browsing("desktop") as context:
        context.on("weberror", lambda failed: broken.append(str(failed.error)))
        async for name, page in screens(context, gallery):
            await page.add_script_tag(url=f"/{AXE.name}")
            await _keep(page, f"{name}-light-desktop")
            broken += [f"{name}: {each}" for each in await _violations(page, {"runOnly": _RULES})]
            await page.emulate_media(color_scheme="dark")
            await _keep(page, f"{name}-dark-desktop")
            contrast = await _violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
            broken += [f"{name} in the dark: {each}" for each in contrast]
    assert broken == []


async def test_screens_on_a_phone_break_no_rule_of_axe_and_fit(gallery: str) -> None:
    """Every screen: axe finds nothing in the dark, no bad contrast in the light; it fits."""
    broken: list[str] = []
    async with browsing("phone") as context:
        async for name, page in screens(context, gallery):
            await page.add_script_tag(url=f"/{AXE.name}")
            await _keep(page, f"{name}-light-phone")
            contrast = await _violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
            broken += [f"{name} in the light: {each}" for each in contrast]
            await page.emulate_media(color_scheme="dark")
            await _keep(page, f"{name}-dark-phone")
            broken += [f"{name}: {each}" for each in await _violations(page, {"runOnly": _RULES})]
            if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                broken.append(f"{name} is wider than the phone")
            broken += [f"{name}: too small: {text}" for text in await page.evaluate(_TOO_SMALL, SMALLEST)]
    assert broken == []


async def test_name_from_right_to_left_moves_no_word_around_it(gallery: str) -> None:
    """Who writes stands before "writing", however the name is written; a link reads from left to right."""
    async with browsing("desktop") as context:
        page = await context.new_page()
        await page.goto(gallery)
        await page.evaluate("gallery.open('strange-names')")
        name, verb = await page.evaluate(_EDGES, [".conversation-writing", "فرح", "writing"])
        assert name < verb
        scheme, query = await page.evaluate(_EDGES, [".message-link", "https", "b=1"])
        assert scheme < query


async def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = await page.evaluate(
        "async (options) => (await axe.run({ resultTypes: ['violations'], ...options })).violations", options
    )
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}" for each in found]


async def _keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")
