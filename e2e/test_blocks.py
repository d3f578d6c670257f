"""Blocks: neither side writes to the other, the blocked do not find who blocked them, all else stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.parley import get_users, send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person


async def block(parley: Parley, person: Person, other: Person, method: str = "PUT") -> None:
    """Have a person block another, or with DELETE lift the block."""
    path = f"/users/me/blocks/{other.user_id}"
    response = await parley.rest.request(method, path, headers=person.authorization)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("by_bob", [True, False], ids=["by the other", "by the writer"])
async def test_block_holds_within_seconds_and_until_it_is_lifted(
    parley: Parley, alice: Person, bob: Person, by_bob: bool
) -> None:
    """Alice's socket, which has just been writing, is refused soon, and takes messages again afterwards."""
    chat_id = await parley.direct_chat(alice, bob)
    blocker, blocked = (bob, alice) if by_bob else (alice, bob)
    async with parley.socket(alice) as socket, parley.socket(bob) as other:
        acked = 0

        async def answer() -> str:
            nonlocal acked
            answered = await socket.ask(send_message(chat_id, acked, "hello"))
            if answered["type"] == "ack":
                acked = answered["messages"][0]["seq"]
            return str(answered.get("code", answered["type"]))

        assert await answer() == "ack"
        await block(parley, blocker, blocked)

        await eventually(answer, lambda code: code == "blocked", within=15)
        seen = len(other.frames)
        assert await answer() == "blocked"
        await block(parley, blocker, blocked, "DELETE")
        await eventually(answer, lambda code: code == "ack")
        await other.until(lambda device: len(device.frames) > seen)


async def test_block_leaves_what_was_written_readable_to_both(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A block takes nothing back."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "hello"))
    await block(parley, bob, alice)
    for person in (alice, bob):
        assert [message["text"] for message in await parley.history(person, chat_id)] == ["hello"]


@pytest.mark.parametrize("by_bob", [True, False], ids=["by the other", "by the asker"])
async def test_block_keeps_a_direct_chat_from_being_created_until_it_is_lifted(
    parley: Parley, alice: Person, bob: Person, by_bob: bool
) -> None:
    """Alice is told that it is blocked, whoever blocked whom, and has no chat of it."""
    await parley.ticket(alice)
    await parley.ticket(bob)
    blocker, blocked = (bob, alice) if by_bob else (alice, bob)
    await block(parley, blocker, blocked)
    body = {"kind": "direct", "userId": bob.user_id}
    refused = await parley.rest.post("/chats", json=body, headers=alice.authorization)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
    await block(parley, blocker, blocked, "DELETE")
    created = await parley.rest.post("/chats", json=body, headers=alice.authorization)
    assert created.status_code == 201, created.text


async def test_search_does_not_show_who_has_blocked_the_searcher(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """The blocked do not find her, over REST or the socket; others do, and she finds them."""
    for person in (alice, bob, carol):
        await parley.ticket(person)

    async def found(by: Person, whom: Person) -> bool:
        rest = await parley.rest.get("/users", headers=by.authorization, params={"q": whom.username})
        async with parley.socket(by) as socket:
            frame = await socket.ask(get_users(whom.username))
        assert rest.json()["users"] == frame["users"]
        return [user["userId"] for user in frame["users"]] == [whom.user_id]

    await eventually(lambda: found(bob, alice))
    await block(parley, alice, bob)
    assert not await found(bob, alice)
    assert await found(carol, alice)
    await eventually(lambda: found(alice, bob))


async def test_blocks_are_listed_to_who_made_them_alone(parley: Parley, alice: Person, bob: Person) -> None:
    """The blocked do not learn of it from their own list."""
    await parley.ticket(bob)
    await block(parley, alice, bob)
    listed = {
        person.username: (await parley.rest.get("/users/me/blocks", headers=person.authorization)).json()[
            "users"
        ]
        for person in (alice, bob)
    }
    assert [user["userId"] for user in listed[alice.username]] == [bob.user_id]
    assert listed[bob.username] == []


async def test_block_of_oneself_or_of_nobody_is_refused(parley: Parley, alice: Person) -> None:
    """Each says what is wrong."""
    for user_id, code in ((alice.user_id, "own_block"), ("nobody-at-all", "unknown_user")):
        response = await parley.rest.put(f"/users/me/blocks/{user_id}", headers=alice.authorization)
        assert response.json()["error"]["code"] == code
