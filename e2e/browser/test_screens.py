"""Each screen of the web client in real Chromium: axe finds nothing, and pictures of it are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from e2e.browser.gallery import THEMES, browsing, screens
from harness import paths

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.browser

PICTURES: Final = paths.BUILD / "screenshots"
"""Where the pictures are kept."""

_AXE: Final = paths.FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def test_screens_in_chromium_break_no_rule_of_axe(gallery: str) -> None:
    """Every screen: axe finds nothing in the light, no bad contrast in the dark, and no script fails."""
    broken: list[str] = []
    async with browsing("desktop") as context:
        context.on("weberror", lambda failed: broken.append(str(failed.error)))
        async for name, page in screens(context, gallery):
            await page.add_script_tag(path=str(_AXE))
            await _keep(page, f"{name}-light-desktop")
            broken += [f"{name}: {each}" for each in await _violations(page, {"runOnly": _RULES})]
            await page.emulate_media(color_scheme="dark")
            await _keep(page, f"{name}-dark-desktop")
            contrast = await _violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
            broken += [f"{name} in the dark: {each}" for each in contrast]
    assert broken == []


async def test_main_screens_in_chromium_fit_a_phone(gallery: str) -> None:
    """No main screen is wider than a phone."""
    async with browsing("phone") as context:
        async for name, page in screens(context, gallery, main=True):
            for theme in THEMES:
                await page.emulate_media(color_scheme=theme)
                await _keep(page, f"{name}-{theme}-phone")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


async def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = await page.evaluate(
        "async (options) => (await axe.run({ resultTypes: ['violations'], ...options })).violations", options
    )
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}" for each in found]


async def _keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")
