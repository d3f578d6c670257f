"""Every action's answer reaches its sender: each route of the WebSocket API has its route response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.parley import get_messages, get_users, ping, send_message, sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame

ANSWERS: dict[str, tuple[Callable[[str], Frame], str]] = {
    "sendMessage": (lambda chat_id: send_message(chat_id, 0, "text"), "ack"),
    "getMessages": (lambda chat_id: get_messages(chat_id, after=0, limit=10), "messages"),
    "sync": (lambda chat_id: sync(**{chat_id: 0}), "sync"),
    "getUsers": (lambda _: get_users("al"), "users"),
    "ping": (lambda _: ping(), "pong"),
    "$default": (lambda _: ping() | {"action": "noSuchAction"}, "error"),
}
"""Of each route a frame, and the type of its answer."""


@pytest.mark.parametrize(("frame", "answer_type"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_route_answers_its_sender(
    parley: Parley, alice: Person, bob: Person, frame: Callable[[str], Frame], answer_type: str
) -> None:
    """A frame is answered on its own connection, once, with its requestId."""
    asked = frame(await parley.direct_chat(alice, bob))
    async with parley.socket(alice) as socket:
        assert (await socket.ask(asked))["type"] == answer_type
        await socket.ask(ping())
        assert [seen["requestId"] for seen in socket.frames].count(asked["requestId"]) == 1
