"""A group in real browsers: its owner gives and takes roles, and removes; the others see it as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from e2e.browser.devices import devices
from e2e.support.groups import open_group

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.browser


async def test_owner_in_a_browser_gives_roles_and_removes_and_the_others_see_it(
    stack: Outputs, parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """An admin may rename, a member may not, and who is removed sees no chat any more."""
    await open_group(parley, alice, bob, carol, name="Climbers")
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.open_chat("Climbers")
        await his.open_chat("Climbers")
        details, seen = await hers.open_details(), await his.open_details()
        rename = seen.get_by_role("button", name="Rename")
        await expect(_member(seen, carol)).to_be_visible()
        await expect(rename).to_have_count(0)

        await _choose(details, bob, "Make an admin")
        await expect(_member(details, bob)).to_contain_text("admin")
        await expect(_member(seen, bob)).to_contain_text("admin")
        await rename.click()
        await seen.get_by_label("Name").fill("Night train")
        await seen.get_by_role("button", name="Save").click()
        await expect(hers.page.get_by_role("heading", name="Night train")).to_be_visible()

        await _choose(details, bob, "Make a member")
        await expect(_member(seen, bob)).not_to_contain_text("admin")
        await expect(rename).to_have_count(0)

        await _remove(details, carol)
        await expect(_member(seen, carol)).to_have_count(0)
        await _remove(details, bob)
        await expect(his.page.get_by_text("There is no such chat")).to_be_visible()
        await expect(details.get_by_role("heading", name="Members · 1")).to_be_visible()


def _member(details: Locator, person: Person) -> Locator:
    return details.get_by_role("listitem").filter(has_text=person.username)


async def _choose(details: Locator, person: Person, item: str) -> None:
    await details.get_by_role("button", name=f"More about {person.username}").click()
    await details.page.get_by_role("menuitem", name=item).click()


async def _remove(details: Locator, person: Person) -> None:
    await _choose(details, person, "Remove")
    await details.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(_member(details, person)).to_have_count(0)
