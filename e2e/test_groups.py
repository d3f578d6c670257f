"""Groups: whoever is in one writes and reads, roles decide on the rest, and who is out is out at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from e2e.support.deadlines import eventually
from e2e.support.groups import Room, join_chat, leave_chat, open_group
from e2e.support.parley import get_messages, send_message, sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from e2e.support.sockets import Frame, Socket


async def write(socket: Socket, room: Room, after: int, text: str) -> str:
    """Write to a group; give `ack`, or the error's code."""
    answer = await socket.ask(send_message(room.chat_id, after, text))
    return str(answer.get("code", answer["type"]))


def of_type(kind: str) -> Callable[[Frame], bool]:
    """Tell frames of a type."""
    return lambda frame: frame["type"] == kind


async def texts(parley: Parley, person: Person, room: Room) -> list[str]:
    """Read the whole group."""
    return [message["text"] for message in await parley.history(person, room.chat_id)]


async def test_everyone_in_a_group_gets_what_anyone_writes_in_one_order(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Three write in turn; each device has it all, live, by history and by sync."""
    async with parley.socket(alice) as a, parley.socket(bob) as b, parley.socket(carol) as c:
        room = await open_group(parley, alice, bob, carol)
        for socket in (b, c):
            assert (await socket.first(of_type("chat")))["chat"]["role"] == "member"
        for after, socket in enumerate((a, b, c)):
            assert await write(socket, room, after, str(after + 1)) == "ack"
        await b.until(lambda socket: len(list(filter(of_type("message"), socket.frames))) == 2)
        synced = await c.ask(sync(**{room.chat_id: 0}))
    assert [message["text"] for message in synced["chats"][0]["messages"]] == ["1", "2", "3"]
    for person in (alice, bob, carol):
        assert await texts(parley, person, room) == ["1", "2", "3"]
        assert (await room.chat(person))["lastSeq"] == 3


async def test_group_is_created_once_however_often_it_is_asked_for(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """The creator gets the same chat again; for anyone else the id is taken."""
    await parley.rest.get("/users/me", headers=bob.authorization)
    body = {"kind": "group", "id": str(ULID()), "name": "Club", "memberIds": [bob.user_id]}
    asked = [await parley.rest.post("/chats", headers=alice.authorization, json=body) for _ in range(2)]
    assert [response.status_code for response in asked] == [201, 200]
    assert asked[0].json() == asked[1].json()
    stolen = await parley.rest.post("/chats", headers=mallory.authorization, json=body)
    assert stolen.json()["error"]["code"] == "chat_id_taken"


async def test_outsider_of_a_group_hears_as_of_a_chat_that_does_not_exist(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """By every frame and request that names a chat."""
    room = await open_group(parley, alice, bob)
    nowhere = Room(parley, f"g:{ULID()}")

    async def heard(asked: Room) -> list[str]:
        async with parley.socket(mallory) as socket:
            frames = [
                await socket.ask(frame)
                for frame in (
                    send_message(asked.chat_id, 0, "let me in"),
                    get_messages(asked.chat_id),
                    sync(**{asked.chat_id: 0}),
                    join_chat(asked.chat_id),
                )
            ]
        responses = [
            await asked.add(mallory, mallory),
            await asked.add(mallory, mallory, "owner"),
            await asked.remove(mallory, alice),
            await asked.rename(mallory, "Mine"),
            await asked.mute(mallory, None),
        ]
        codes = [f"{frame['type']} {frame.get('code')}" for frame in frames]
        return codes + [f"{r.status_code} {r.json()['error']['code']}" for r in responses]

    expected = ["error unknown_chat"] * 4 + ["404 unknown_chat"] * 5
    assert await heard(room) == await heard(nowhere) == expected
    assert (await room.roles(alice)).keys() == {alice.user_id, bob.user_id}


async def test_role_decides_who_adds_promotes_removes_and_renames(
    parley: Parley, alice: Person, bob: Person, carol: Person, people: People
) -> None:
    """A member may not; made an admin, bob may but not above himself; the owner may all."""
    dora = people.join("dora")
    await parley.rest.get("/users/me", headers=dora.authorization)
    room = await open_group(parley, alice, bob, carol)
    for refused in (
        await room.add(bob, dora),
        await room.remove(bob, carol),
        await room.rename(bob, "Bob's"),
        await room.add(bob, bob, "admin"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_permitted")
    assert (await room.add(alice, bob, "admin")).status_code == 200
    assert (await room.add(bob, dora)).status_code == 201
    assert (await room.rename(bob, "Bob's")).json()["name"] == "Bob's"
    assert (await room.remove(bob, carol)).status_code == 200
    for refused in (await room.remove(bob, alice), await room.add(bob, dora, "admin")):
        assert refused.json()["error"]["code"] == "not_permitted"
    assert await room.roles(dora) == {alice.user_id: "owner", bob.user_id: "admin", dora.user_id: "member"}
    assert (await room.chat(dora))["name"] == "Bob's"


async def test_everyone_in_a_group_is_told_of_each_change(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Bob hears of carol's coming, of the new name and of her going; carol of the chat and of its end."""
    await parley.rest.get("/users/me", headers=carol.authorization)
    room = await open_group(parley, alice, bob)
    async with parley.socket(bob) as member, parley.socket(carol) as newcomer:
        await room.add(alice, carol)
        await room.rename(alice, "Climbers")
        await room.remove(alice, carol)
        await member.until(lambda socket: len(list(filter(of_type("changed"), socket.frames))) == 3)
        told = [frame["change"] for frame in member.frames if frame["type"] == "changed"]
        assert (await newcomer.first(of_type("chat")))["chat"]["chatId"] == room.chat_id
        assert (await newcomer.first(of_type("left")))["chatId"] == room.chat_id
    assert sorted(change["number"] for change in told) == [1, 2, 3]
    by_number = {change["number"]: change for change in told}
    assert by_number[1]["members"] == [{"userId": carol.user_id, "role": "member", "memberSince": 1}]
    assert by_number[2]["name"] == "Climbers"
    assert by_number[3]["removed"] == [carol.user_id]
    listed = await room.members(bob)
    assert listed["lastChange"] == 3
    assert {member["userId"] for member in listed["members"]} == {alice.user_id, bob.user_id}


async def test_removed_member_is_refused_at_once(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Whom every function has just let in neither reads nor writes, nor hears what is written then."""
    room = await open_group(parley, alice, bob, carol)
    async with parley.socket(carol) as out, parley.socket(alice) as owner:
        assert await write(out, room, 0, "1") == "ack"
        assert (await out.ask(get_messages(room.chat_id)))["type"] == "messages"
        assert (await room.remove(alice, carol)).status_code == 200
        assert await write(out, room, 1, "2") == "unknown_chat"
        assert (await out.ask(get_messages(room.chat_id)))["code"] == "unknown_chat"
        assert (await out.ask(sync(**{room.chat_id: 0})))["code"] == "unknown_chat"
        assert await write(owner, room, 1, "without her") == "ack"
        await out.ask(sync())
        assert "without her" not in str(out.frames)
    assert await texts(parley, bob, room) == ["1", "without her"]


@pytest.mark.parametrize("history", ["start", "joining"])
async def test_history_of_who_joins_later_begins_where_the_group_says(
    parley: Parley, alice: Person, bob: Person, carol: Person, history: str
) -> None:
    """From the first message, or from joining, by every way of reading."""
    await parley.rest.get("/users/me", headers=carol.authorization)
    room = await open_group(parley, alice, bob, history=history)
    async with parley.socket(alice) as socket:
        assert await write(socket, room, 0, "before") == "ack"
        assert (await room.add(alice, carol)).status_code == 201
        assert await write(socket, room, 1, "after") == "ack"
    visible = ["before", "after"] if history == "start" else ["after"]
    async with parley.socket(carol) as late:
        asked = [
            get_messages(room.chat_id, **place) for place in ({}, {"after": 0}, {"before": 9}, {"around": 1})
        ]
        pages = [(await late.ask(frame))["messages"] for frame in asked]
        pages.append((await late.ask(sync(**{room.chat_id: 0})))["chats"][0]["messages"])
    for page in pages:
        assert [message["text"] for message in page] == visible
    assert await texts(parley, carol, room) == visible
    assert (await room.chat(carol))["unread"] == len(visible)


async def test_group_outlives_its_owner(parley: Parley, alice: Person, bob: Person, carol: Person) -> None:
    """When alice leaves, the admin owns it; when he leaves, the last member does."""
    room = await open_group(parley, alice, bob, carol)
    await room.add(alice, carol, "admin")
    async with parley.socket(alice) as socket, parley.socket(alice) as other_device:
        assert (await socket.ask(leave_chat(room.chat_id)))["type"] == "left"
        assert (await other_device.first(of_type("left")))["chatId"] == room.chat_id
        assert await write(socket, room, 0, "x") == "unknown_chat"
        assert (await socket.ask(leave_chat(room.chat_id)))["type"] == "left"
    assert await room.roles(bob) == {bob.user_id: "member", carol.user_id: "owner"}
    assert (await room.remove(carol, carol)).status_code == 200
    assert await room.roles(bob) == {bob.user_id: "owner"}


async def test_ownership_is_handed_over_and_never_dropped(parley: Parley, alice: Person, bob: Person) -> None:
    """The only owner cannot step down; with another one she can."""
    room = await open_group(parley, alice, bob)
    assert (await room.add(alice, alice, "member")).json()["error"]["code"] == "last_owner"
    assert (await room.add(alice, bob, "owner")).status_code == 200
    assert (await room.add(alice, alice, "member")).status_code == 200
    assert await room.roles(alice) == {alice.user_id: "member", bob.user_id: "owner"}


async def test_mute_is_ones_own_and_on_all_of_ones_devices(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Bob mutes; his device hears of it, alice does not."""
    room = await open_group(parley, alice, bob)
    until = "2030-01-01T00:00:00.000Z"
    async with parley.socket(bob) as device:
        assert (await room.mute(bob, until)).json()["mutedUntil"] == until
        assert (await device.first(of_type("chat")))["chat"]["mutedUntil"] == until
    assert "mutedUntil" not in await room.chat(alice)

    async def listed() -> list[str | None]:
        response = await parley.rest.get("/chats", headers=bob.authorization)
        return [chat.get("mutedUntil") for chat in response.json()["chats"]]

    await eventually(listed, lambda found: found == [until])
    assert "mutedUntil" not in (await room.mute(bob, None)).json()
