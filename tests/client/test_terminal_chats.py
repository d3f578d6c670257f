"""The terminal chat speaks all of the protocol: edits, reactions, groups, channels, files, search, blocks."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from parley_client.working import Working
from tests.client.fake_service import CHAT, FakeService
from tests.client.typed_screen import terminal_of

if TYPE_CHECKING:
    from pathlib import Path


async def test_people_edit_reply_react_and_delete(service: FakeService) -> None:
    """What becomes of a message is told to both, and history shows it as it is."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, _),
    ):
        hers.type("helo @bob")
        await his.shows("helo")
        hers.type("/edit 1 hello")
        await his.shows("--- ann has edited 1: hello")
        his.type("/react 1 👍")
        await hers.shows("--- bob reacts to 1 with 👍")
        his.type("/react 1")
        await hers.shows("--- bob takes a reaction to 1 back")
        his.type("/reply 1 hi")
        assert "bob  ↪ 1 hi" in await hers.shows("hi  2")
        his.type("/delete 2")
        await hers.shows("--- bob has deleted 2")
        his.type("/delete 1")
        await his.shows("not_permitted")
        his.type("/edit hello")
        await his.shows("Type it so: /edit N TEXT.")
        assert service.model.logs[CHAT][0]["mentions"] == ["bob"]


async def test_group_lives_in_the_terminal(service: FakeService) -> None:
    """A group is made, named, asked about, grown and left; everyone is told."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
        terminal_of(service.endpoints, "cleo") as (cleos, _),
    ):
        for screen in (hers, his, cleos):
            await screen.until(lambda screen=screen: screen.status == "● online")  # type: ignore[misc]
        hers.type("/group Team bob")
        await hers.shows("--- ann and Team")
        await his.shows("You are in Team now: /chat Team")
        hers.type("hello team")
        assert (await his.shows("hello team")).endswith("ann  hello team  1")
        hers.type("/add cleo")
        await his.shows("--- cleo is member now")
        hers.type("/rename Crew")
        await his.shows("--- ann has named it Crew")
        cleos.type("/chat Crew")
        await cleos.shows("--- cleo and Crew")
        his.type("hello cleo")
        await cleos.shows("bob  hello cleo  2")
        his.type("/who")
        await his.shows("ann  owner")
        await his.shows("● online")
        hers.type("/remove cleo")
        await cleos.shows("--- you are not in Crew any more")
        his.type("/leave")
        await his.shows("--- you are not in Crew any more")
        await hers.shows("--- bob is gone")


async def test_channel_is_found_and_joined_by_name(service: FakeService) -> None:
    """One makes a channel, another joins it by its name; a name that is no channel's is told."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        await hers.until(lambda: hers.status == "● online")
        await his.until(lambda: his.status == "● online")
        hers.type("/channel News")
        await hers.shows("--- ann and News")
        his.type("/join Olds")
        await his.shows("There is no channel Olds")
        his.type("/join News")
        await his.shows("--- bob and News")
        hers.type("headline")
        await his.shows("ann  headline  1")


async def test_what_is_written_elsewhere_is_counted_and_writing_is_shown(service: FakeService) -> None:
    """Below the line typed stand what others are writing and what is unread in other chats."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, client),
        terminal_of(service.endpoints, "cleo") as (cleos, _),
    ):
        for screen in (hers, his, cleos):
            await screen.until(lambda screen=screen: screen.status == "● online")  # type: ignore[misc]
        hers.type("hi")
        await his.shows("hi")
        client.typing(CHAT)
        await hers.until(lambda: "bob is writing …" in hers.standing)
        cleos.type("/chat ann")
        cleos.type("psst")
        await hers.shows("cleo has written: /chat cleo")
        await hers.until(lambda: "1 unread: cleo 1" in hers.standing)
        hers.type("/chat cleo")
        await hers.shows("psst")
        await hers.until(lambda: not any("unread" in line for line in hers.standing))
        await cleos.until(lambda: cleos.standing == ["✓✓ 1 read by ann"])


async def test_muted_chat_tells_of_mentions_alone(service: FakeService) -> None:
    """What is written in a muted chat waits unsaid, until somebody names the person."""
    async with (
        terminal_of(service.endpoints, "ann", wanted="cleo") as (hers, client),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, _),
    ):
        hers.type("/chat bob")
        await hers.shows("--- ann and bob")
        hers.type("/mute")
        await hers.shows("bob is muted")
        hers.type("/chat cleo")
        await hers.shows("--- ann and cleo")
        his.type("hi")
        await hers.until(lambda: "1 unread: bob 1" in hers.standing)
        his.type("@ann are you there?")
        await hers.shows("bob mentions you: /chat bob")
        assert [line for line in hers.lines if "has written" in line] == []
        view = client.chat(CHAT)
        assert view is not None
        assert view.muted_until is not None


async def test_file_is_uploaded_and_kept(service: FakeService, tmp_path: Path) -> None:
    """A file goes to who can see the chat, and is never written over another."""
    paper = tmp_path / "paper.txt"
    paper.write_text("what it says")
    async with (
        terminal_of(service.endpoints, "ann", wanted="bob") as (hers, _),
        terminal_of(service.endpoints, "bob", wanted="ann") as (his, _),
    ):
        await hers.shows("--- ann and bob")
        hers.type(f"/upload {paper} read this")
        assert "read this [paper.txt, 4 KB]" in await his.shows("read this")
        his.type(f"/save 1 {tmp_path / 'copy.txt'}")
        await his.shows("is kept as")
        assert (tmp_path / "copy.txt").read_text() == "what it says"
        his.type(f"/save 1 {paper}")
        await his.shows("cannot be written: name a new file")
        hers.type("/upload /no/such/file")
        await hers.shows("cannot be read")


async def test_search_mute_blocks_and_sign_out_are_answered(service: FakeService) -> None:
    """What concerns this person alone is done and said."""
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        screen.type("find the needle")
        await screen.shows("✓ 1")
        screen.type("/search needle")
        assert await screen.shows("ann: find") == "bob 1  ann: find the needle"
        screen.type("/search straw")
        await screen.shows("No message has 'straw'.")
        screen.type("/mute 8")
        await screen.shows("bob is muted")
        assert service.model.chats[CHAT].members["ann"].muted_until is not None
        screen.type("/unmute")
        await screen.shows("bob is not muted.")
        screen.type("/block cleo")
        await screen.shows("cleo is blocked")
        screen.type("/blocks")
        await screen.until(lambda: "cleo" in screen.lines)
        screen.type("/unblock cleo")
        await screen.shows("cleo is not blocked.")
        screen.type("/signout")
        await screen.shows("You are signed out on every device")
        await screen.until(lambda: screen.status.startswith("○ not signed in"))
        screen.type("/signin")
        await screen.until(lambda: screen.status == "● online")


async def test_profiles_are_said_and_seen(service: FakeService) -> None:
    """What somebody says of themselves is their own to say and everyone's to see."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        his.type("/profile ann")
        await his.shows("says nothing of themselves.")
        hers.type("/name Ann of Green Gables")
        await hers.shows("You are called Ann of Green Gables.")
        hers.type("/about Reads.")
        await hers.shows("Your profile says so.")
        his.type("/profile ann")
        await his.shows("ann  Ann of Green Gables")
        await his.shows("Reads.")
        hers.type("/profile")
        await hers.shows("Reads.")
        his.type("/profile nobody")
        await his.shows("nobody is not known yet")


async def test_image_is_worn_kept_by_others_and_taken_off(service: FakeService, tmp_path: Path) -> None:
    """Who wears an image is seen with it, until they take it off."""
    face = tmp_path / "face.png"
    face.write_bytes(b"a face")
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        hers.type(f"/avatar {face}")
        await hers.shows("You are seen with face.png.")
        his.type("/profile ann")
        await his.shows("wears an image")
        his.type(f"/face ann {tmp_path / 'copy.png'}")
        await his.shows("The image of ann is kept")
        assert (tmp_path / "copy.png").read_bytes() == b"a face"
        his.type(f"/face ann {face}")
        await his.shows("cannot be written: name a new file")
        hers.type("/avatar")
        await hers.shows("You are seen without an image.")
        his.type(f"/face ann {tmp_path / 'none.png'}")
        await his.shows("ann wears no image.")
        hers.type("/avatar /no/such/file")
        await hers.shows("cannot be read")


async def test_message_is_reported_once_it_is_said_for_what(service: FakeService) -> None:
    """A report names the message and a reason that the service knows, and may say more."""
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        screen.type("buy now")
        await screen.shows("✓ 1")
        screen.type("/report 1 boredom")
        await screen.shows("WHY being one of spam, abuse, illegal, other")
        screen.type("/report 1 spam third time today")
        await screen.shows("Message 1 is reported")
        note = {"reason": "spam", "note": "third time today"}
        assert service.rest.reports == [{"chatId": CHAT, "seq": 1, **note}]


async def test_archive_is_kept_as_a_new_file(service: FakeService, tmp_path: Path) -> None:
    """The archive is waited for and kept, and is never written over another file."""
    async with terminal_of(service.endpoints, "ann") as (screen, _):
        screen.type(f"/export {tmp_path / 'mine.json'}")
        await screen.shows("All that you have written is in")
        assert json.loads((tmp_path / "mine.json").read_text()) == {"profile": {"username": "ann"}}
        screen.type(f"/export {tmp_path / 'mine.json'}")
        await screen.shows("cannot be written: name a new file")


async def test_account_is_deleted_by_who_names_themselves(service: FakeService) -> None:
    """Nobody deletes an account by a slip; when it is done, the terminal ends."""
    async with terminal_of(service.endpoints, "ann") as (screen, _):
        screen.type("/delete-account")
        await screen.shows("type: /delete-account ann")
        assert service.rest.deleted == set()
        screen.type("/delete-account ann")
        await screen.shows("Your account is being deleted")
        assert service.rest.deleted == {"ann"}


async def test_who_deleted_their_account_has_no_name(service: FakeService) -> None:
    """A place is left where somebody was."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        hers.type("/group Team bob cleo")
        await hers.shows("--- ann and Team")
        service.rest.deleted.add("cleo")
        his.type("/chat Team")
        his.type("/who")
        await his.shows("(deleted account)  member")


async def test_member_is_given_a_role(service: FakeService) -> None:
    """Everyone sees who is what; a role that there is not is told."""
    async with (
        terminal_of(service.endpoints, "ann") as (hers, _),
        terminal_of(service.endpoints, "bob") as (his, _),
    ):
        hers.type("/group -joining Team bob")
        await hers.shows("--- ann and Team")
        his.type("/chat Team")
        await his.shows("--- bob and Team")
        hers.type("/role bob king")
        await hers.shows("ROLE being one of owner, admin, member")
        hers.type("/role bob admin")
        await his.shows("--- bob is admin now")


async def test_messages_around_a_number_are_shown_and_found_in_the_open_chat(service: FakeService) -> None:
    """A look back leaves the beginning of what is shown where it was."""
    async with terminal_of(service.endpoints, "ann", wanted="bob") as (screen, _):
        for number in range(1, 31):
            screen.type(f"text {number}.")
        await screen.shows("text 30.")
        screen.type("/history 3")
        await screen.shows("--- around 3")
        await screen.shows("--- back to what is said now")
        screen.type("/find text 7.")
        assert await screen.shows("bob 7  ") == "bob 7  ann: text 7."


async def test_what_takes_long_is_shown_with_how_far_it_is() -> None:
    """Nothing is shown at once; then what goes on, its share once known, and nothing when it is over."""
    drawn = asyncio.Event()
    working = Working(drawn.set, after=0.01, every=0.01)
    with working.on("/upload"):
        assert working.lines == []
        await drawn.wait()
        assert working.lines[0].plain.startswith("/upload … ")
        drawn.clear()
        working.progress(1, 4)
        await drawn.wait()
        assert working.lines[0].plain.endswith("s, 25%")
    assert working.lines == []
