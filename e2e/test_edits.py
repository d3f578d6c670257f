"""Editing and deleting: one's own, or as who administers; everywhere the same, and for who was away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from e2e.support.changes import (
    delete_message,
    edit_message,
    request_deletion,
    request_edit,
    sync_changes,
)
from e2e.support.groups import open_group
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat of alice and bob with one message of alice's."""
    return await parley.conversation(alice, bob, "frist")


async def test_edit_reaches_every_device_and_history_and_who_was_away(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """The same message in all places; who was away gets it by the change's number."""
    async with (
        parley.socket(alice) as phone,
        parley.socket(alice) as laptop,
        parley.socket(bob) as other,
    ):
        answer = await phone.ask(edit_message(chat_id, 1, "first"))
        message = answer["change"]["message"]
        pushed = {"type": "changed", "chatId": chat_id, "change": answer["change"]}
        assert await laptop.first(lambda frame: frame["type"] == "changed") == pushed
        assert await other.first(lambda frame: frame["type"] == "changed") == pushed
    assert (answer["change"]["number"], answer["change"]["by"]) == (1, alice.user_id)
    assert (message["text"], message["seq"], message["editedAt"] >= message["sentAt"]) == ("first", 1, True)
    assert await parley.history(bob, chat_id) == [message]
    async with parley.socket(bob) as returned:
        (caught_up,) = (await returned.ask(sync_changes(chat_id, 1, 0)))["chats"]
        assert caught_up["changes"] == [answer["change"]]
        (level,) = (await returned.ask(sync_changes(chat_id, 1, 1)))["chats"]
        assert (level["changes"], level["hasMore"]) == ([], False)


async def test_edit_over_http_is_pushed_and_repeating_it_changes_nothing(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """The same answer to the same request."""
    async with parley.socket(bob) as other:
        first = await request_edit(parley, alice, chat_id, 1, "first")
        assert first.status_code == 200, first.text
        pushed = await other.first(lambda frame: frame["type"] == "changed")
        assert pushed["change"] == first.json()["change"]
    again = await request_edit(parley, alice, chat_id, 1, "first")
    assert again.json() == first.json()
    chat = await parley.rest.get(f"/chats/{chat_id}", headers=alice.authorization)
    assert chat.json()["lastChange"] == 1


async def test_message_of_the_other_is_neither_edited_nor_deleted(
    parley: Parley, bob: Person, chat_id: str
) -> None:
    """By frame or by request."""
    async with parley.socket(bob) as socket:
        for frame in (edit_message(chat_id, 1, "forged"), delete_message(chat_id, 1)):
            assert (await socket.ask(frame))["code"] == "not_permitted"
    assert (await request_edit(parley, bob, chat_id, 1, "forged")).status_code == 403
    assert (await request_deletion(parley, bob, chat_id, 1)).status_code == 403
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["frist"]


async def test_deleted_message_leaves_its_number_and_nothing_else(
    parley: Parley, alice: Person, bob: Person, chat_id: str
) -> None:
    """The next message follows it, and it stays deleted."""
    deleted = await request_deletion(parley, alice, chat_id, 1)
    assert deleted.status_code == 200, deleted.text
    async with parley.socket(alice) as socket:
        assert (await socket.ask(edit_message(chat_id, 1, "back")))["code"] == "message_deleted"
        ack = await socket.ask(send_message(chat_id, 1, "second"))
        assert ack["messages"][0]["seq"] == 2
    tombstone, second = await parley.history(bob, chat_id)
    assert (tombstone["seq"], tombstone["text"], "deletedAt" in tombstone) == (1, "", True)
    assert second["text"] == "second"


async def test_owner_deletes_a_members_message_and_no_member_another_members(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Roles allow deleting; editing what another wrote, never."""
    group = await open_group(parley, alice, bob, carol)
    async with parley.socket(bob) as author, parley.socket(carol) as member, parley.socket(alice) as owner:
        assert (await author.ask(send_message(group.chat_id, 0, "rude")))["type"] == "ack"
        assert (await member.ask(delete_message(group.chat_id, 1)))["code"] == "not_permitted"
        assert (await owner.ask(edit_message(group.chat_id, 1, "polite")))["code"] == "not_permitted"
        assert (await owner.ask(delete_message(group.chat_id, 1)))["change"]["by"] == alice.user_id
        for socket in (author, member):
            told = await socket.first(
                lambda frame: frame["type"] == "changed" and "message" in frame["change"]
            )
            assert told["change"]["message"]["text"] == ""
    assert [message["text"] for message in await parley.history(carol, group.chat_id)] == [""]


async def test_who_joined_later_is_not_shown_an_older_message_by_its_edit(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Neither live nor by sync nor by changing it; the number of the change they get."""
    group = await open_group(parley, alice, carol, history="joining")
    await parley.rest.get("/users/me", headers=bob.authorization)
    async with parley.socket(alice) as owner:
        await owner.ask(send_message(group.chat_id, 0, "before bob"))
        assert (await group.add(alice, bob)).status_code == 201
        async with parley.socket(bob) as late:
            edited = await owner.ask(edit_message(group.chat_id, 1, "still before bob"))
            number = edited["change"]["number"]
            told = await late.first(
                lambda frame: frame["type"] == "changed" and frame["change"]["number"] == number
            )
            assert "message" not in told["change"]
            (synced,) = (await late.ask(sync_changes(group.chat_id, 0, number - 1)))["chats"]
            assert [change["number"] for change in synced["changes"]] == [number]
            assert "before bob" not in str(late.frames)
            assert (await late.ask(delete_message(group.chat_id, 1)))["code"] == "unknown_message"


async def test_edits_at_once_from_several_devices_all_land_in_one_order(
    parley: Parley, alice: Person, chat_id: str
) -> None:
    """Each acked edit has a number of its own, without a hole; the last one is what stands."""
    async with parley.socket(alice) as phone, parley.socket(alice) as laptop:
        answers = await asyncio.gather(
            *(
                socket.ask(edit_message(chat_id, 1, f"{name} {number}"))
                for name, socket in (("phone", phone), ("laptop", laptop))
                for number in range(4)
            )
        )
    changes = sorted((answer["change"] for answer in answers), key=lambda change: int(change["number"]))
    assert [change["number"] for change in changes] == list(range(1, 9))
    assert await parley.history(alice, chat_id) == [changes[-1]["message"]]


async def test_outsider_is_answered_as_if_there_were_no_chat(
    parley: Parley, mallory: Person, chat_id: str
) -> None:
    """For a chat that exists and for one that does not."""
    async with parley.socket(mallory) as socket:
        for asked in (chat_id, "g:01JD0000000000000000000000"):
            for frame in (edit_message(asked, 1, "forged"), delete_message(asked, 1)):
                assert (await socket.ask(frame))["code"] == "unknown_chat"
            assert (await request_edit(parley, mallory, asked, 1, "forged")).status_code == 404
            assert (await request_deletion(parley, mallory, asked, 1)).status_code == 404
