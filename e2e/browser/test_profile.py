"""What is a user's own, in real browsers: the picture that others see, blocks, and the archive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.browser.devices import devices
from e2e.support.deadlines import eventually
from e2e.support.files import png, web

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator

    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.browser

SIDE = 512
"""Of the square that the page makes of a picture, in px."""


async def test_picture_of_a_user_in_a_browser_is_seen_by_the_other_until_it_is_removed(
    stack: Outputs, alice: Person, bob: Person, folder: Path
) -> None:
    """Cut to a square where it is chosen; in the chat, the list and over a reload; gone when taken off."""
    (folder / "me.png").write_bytes(png(640, 360))
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.start_direct_chat(bob.username)
        await hers.write("hello")
        await his.open_chat(alice.username)
        await his.shows(["hello"])

        await hers.open_settings()
        await hers.page.get_by_label("Picture of you").set_input_files(folder / "me.png")
        await hers.page.get_by_role("button", name="Use this picture").click()
        await hers.page.get_by_role("button", name="Remove it").wait_for()
        await _is_shown(hers.page.locator(".chat-list-me img"))

        details = await his.open_details()
        await _is_shown(details.locator(".who img"))
        await _is_shown(his.page.locator(".conversation-who img"))
        await _is_shown(his.page.locator(".chat-row img"))
        await his.page.reload()
        await _is_shown(his.page.locator(".chat-row img"))

        await hers.page.get_by_role("button", name="Remove it").click()
        await hers.page.get_by_role("button", name="Add a picture").wait_for()
        await his.page.goto(f"{stack.web_url}/new/direct")
        await his.page.get_by_label("Find people by name").fill(alice.username)
        await his.page.get_by_role("main").get_by_text(f"@{alice.username}").wait_for()
        await eventually(his.page.locator(".avatar img").count, lambda pictures: pictures == 0)


async def test_settings_in_a_browser_block_and_make_an_archive(
    stack: Outputs, alice: Person, bob: Person
) -> None:
    """Who is blocked cannot write until that is lifted; an archive has what was written; no request fails."""
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.start_direct_chat(bob.username)
        await his.start_direct_chat(alice.username)
        details = await hers.open_details()
        await details.get_by_role("button", name="Block").click()
        await hers.page.get_by_role("dialog").get_by_role("button", name="Block").click()
        await hers.page.get_by_text(f"You have blocked {bob.username}.").wait_for()
        await his.write("may I?")
        refused = his.page.get_by_role("alert").filter(has_text="Not sent.")
        await refused.wait_for()

        await hers.open_settings()
        await hers.page.get_by_role("button", name=f"Lift the block of {bob.username}").click()
        await hers.page.get_by_text("You have blocked nobody").wait_for()
        await refused.get_by_role("button", name="Try again").click()
        await eventually(his.states, lambda states: states in (["Sent"], ["Delivered"], ["Read"]))

        await his.open_settings()
        await his.page.get_by_role("button", name="Make an archive").click()
        link = his.page.get_by_role("link", name="Download the archive")
        async with web() as browser:
            archive = json.loads((await browser.get(str(await link.get_attribute("href")))).content)
        assert [entry["message"]["text"] for entry in archive["messages"]] == ["may I?"]
        assert first.complaints + second.complaints == []


async def _is_shown(picture: Locator) -> None:
    """Wait until a picture has loaded, as the square that was made of it."""
    await eventually(lambda: picture.evaluate("image => image.naturalWidth"), lambda width: width == SIDE)
    await picture.and_(picture.page.locator(".avatar-loaded")).wait_for()
