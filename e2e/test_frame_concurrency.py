"""API Gateway hands the frames of one connection to Lambda side by side, not one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.support.parley import ping, send_message

if TYPE_CHECKING:
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket

ROUNDS = 6
"""Overlap in one round is proof; the others leave room for environments that start cold."""


async def test_frame_sent_after_a_slow_one_is_answered_before_it(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """A ping that follows a frame of 25 messages is answered first: its route did not wait.

    Were the frames of a connection served one at a time, the ack would come first in every round.
    """
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        await socket.ask(ping())
        overtaken = [
            await _overtakes(socket, send_message(chat_id, 25 * held, *["text"] * 25), ping())
            for held in range(ROUNDS)
        ]
    assert any(overtaken)


async def test_frame_of_the_same_route_as_a_slow_one_is_answered_before_it(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """One message to one chat overtakes 25 to another, sent before it on the same connection."""
    slow_chat, quick_chat = await parley.direct_chat(alice, bob), await parley.direct_chat(alice, carol)
    async with parley.socket(alice) as socket:
        overtaken = [
            await _overtakes(
                socket,
                send_message(slow_chat, 25 * held, *["text"] * 25),
                send_message(quick_chat, held, "text"),
            )
            for held in range(ROUNDS)
        ]
    assert any(overtaken)


async def _overtakes(socket: Socket, slow: Frame, quick: Frame) -> bool:
    """Send two frames at once; say whether the second one's answer came first. Both must be answers."""
    await socket.send(slow)
    await socket.send(quick)
    answers = [await socket.answer(slow["requestId"]), await socket.answer(quick["requestId"])]
    assert "error" not in {answer["type"] for answer in answers}, answers
    return socket.frames.index(answers[1]) < socket.frames.index(answers[0])
