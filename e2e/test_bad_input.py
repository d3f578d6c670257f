"""Bad input of every kind is answered from the catalogue, one clear sentence each, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from ulid import ULID

from e2e.support.parley import get_messages, get_users, ping, send_message, sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


def one_message(**changes: object) -> Callable[[str], Frame]:
    """Make a frame that sends one message after message 1, with changes to that message."""

    def frame(chat_id: str) -> Frame:
        sent = send_message(chat_id, 1, "bad")
        sent["messages"][0] |= changes
        return sent

    return frame


def changed(**changes: object) -> Callable[[str], Frame]:
    """Make a frame that sends a message after message 1, with changes to the frame."""
    return lambda chat_id: send_message(chat_id, 1, "bad") | changes


def without(*fields: str) -> Callable[[str], Frame]:
    """Make a frame that sends a message after message 1, but lacks fields."""
    return lambda chat_id: {k: v for k, v in send_message(chat_id, 1, "bad").items() if k not in fields}


def same_id_twice(chat_id: str) -> Frame:
    """Make a frame whose two messages have one id."""
    frame = send_message(chat_id, 1, "bad", "bad")
    frame["messages"][1]["id"] = frame["messages"][0]["id"]
    return frame


FRAMES: dict[str, tuple[Callable[[str], Frame], str]] = {
    "unknown action": (lambda _: ping() | {"action": "dance"}, "unknown_action"),
    "no action": (lambda _: {"requestId": str(ULID())}, "unknown_action"),
    "unknown field": (changed(priority="high"), "bad_request"),
    "unknown field of a message": (one_message(colour="red"), "bad_request"),
    "unknown field of ping": (lambda _: ping() | {"loud": True}, "bad_request"),
    "no chat": (without("chatId"), "bad_request"),
    "no after": (without("after"), "bad_request"),
    "no messages": (without("messages"), "bad_request"),
    "empty list of messages": (changed(messages=[]), "bad_request"),
    "26 messages": (lambda chat_id: send_message(chat_id, 1, *["bad"] * 26), "bad_request"),
    "same id twice": (same_id_twice, "bad_request"),
    "message not an object": (changed(messages=["bad"]), "bad_request"),
    "after a string": (changed(after="1"), "bad_request"),
    "after a fraction": (changed(after=1.5), "bad_request"),
    "after true": (changed(after=True), "bad_request"),
    "after null": (changed(after=None), "bad_request"),
    "after negative": (changed(after=-1), "bad_request"),
    "after past every number": (changed(after=2**53), "bad_request"),
    "after not there yet": (changed(after=7), "bad_after"),
    "empty text": (one_message(text=""), "bad_request"),
    "oversized text": (one_message(text="x" * 4_097), "bad_request"),
    "text a number": (one_message(text=1), "bad_request"),
    "text null": (one_message(text=None), "bad_request"),
    "id no ULID": (one_message(id="1"), "bad_request"),
    "id with a line feed": (one_message(id=f"{ULID()}\n"), "bad_request"),
    "id past every time": (one_message(id="8" + "Z" * 25), "bad_request"),
    "unknown chat": (changed(chatId="dm:a:b"), "unknown_chat"),
    "chat of another form": (changed(chatId="nonsense"), "unknown_chat"),
    "chat the wrong way round": (lambda chat_id: send_message(backwards(chat_id), 0, "bad"), "unknown_chat"),
    "empty chat id": (changed(chatId=""), "bad_request"),
    "history both ways": (lambda chat_id: get_messages(chat_id, after=0, before=5), "bad_request"),
    "history of no length": (lambda chat_id: get_messages(chat_id, after=0, limit=0), "bad_request"),
    "history too long": (lambda chat_id: get_messages(chat_id, after=0, limit=101), "bad_request"),
    "history of an unknown chat": (lambda _: get_messages("dm:a:b", after=0), "unknown_chat"),
    "sync of a list": (lambda chat_id: sync() | {"chats": [chat_id]}, "bad_request"),
    "sync from below zero": (lambda chat_id: sync(**{chat_id: -1}), "bad_request"),
    "sync of 101 chats": (lambda _: sync(**{f"dm:a:{n:03}": 0 for n in range(101)}), "bad_request"),
    "search for one character": (lambda _: get_users("a"), "bad_request"),
}
"""Of each kind of bad frame how to make it for a chat with one message, and the code that answers it."""

TEXTS: dict[str, tuple[str, str]] = {
    "not JSON": ("hello", "not_json"),
    "half an object": ('{"action": "ping"', "not_json"),
    "a list": ('["ping"]', "bad_request"),
    "a string": ('"ping"', "bad_request"),
    "null": ("null", "bad_request"),
    "NUL": ("\0", "not_json"),
    # Left open, since how deep a well-formed frame may be is each Python version's own.
    "nested deep": ('{"action": "ping", "deep": ' + "[" * 5_000, "not_json"),
}
"""Frames that are not even objects, and the code that answers them. They have no requestId."""

SENDS: dict[str, tuple[dict[str, Any] | str, int, str]] = {
    "not JSON": ("hello", 400, "not_json"),
    "a list": ("[]", 400, "bad_request"),
    "unknown field": ({"after": 1, "messages": [], "chatId": "dm:a:b"}, 400, "bad_request"),
    "empty list of messages": ({"after": 1, "messages": []}, 400, "bad_request"),
    "26 messages": (
        {"after": 1, "messages": send_message("", 1, *["bad"] * 26)["messages"]},
        400,
        "bad_request",
    ),
    "empty text": ({"after": 1, "messages": [{"id": str(ULID()), "text": ""}]}, 400, "bad_request"),
    "after not there yet": (
        {"after": 7, "messages": send_message("", 7, "bad")["messages"]},
        409,
        "bad_after",
    ),
}
"""Bodies of a send over REST, the status and the code that answer them."""

QUERIES = ["limit=0", "limit=101", "limit=x", "after=-1", "after=x", "after=1&before=2", "page=2"]
"""Windows on a chat's history that do not exist."""


def backwards(chat_id: str) -> str:
    """Name a direct chat by its members in the wrong order."""
    kind, one, other = chat_id.split(":")
    return f"{kind}:{other}:{one}"


@pytest.fixture
async def chat_id(parley: Parley, alice: Person, bob: Person) -> str:
    """Open a chat of alice and bob with one good message."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_message(chat_id, 0, "good")))["type"] == "ack"
    return chat_id


async def assert_unchanged(parley: Parley, person: Person, chat_id: str) -> None:
    """Check that the chat has its one good message and nothing else."""
    assert [message["text"] for message in await parley.history(person, chat_id)] == ["good"]


def assert_error(answer: Frame, code: str) -> None:
    """Check that an answer is the catalogue's error: a sentence for people, and no effect at all."""
    assert answer["code"] == code, answer
    assert (answer["retryable"], answer["definite"]) == (False, True), answer
    assert answer["message"].strip().endswith("."), answer


async def test_frame_that_is_bad_gets_its_error_and_changes_nothing(
    parley: Parley, chat_id: str, alice: Person, bob: Person
) -> None:
    """Each kind of bad frame is answered with its own code; the connection stays good; nobody hears of it."""
    async with parley.socket(alice) as socket, parley.socket(bob) as member:
        wrong = {}
        for kind, (frame, code) in FRAMES.items():
            asked = frame(chat_id)
            answer = await socket.ask(asked)
            if answer.get("code") == code:
                assert_error(answer, code)
            else:
                wrong[kind] = answer
        assert wrong == {}
        assert (await socket.ask(ping()))["type"] == "pong"
        await member.ask(ping())
        # Alice came online, which is none of what she sent.
        assert [frame["type"] for frame in member.frames if frame["type"] != "presence"] == ["pong"]
    await assert_unchanged(parley, bob, chat_id)


@pytest.mark.parametrize(("text", "code"), TEXTS.values(), ids=TEXTS.keys())
async def test_text_that_is_no_frame_gets_its_error(
    parley: Parley, alice: Person, text: str, code: str
) -> None:
    """What is not an object is answered too, and the connection stays good."""
    async with parley.socket(alice) as socket:
        await socket.send(text)
        assert_error(await socket.first(lambda _: True), code)
        assert (await socket.ask(ping()))["type"] == "pong"


@pytest.mark.parametrize(("body", "status", "code"), SENDS.values(), ids=SENDS.keys())
async def test_rest_send_that_is_bad_gets_its_error_and_changes_nothing(
    parley: Parley, chat_id: str, alice: Person, body: dict[str, Any] | str, status: int, code: str
) -> None:
    """The HTTP API answers bad bodies with the same catalogue, and a status that fits."""
    response = await parley.rest.post(
        f"/chats/{chat_id}/messages",
        headers=alice.authorization,
        content=body if isinstance(body, str) else json.dumps(body),
    )
    assert response.status_code == status, response.text
    assert_error(response.json()["error"], code)
    await assert_unchanged(parley, alice, chat_id)


@pytest.mark.parametrize("query", QUERIES)
async def test_rest_history_with_a_bad_window_gets_its_error(
    parley: Parley, chat_id: str, alice: Person, query: str
) -> None:
    """A window that makes no sense is refused, not guessed at."""
    response = await parley.rest.get(f"/chats/{chat_id}/messages?{query}", headers=alice.authorization)
    assert response.status_code == 400, response.text
    assert_error(response.json()["error"], "bad_request")


async def test_rest_path_that_is_not_there_is_refused(parley: Parley, alice: Person) -> None:
    """A path without a route is API Gateway's own 404, whoever asks."""
    assert (await parley.rest.get("/nothing", headers=alice.authorization)).status_code == 404
    assert (await parley.rest.delete("/chats", headers=alice.authorization)).status_code == 404
