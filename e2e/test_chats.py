"""The list of a user's chats: one chat for two people, whoever opens it, with how far it has got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


async def chats(parley: Parley, person: Person) -> dict[str, Frame]:
    """List a person's chats by chat id."""
    response = await parley.rest.get("/chats", headers=person.authorization)
    assert response.status_code == 200, response.text
    return {chat["chatId"]: chat for chat in response.json()["chats"]}


async def test_chat_of_two_is_one_whoever_opens_it(parley: Parley, alice: Person, bob: Person) -> None:
    """Opened from both sides, and twice, it is the same chat, listed once for each."""
    opened = {
        await parley.direct_chat(alice, bob),
        await parley.direct_chat(bob, alice),
        await parley.direct_chat(alice, bob),
    }
    assert len(opened) == 1
    for person in (alice, bob):
        assert (await eventually(lambda: chats(parley, person))).keys() == opened  # noqa: B023 - awaited here


async def test_chats_list_says_how_far_each_chat_has_got(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """After two messages of bob's his chat stands at 2 with none read; carol's, still silent, at 0."""
    with_bob, with_carol = await parley.direct_chat(alice, bob), await parley.direct_chat(alice, carol)
    async with parley.socket(bob) as socket:
        await socket.ask(send_message(with_bob, 0, "one", "two"))
    listed = await eventually(lambda: chats(parley, alice), lambda found: len(found) == 2)
    assert {
        chat_id: (chat["kind"], chat["lastSeq"], chat["readSeq"]) for chat_id, chat in listed.items()
    } == {
        with_bob: ("direct", 2, 0),
        with_carol: ("direct", 0, 0),
    }


async def test_chat_alone_is_what_the_list_says_of_it(parley: Parley, alice: Person, bob: Person) -> None:
    """One chat asked for by its id reads as it does in the list."""
    chat_id = await parley.direct_chat(alice, bob)
    listed = await eventually(lambda: chats(parley, alice))
    alone = await parley.rest.get(f"/chats/{chat_id}", headers=alice.authorization)
    assert alone.json() == listed[chat_id]


async def test_chat_with_oneself_or_nobody_is_refused(parley: Parley, alice: Person) -> None:
    """A direct chat wants another person who exists."""
    for user_id in (alice.user_id, "00000000-0000-4000-8000-000000000000", "", "a:b"):
        response = await parley.rest.post(
            "/chats", headers=alice.authorization, json={"kind": "direct", "userId": user_id}
        )
        assert 400 <= response.status_code < 500, (user_id, response.text)
    assert await chats(parley, alice) == {}
