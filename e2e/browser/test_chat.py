"""People chat in real browsers: live, through a tunnel, over a reload, in several tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.browser.devices import Tab, devices
from e2e.support.deadlines import eventually
from harness import paths
from harness.demo_users import introduce
from harness.users import make_password

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.support.people import Person
    from harness.outputs import Outputs

pytestmark = pytest.mark.browser


async def test_two_people_in_browsers_chat_and_see_what_was_read(
    stack: Outputs, alice: Person, bob: Person
) -> None:
    """Who is written to sees it come and answers; who wrote sees that it was read."""
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.start_direct_chat(bob.username)
        await hers.write("hello", "are you there?")
        await his.open_chat(alice.username)
        await his.shows(["hello", "are you there?"])
        await his.write("I am")
        await hers.shows(["hello", "are you there?", "I am"])
        await eventually(hers.states, lambda seen: seen == ["Read", "Read"])


async def test_picture_and_edit_in_a_browser_reach_the_other(
    stack: Outputs, alice: Person, bob: Person, folder: Path
) -> None:
    """A file goes straight to storage and is shown from there; an edit replaces what both see."""
    (folder / "icon.png").write_bytes((paths.FRONTEND / "public" / "icon-192.png").read_bytes())
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.start_direct_chat(bob.username)
        await hers.page.get_by_label("Files to attach").set_input_files(folder / "icon.png")
        await hers.page.get_by_role("list", name="Files to send").get_by_text("icon.png").wait_for()
        await hers.write("lok")
        await his.open_chat(alice.username)
        await his.shows(["lok"])
        picture = his.page.locator("img[alt='icon.png']")
        await eventually(lambda: picture.evaluate("image => image.naturalWidth"), lambda width: width == 192)

        await hers.edit("lok", "look")
        await hers.shows(["look"])
        await his.shows(["look"])


async def test_messages_written_in_a_tunnel_arrive_once_after_a_reload(
    stack: Outputs, alice: Person, bob: Person
) -> None:
    """Offline the page opens, shows what was there and takes messages; then nothing lacks or doubles."""
    async with devices(stack.web_url, 2) as (first, second):
        hers, his = await first.sign_in(alice), await second.sign_in(bob)
        await hers.start_direct_chat(bob.username)
        await hers.write("going in")
        await his.open_chat(alice.username)
        await his.shows(["going in"])
        await hers.keeps_the_shell()
        await hers.shows(["going in"])

        await first.context.set_offline(offline=True)
        await hers.page.reload()
        await hers.shows(["going in"])
        await hers.write("one", "two", "three")
        await his.write("still here")
        await eventually(hers.states, lambda seen: seen[1:] == ["Waiting for a connection"] * 3)
        await hers.page.reload()
        await hers.shows(["going in", "one", "two", "three"])

        await first.context.set_offline(offline=False)
        everything = ["going in", "still here", "one", "two", "three"]
        await hers.shows(everything)
        await his.shows(everything)
        await hers.page.reload()
        await hers.shows(everything)


async def test_tabs_of_one_browser_share_a_connection_and_send_once(
    stack: Outputs, alice: Person, bob: Person
) -> None:
    """A second tab opens no connection of its own; when the first is closed, the second takes over."""
    async with devices(stack.web_url, 2) as (first, second):
        one, his = await first.sign_in(alice), await second.sign_in(bob)
        await one.start_direct_chat(bob.username)
        await one.write("from the first")
        path = await one.page.evaluate("location.pathname")
        two = await first.tab(path)
        await two.shows(["from the first"])
        await two.write("from the second")
        await one.shows(["from the first", "from the second"])
        await eventually(two.states, lambda seen: seen in (["Sent"] * 2, ["Delivered"] * 2))
        assert two.sockets == 0

        await one.page.close()
        await two.write("alone")
        expected = ["from the first", "from the second", "alone"]
        await his.open_chat(alice.username)
        await his.shows(expected)
        await two.shows(expected)
        assert two.sockets > 0


async def test_signing_out_in_a_browser_leaves_nothing_of_the_user_there(
    stack: Outputs, alice: Person, bob: Person
) -> None:
    """After it the browser keeps nothing; the next user sees what is theirs."""
    introduce(stack.http_api_url, {bob.username: bob.access_token})
    async with devices(stack.web_url, 1) as (device,):
        tab = await device.sign_in(alice)
        await tab.start_direct_chat(bob.username)
        await tab.write("between us")
        await eventually(tab.states, lambda seen: seen == ["Sent"])
        await tab.page.get_by_role("link", name="Settings").click()
        await _sign_out(tab)
        await tab.page.get_by_label("Username or e-mail").wait_for()
        assert await _kept(tab) == 0
        next_tab = await device.sign_in(bob)
        await next_tab.open_chat(alice.username)
        await next_tab.shows(["between us"])


@pytest.mark.embedded_only("its user pool sends the code 123456 to everybody")
async def test_newcomer_in_a_browser_signs_up_confirms_and_is_in(stack: Outputs) -> None:
    """From nothing to the list of chats: no second sign-in is asked for after the code."""
    password = make_password()
    name = f"newcomer-{password[:8].lower()}"
    async with devices(stack.web_url, 1) as (device,):
        page = (await device.tab()).page
        await page.get_by_role("button", name="Create an account").click()
        await page.get_by_label("Username").fill(name)
        await page.get_by_label("E-mail").fill(f"{name}@example.com")
        await page.get_by_label("Password", exact=True).fill(password)
        await page.get_by_role("button", name="Create", exact=False).last.click()
        await page.get_by_label("Code").fill("123456")
        await page.get_by_role("button", name="Confirm", exact=False).first.click()
        await page.get_by_role("link", name="Settings").wait_for()


async def _sign_out(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="Sign out", exact=False).first.click()
    confirm = tab.page.get_by_role("dialog").get_by_role("button", name="Sign out", exact=False)
    await confirm.first.click()


async def _kept(tab: Tab) -> int:
    """How many values the browser keeps for the site in IndexedDB."""
    return int(
        await tab.page.evaluate(
            """async () => {
              const open = indexedDB.open("parley");
              await new Promise((done) => { open.onsuccess = done; });
              const stores = [...open.result.objectStoreNames];
              const transaction = open.result.transaction(stores);
              const counts = await Promise.all(stores.map((name) => new Promise((done) => {
                const count = transaction.objectStore(name).count();
                count.onsuccess = () => done(count.result);
              })));
              open.result.close();
              return counts.reduce((sum, count) => sum + count, 0);
            }"""
        )
    )
