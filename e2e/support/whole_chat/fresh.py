"""A fresh fetch: everything that a user can read over the HTTP API, read from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from parley_client.bodies import Chats, Members, Page, Unread

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from parley_client import ChatSummary, Member, Message

_Body = TypeVar("_Body")


@dataclass(frozen=True, slots=True)
class FreshChat:
    """A chat as its member reads it now."""

    summary: ChatSummary
    unread: int
    """As the counts of all chats have it."""
    messages: tuple[Message, ...]
    members: tuple[Member, ...]


async def fetch_chats(parley: Parley, person: Person) -> dict[str, FreshChat]:
    """Read all chats of a person, whole, by chat id."""
    unread = await _get(parley, person, "/unread", Unread)
    counts = {chat.chat_id: chat.unread for chat in unread.chats}
    listing = await _get(parley, person, "/chats?limit=100", Chats)
    assert listing.next is None, "more than a page of chats"
    return {
        summary.chat_id: FreshChat(
            summary,
            counts[summary.chat_id],
            await _messages(parley, person, summary.chat_id),
            (await _get(parley, person, f"/chats/{summary.chat_id}/members", Members)).members,
        )
        for summary in listing.chats
    }


async def statuses(parley: Parley, person: Person, chat_id: str) -> set[int]:
    """Ask for a chat in every way that shows something of it; give the answers' statuses."""
    paths = ("", "/messages", "/members")
    return {
        (await parley.rest.get(f"/chats/{chat_id}{path}", headers=person.authorization)).status_code
        for path in paths
    }


async def _messages(parley: Parley, person: Person, chat_id: str) -> tuple[Message, ...]:
    messages: tuple[Message, ...] = ()
    more = True
    while more:
        after = messages[-1].seq if messages else 0
        path = f"/chats/{chat_id}/messages?after={after}&limit=100"
        page = await _get(parley, person, path, Page)
        messages += page.messages
        more = page.has_more
    return messages


async def _get(parley: Parley, person: Person, path: str, body: type[_Body]) -> _Body:
    response = await parley.rest.get(path, headers=person.authorization)
    assert response.status_code == 200, f"{path}: {response.text}"
    return msgspec.json.decode(response.content, type=body)
