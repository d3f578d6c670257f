"""Only members read, send, or learn that a chat exists; others hear as of a chat that does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ulid import ULID

from e2e.support.parley import get_messages, send_message, sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket

SECRET = "the eagle lands at noon"  # noqa: S105 - a message's text, not a credential


def about(action: str, chat_id: str, **parts: int) -> Frame:
    """Make a frame that names a chat."""
    return {"action": action, "requestId": str(ULID()), "chatId": chat_id, **parts}


FRAMES: dict[str, Callable[[str], Frame]] = {
    "send": lambda chat_id: send_message(chat_id, 0, "let me in"),
    "send after a message": lambda chat_id: send_message(chat_id, 1, "let me in"),
    "history": lambda chat_id: get_messages(chat_id, after=0, limit=10),
    "history backwards": lambda chat_id: get_messages(chat_id, before=10, limit=10),
    "sync": lambda chat_id: sync(**{chat_id: 0}),
    "delivered": lambda chat_id: about("markDelivered", chat_id, seq=1),
    "read": lambda chat_id: about("markRead", chat_id, seq=1),
    "read past the end": lambda chat_id: about("markRead", chat_id, seq=9),
    "typing": lambda chat_id: about("typing", chat_id),
    "presence": lambda chat_id: about("getPresence", chat_id),
}
"""Every way to name a chat in a frame."""

REQUESTS: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "chat": ("GET", "/chats/{chat_id}", None),
    "history": ("GET", "/chats/{chat_id}/messages?after=0", None),
    "send": (
        "POST",
        "/chats/{chat_id}/messages",
        {"after": 0, "messages": [{"id": "01JD0000000000000000000000", "text": "let me in"}]},
    ),
    "read": ("PUT", "/chats/{chat_id}/watermarks", {"readSeq": 1}),
    "read past the end": ("PUT", "/chats/{chat_id}/watermarks", {"readSeq": 9}),
    "presence": ("GET", "/chats/{chat_id}/presence", None),
}
"""Every way to name a chat in a request to the HTTP API."""


@pytest.fixture
async def secret_chat(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat of alice and bob with one message in it, and have it used in every way that there is.

    So the functions' environments know the chat already, and what they remember must not let others in.
    """
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_message(chat_id, 0, SECRET)))["type"] == "ack"
        assert (await socket.ask(get_messages(chat_id, after=0)))["messages"] != []
        assert (await socket.ask(sync(**{chat_id: 0})))["type"] == "sync"
    assert (await parley.rest.get(f"/chats/{chat_id}", headers=bob.authorization)).status_code == 200
    assert len(await parley.history(bob, chat_id)) == 1
    return chat_id


def absent_chats(bob: Person, carol: Person, mallory: Person) -> list[str]:
    """Give ids of chats that are not there, of the same form as one that is; mallory is in none of them."""
    return [
        f"dm:{min(bob.user_id, carol.user_id)}:{max(bob.user_id, carol.user_id)}",
        f"dm:{mallory.user_id[:-12]}000000000000:{mallory.user_id[:-12]}ffffffffffff",
    ]


async def heard(socket: Socket, frame: Callable[[str], Frame], chat_id: str) -> str:
    """Send a frame that names a chat; give its answer without what differs between any two frames."""
    asked = frame(chat_id)
    answer = json.dumps(await socket.ask(asked), sort_keys=True)
    return answer.replace(chat_id, "<chat>").replace(asked["requestId"], "<request>")


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
async def test_outsider_frame_on_a_chat_is_answered_as_if_there_were_none(
    parley: Parley,
    secret_chat: str,
    alice: Person,
    bob: Person,
    carol: Person,
    mallory: Person,
    frame: Callable[[str], Frame],
) -> None:
    """An outsider's frame is answered alike for a chat that exists and one that does not; nothing changes."""
    async with parley.socket(mallory) as socket:
        answers = [
            await heard(socket, frame, chat_id)
            for chat_id in (secret_chat, *absent_chats(bob, carol, mallory))
        ]
        said = str(socket.frames)
    assert SECRET not in said
    assert alice.user_id not in said.replace(secret_chat, "")
    assert answers[0] == answers[1] == answers[2]
    assert [message["text"] for message in await parley.history(bob, secret_chat)] == [SECRET]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS.values(), ids=REQUESTS.keys())
async def test_outsider_request_on_a_chat_is_answered_as_if_there_were_none(
    parley: Parley,
    secret_chat: str,
    bob: Person,
    carol: Person,
    mallory: Person,
    method: str,
    path: str,
    body: dict[str, object] | None,
) -> None:
    """An outsider's request is answered alike for a chat that exists and one that does not."""

    async def answer(chat_id: str) -> tuple[int, str]:
        response = await parley.rest.request(
            method, path.format(chat_id=chat_id), headers=mallory.authorization, json=body
        )
        return response.status_code, response.text.replace(chat_id, "<chat>")

    answers = [await answer(chat_id) for chat_id in (secret_chat, *absent_chats(bob, carol, mallory))]
    assert answers[0][0] in (403, 404), answers
    assert SECRET not in str(answers)
    assert answers[0] == answers[1] == answers[2]
    assert [message["text"] for message in await parley.history(bob, secret_chat)] == [SECRET]


async def test_outsider_hears_nothing_of_a_chat(
    parley: Parley, secret_chat: str, alice: Person, bob: Person, mallory: Person
) -> None:
    """What alice sends bob reaches bob's socket and not mallory's, nor mallory's list of chats."""
    async with (
        parley.socket(alice) as sender,
        parley.socket(bob) as member,
        parley.socket(mallory) as outsider,
    ):
        await sender.ask(send_message(secret_chat, 1, SECRET))
        await member.first(lambda frame: frame["type"] == "message")
        await outsider.ask(sync())
        assert [frame["type"] for frame in outsider.frames] == ["sync"]
    chats = await parley.rest.get("/chats", headers=mallory.authorization)
    assert chats.json()["chats"] == []
