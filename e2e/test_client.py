"""The Python client speaks all of the protocol: what one device does appears on all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parley_client import (
    ChatChanged,
    ChatFound,
    ChatLeft,
    MessageChanged,
    ReceiptReceived,
    RequestRefused,
    SendRefused,
    TypingChanged,
)

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person


async def test_client_shows_edits_reactions_and_deletions_on_every_device(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Two people on three devices hold the same versions, and a device that was away catches up."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as phone, parley.device(alice) as laptop, parley.device(bob) as his:
        first = await phone.client.send(chat_id, "helo")
        await his.shows(chat_id, 1)
        reply = await his.client.send(chat_id, "hi", reply_to=first.seq, mentions=[alice.user_id])
        for device in (phone, laptop, his):
            _, shown = await device.shows(chat_id, 2)
            assert (shown.reply_to, shown.mentions) == (first.seq, (alice.user_id,))
        edited = await phone.client.edit(chat_id, first.seq, "hello")
        await his.client.react(chat_id, first.seq, "👍")
        await his.client.delete(chat_id, reply.seq)
        with pytest.raises(RequestRefused, match="not_permitted"):
            await his.client.edit(chat_id, first.seq, "never said")
        for device in (phone, laptop, his):
            await device.until(lambda device=device: len(device.of(MessageChanged)) == 3)  # type: ignore[misc]
            view = device.client.chat(chat_id)
            assert view is not None
            hello, deleted = view.messages
            assert (hello.text, hello.reactions) == ("hello", {bob.user_id: "👍"})
            assert (deleted.text, deleted.deleted_at is not None) == ("", True)
        assert edited.number == 1
    async with parley.device(bob, cursors={chat_id: 2}) as again:
        await again.until(lambda: [event.change.number for event in again.of(MessageChanged)] == [2, 3])


async def test_client_tells_of_receipts_and_writing_and_counts_what_is_unread(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Reading on one device settles the count on the other, and the sender sees it."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.device(alice) as hers, parley.device(bob) as phone, parley.device(bob) as laptop:
        for text in ("one", "two", "three"):
            await hers.client.send(chat_id, text)
        await phone.shows(chat_id, 3)
        await laptop.shows(chat_id, 3)
        assert _unread(laptop.client.chat(chat_id)) == 3
        phone.client.mark_delivered(chat_id, 3)
        phone.client.mark_read(chat_id, 2)
        await laptop.until(lambda: _unread(laptop.client.chat(chat_id)) == 1)
        await hers.until(lambda: any(event.read_seq == 2 for event in hers.of(ReceiptReceived)))
        hers.client.typing(chat_id)
        await phone.until(lambda: [event.user_ids for event in phone.of(TypingChanged)] == [(alice.user_id,)])
        await hers.client.send(chat_id, "four")
        await phone.until(lambda: phone.of(TypingChanged)[-1].user_ids == ())
        (presence,) = await hers.client.presence(chat_id)
        assert (presence.user_id, presence.online) == (bob.user_id, True)


async def test_client_lives_through_a_group_and_a_channel(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Who is added is told, who is removed forgets the chat, and what they write afterwards is refused."""
    for person in (bob, carol):
        await parley.rest.get("/users/me", headers=person.authorization)
    async with parley.device(alice) as hers, parley.device(bob) as his, parley.device(carol) as carols:
        group = await hers.client.create_group("Team", [bob.user_id], history="joining")
        await his.until(lambda: any(event.chat.chat_id == group.chat_id for event in his.of(ChatFound)))
        await his.client.send(group.chat_id, "before carol")
        await hers.shows(group.chat_id, 1)
        await hers.client.api.set_member(group.chat_id, carol.user_id)
        await hers.client.api.rename_chat(group.chat_id, "Crew")
        await carols.until(lambda: any(event.chat.chat_id == group.chat_id for event in carols.of(ChatFound)))
        await hers.client.send(group.chat_id, "after carol")
        (seen,) = await carols.shows(group.chat_id, 1)
        assert (seen.seq, seen.text) == (2, "after carol")
        members = {member.user_id for member in await hers.client.members(group.chat_id)}
        assert members == {alice.user_id, bob.user_id, carol.user_id}
        await his.until(lambda: any(event.change.name == "Crew" for event in his.of(ChatChanged)))
        await hers.client.api.remove_member(group.chat_id, bob.user_id)
        await his.until(lambda: [event.chat_id for event in his.of(ChatLeft)] == [group.chat_id])
        with pytest.raises(SendRefused, match="unknown_chat"):
            await his.client.send(group.chat_id, "in vain")

        channel = await hers.client.create_channel(f"News {alice.username}")
        joined = await his.client.join(channel.chat_id)
        assert (joined.role, joined.name) == ("member", channel.name)
        await hers.client.send(channel.chat_id, "headline")
        assert [message.text for message in await his.shows(channel.chat_id, 1)] == ["headline"]
        with pytest.raises(SendRefused, match="not_permitted"):
            await his.client.send(channel.chat_id, "comment")
        await his.client.leave(channel.chat_id)
        await his.until(lambda: his.client.chat(channel.chat_id) is None)


async def test_client_sends_a_file_and_the_other_downloads_it(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A file is uploaded, sent with a message, and downloaded by the other with what was in it."""
    chat_id = await parley.direct_chat(alice, bob)
    content = b"%PDF-1.4 " + b"x" * 2_000
    async with parley.device(alice) as hers, parley.device(bob) as his:
        file = await hers.client.api.media.upload(chat_id, content, name="paper.pdf")
        sent = await hers.client.send(chat_id, "", attachment=file)
        (got,) = await his.shows(chat_id, 1)
        assert got == sent
        assert got.attachment is not None
        assert (got.attachment.name, got.attachment.bytes) == ("paper.pdf", len(content))
        assert await his.client.api.media.download(chat_id, got.attachment.media_id) == content


def _unread(view: object) -> int:
    """Give a chat's count of unread messages."""
    return int(getattr(view, "unread", -1))
