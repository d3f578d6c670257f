"""Channels: found by name, joined by anyone, written by owners and admins alone."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.groups import Room, join_chat, leave_chat, open_channel
from e2e.support.parley import get_messages, send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket


async def write(socket: Socket, room: Room, after: int, text: str) -> str:
    """Write to a channel; give `ack`, or the error's code."""
    answer = await socket.ask(send_message(room.chat_id, after, text))
    return str(answer.get("code", answer["type"]))


def heard(socket: Socket) -> list[str]:
    """Give the texts of the messages that were pushed."""
    return [frame["message"]["text"] for frame in socket.frames if frame["type"] == "message"]


@pytest.fixture
def name() -> str:
    """Make a name that no other channel has."""
    return f"News {secrets.token_hex(6)}"


async def found(parley: Parley, person: Person, prefix: str) -> list[Frame]:
    """Look for channels by how their names begin."""
    response = await parley.rest.get("/channels", headers=person.authorization, params={"q": prefix})
    assert response.status_code == 200, response.text
    return list(response.json()["channels"])


async def test_channel_is_found_by_how_its_name_begins(
    parley: Parley, alice: Person, bob: Person, name: str
) -> None:
    """By anyone, in any case, and under a new name once it has one."""
    room = await open_channel(parley, alice, name)
    (seen,) = await eventually(lambda: found(parley, bob, name[:-2].upper()))
    assert seen == {"chatId": room.chat_id, "name": name}
    assert await found(parley, bob, f"{name}x") == []
    assert (await room.rename(alice, f"Old {name}")).status_code == 200
    await eventually(lambda: found(parley, bob, f"old {name}"))
    await eventually(lambda: found(parley, bob, name), lambda channels: channels == [])


async def test_who_joins_a_channel_reads_it_and_hears_what_is_written(
    parley: Parley, alice: Person, bob: Person, name: str
) -> None:
    """From its first message on; the channel is among bob's chats, and he may not write."""
    room = await open_channel(parley, alice, name)
    async with parley.socket(alice) as owner, parley.socket(bob) as reader:
        assert await write(owner, room, 0, "one") == "ack"
        assert (await reader.ask(get_messages(room.chat_id)))["code"] == "unknown_chat"
        joined = await reader.ask(join_chat(room.chat_id))
        assert (joined["type"], joined["chat"]["role"], joined["chat"]["name"]) == ("chat", "member", name)
        page = await reader.ask(get_messages(room.chat_id, after=0))
        assert [message["text"] for message in page["messages"]] == ["one"]
        assert await write(owner, room, 1, "two") == "ack"
        await reader.until(lambda socket: "two" in heard(socket))
        assert await write(reader, room, 2, "me too") == "not_permitted"
    assert (await room.chat(bob))["lastSeq"] == 2
    assert await room.roles(bob) == {alice.user_id: "owner"}


async def test_who_is_made_an_admin_of_a_channel_writes(
    parley: Parley, alice: Person, bob: Person, name: str
) -> None:
    """After joining; no longer an admin, no longer."""
    room = await open_channel(parley, alice, name)
    await parley.rest.get("/users/me", headers=bob.authorization)
    assert (await room.add(alice, bob, "admin")).json()["error"]["code"] == "unknown_member"
    assert (await room.add(bob, bob)).json()["role"] == "member"
    assert (await room.add(bob, bob, "admin")).json()["error"]["code"] == "not_permitted"
    assert (await room.add(alice, bob, "admin")).status_code == 200
    async with parley.socket(bob) as socket:
        assert await write(socket, room, 0, "one") == "ack"
        assert (await room.add(alice, bob, "member")).status_code == 200
        assert await write(socket, room, 1, "two") == "not_permitted"


async def test_who_left_or_was_removed_from_a_channel_is_out_of_it(
    parley: Parley, alice: Person, bob: Person, carol: Person, name: str
) -> None:
    """And may join again."""
    room = await open_channel(parley, alice, name)
    async with parley.socket(bob) as leaver, parley.socket(carol) as removed:
        for socket in (leaver, removed):
            assert (await socket.ask(join_chat(room.chat_id)))["type"] == "chat"
        assert (await leaver.ask(leave_chat(room.chat_id)))["type"] == "left"
        assert (await room.remove(bob, carol)).status_code == 404
        assert (await room.remove(alice, carol)).status_code == 200
        assert (await removed.first(lambda frame: frame["type"] == "left"))["chatId"] == room.chat_id
        for socket in (leaver, removed):
            assert (await socket.ask(get_messages(room.chat_id)))["code"] == "unknown_chat"
        assert (await leaver.ask(join_chat(room.chat_id)))["type"] == "chat"


async def test_channel_that_is_not_there_cannot_be_joined(parley: Parley, alice: Person) -> None:
    """Nor anything that is no chat."""
    async with parley.socket(alice) as socket:
        for chat_id in ("c:01JD5ZCV7M3V8Q6N1T9RZK4W2E", "g:01JD5ZCV7M3V8Q6N1T9RZK4W2E", "c:x", "nowhere"):
            assert (await socket.ask(join_chat(chat_id)))["code"] == "unknown_chat"
