"""The terminal chat speaks all of the protocol: edits, reactions, groups, channels, files, search, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        assert service.rest.muted[CHAT] is not None
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
        assert service.rest.signed_out
