"""Changes of messages as people make them: by frames, and over the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ulid import ULID

if TYPE_CHECKING:
    import httpx

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


def edit_message(chat_id: str, seq: int, text: str) -> Frame:
    """Make an editMessage frame."""
    return _frame("editMessage", chat_id, seq) | {"text": text}


def delete_message(chat_id: str, seq: int) -> Frame:
    """Make a deleteMessage frame."""
    return _frame("deleteMessage", chat_id, seq)


def react(chat_id: str, seq: int, emoji: str | None = None) -> Frame:
    """Make a react frame; without an emoji it takes the reaction back."""
    return _frame("react", chat_id, seq) | ({"emoji": emoji} if emoji else {})


def sync_changes(chat_id: str, seq: int, change: int) -> Frame:
    """Make a sync frame of one chat from the last message and the last change held."""
    frame = {"action": "sync", "requestId": str(ULID())}
    return frame | {"chats": {chat_id: seq}, "changes": {chat_id: change}}


async def request_edit(parley: Parley, person: Person, chat_id: str, seq: int, text: str) -> httpx.Response:
    """Have a person edit a message over the HTTP API."""
    path = f"/chats/{chat_id}/messages/{seq}"
    return await parley.rest.patch(path, headers=person.authorization, json={"text": text})


async def request_deletion(parley: Parley, person: Person, chat_id: str, seq: int) -> httpx.Response:
    """Have a person delete a message over the HTTP API."""
    return await parley.rest.delete(f"/chats/{chat_id}/messages/{seq}", headers=person.authorization)


async def request_reaction(
    parley: Parley, person: Person, chat_id: str, seq: int, emoji: str | None
) -> httpx.Response:
    """Have a person react over the HTTP API, or with None take the reaction back."""
    path = f"/chats/{chat_id}/messages/{seq}/reaction"
    if emoji is None:
        return await parley.rest.delete(path, headers=person.authorization)
    return await parley.rest.put(path, headers=person.authorization, json={"emoji": emoji})


def _frame(action: str, chat_id: str, seq: int) -> Frame:
    return {"action": action, "requestId": str(ULID()), "chatId": chat_id, "seq": seq}
