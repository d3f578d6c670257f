"""Searching messages: in one chat and across one's chats, and never in another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.parley import send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


async def search(parley: Parley, person: Person, **query: str) -> Frame:
    """Search as a person; give the answer."""
    response = await parley.rest.get("/search", headers=person.authorization, params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def search_all(parley: Parley, person: Person, **query: str) -> list[str]:
    """Search as a person until there is no more; give the texts found."""
    answer = await search(parley, person, **query)
    texts = [hit["message"]["text"] for hit in answer["hits"]]
    while "next" in answer:
        answer = await search(parley, person, **query, cursor=answer["next"])
        texts += [hit["message"]["text"] for hit in answer["hits"]]
    return texts


async def test_search_finds_what_was_just_written_the_newest_first(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """In any case, by either member, page by page."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, "An APPLE", "a pear", "apple pie", "no more apples"))
    for person in (alice, bob):
        found = await search_all(parley, person, q="Apple", chatId=chat_id, limit="2")
        assert found == ["no more apples", "apple pie", "An APPLE"]


async def test_search_across_chats_finds_only_in_ones_own(
    parley: Parley, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    """Each finds what their chats hold: alice both, bob his, mallory nothing."""
    for number, other in enumerate((bob, carol)):
        chat_id = await parley.direct_chat(alice, other)
        async with parley.socket(alice) as socket:
            await socket.ask(send_message(chat_id, 0, f"treasure {number}"))
    assert await search_all(parley, alice, q="treasure") == ["treasure 1", "treasure 0"]
    assert await search_all(parley, bob, q="treasure") == ["treasure 0"]
    assert await search_all(parley, mallory, q="treasure") == []


async def test_search_of_a_strangers_chat_is_answered_as_if_there_were_none(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """By its id, and with a cursor that a member was given."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(send_message(chat_id, 0, *["secret"] * 3))
    cursor = (await search(parley, alice, q="secret", chatId=chat_id, limit="1"))["next"]
    response = await parley.rest.get(
        "/search", headers=mallory.authorization, params={"q": "secret", "chatId": chat_id}
    )
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_chat")
    assert (await search(parley, mallory, q="secret", cursor=cursor))["hits"] == []


async def test_search_that_does_not_fit_is_refused(parley: Parley, alice: Person) -> None:
    """Too short, blank, and a cursor that no answer gave."""
    for query in ({"q": "x"}, {"q": "  "}, {"q": "word", "cursor": "made-up"}, {"q": "word", "limit": "51"}):
        response = await parley.rest.get("/search", headers=alice.authorization, params=query)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request"), query
