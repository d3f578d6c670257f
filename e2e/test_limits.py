"""Limits: who does something too often is told how long to wait, over both APIs and all devices alike."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from ulid import ULID

from e2e.support.deadlines import eventually
from e2e.support.parley import send_message
from e2e.support.promises import promises_kept
from e2e.support.settings import variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import People, Person
    from e2e.support.sockets import Frame, Socket

SENDING = ["SendMessage", "Messages"]
RATE, BURST = 5, 50
CAPACITY = 25
"""Messages that pass at once: the other half of the burst is for what environments hold."""


@pytest.fixture
def limited_sending(account: Account) -> Iterator[None]:
    """Let users send five messages a second."""
    with variables(account, SENDING, SEND_LIMIT=f"{RATE}/{BURST}"):
        yield


def refused(error: Frame) -> float:
    """See that it is the error of a limit; the seconds to wait."""
    assert (error["code"], error["retryable"], error["definite"]) == ("too_many_requests", True, True)
    assert error["retryAfterMs"] > 0
    return float(error["retryAfterMs"]) / 1_000


@pytest.mark.usefixtures("limited_sending")
async def test_who_sends_too_much_waits_as_long_as_told_over_either_api(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """What one socket used up another socket and HTTP lack; bob's own limit is untouched; waiting helps."""
    chat_id = await parley.direct_chat(alice, bob)
    texts = [str(number) for number in range(CAPACITY)]
    async with parley.socket(alice) as one, parley.socket(alice) as other, parley.socket(bob) as bobs:
        assert (await one.ask(send_message(chat_id, 0, *texts)))["type"] == "ack"
        frame = send_message(chat_id, CAPACITY, *texts)
        began = time.monotonic()
        wait = refused(await one.ask(frame))
        assert wait <= CAPACITY / RATE
        refused(await other.ask(frame | {"requestId": str(ULID())}))
        body = {"after": frame["after"], "messages": frame["messages"]}
        response = await parley.rest.post(
            f"/chats/{chat_id}/messages", headers=alice.authorization, json=body
        )
        assert response.status_code == 429
        left = refused(response.json()["error"])
        assert int(response.headers["retry-after"]) == math.ceil(left)
        assert (await bobs.ask(send_message(chat_id, CAPACITY, "mine")))["type"] == "ack"

        async def again() -> Frame:
            return await one.ask(frame | {"requestId": str(ULID())})

        ack = await eventually(again, lambda answer: answer["type"] == "ack")
        assert time.monotonic() - began >= wait - 1  # what was asked before was refused all the while
    assert [message["seq"] for message in ack["messages"]] == list(range(CAPACITY + 2, 2 * CAPACITY + 2))


@pytest.mark.usefixtures("limited_sending")
async def test_limit_of_sending_holds_over_all_devices_at_once(
    parley: Parley, people: People, alice: Person
) -> None:
    """Alice's four sockets, in four chats, send as much as they can, in whatever environments serve them."""
    chats = [await parley.direct_chat(alice, people.join("other")) for _ in range(4)]
    answers: list[Frame] = []

    async def hammer(socket: Socket, chat_id: str) -> None:
        after = 0
        while time.monotonic() < began + 4:
            answer = await socket.ask(send_message(chat_id, after, *["hi"] * 5))
            answers.append(answer)
            after += 5 * (answer["type"] == "ack")

    async with AsyncExitStack() as opened:
        sockets = [await opened.enter_async_context(parley.socket(alice)) for _ in chats]
        began = time.monotonic()
        await asyncio.gather(*map(hammer, sockets, chats))
        elapsed = time.monotonic() - began
    acked = [answer for answer in answers if answer["type"] == "ack"]
    assert 5 * len(acked) <= RATE * elapsed + BURST
    assert 5 * len(acked) >= CAPACITY
    refusals = [refused(answer) for answer in answers if answer["type"] != "ack"]
    assert refusals


@pytest.mark.usefixtures("limited_sending")
async def test_device_that_is_limited_brings_all_its_messages_through_in_order(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """The Python client waits as it is told, and repeats."""
    chat_id = await parley.direct_chat(alice, bob)
    texts = [str(number) for number in range(CAPACITY + 15)]
    async with parley.device(alice) as hers, parley.device(bob) as his:
        await hers.write(chat_id, texts)
        await promises_kept(parley, chat_id, {"hers": hers, "his": his}, {alice: texts})


async def test_who_connects_too_often_gets_no_ticket_for_a_while(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Two at once; who is refused is told when to come back, and another user is not hindered."""
    with variables(account, ["Tickets"], CONNECT_LIMIT="0.5/4"):
        answers = [await parley.rest.post("/tickets", headers=alice.authorization) for _ in range(4)]
        assert [answer.status_code for answer in answers[:2]] == [200, 200]
        assert answers[-1].status_code == 429
        wait = refused(answers[-1].json()["error"])
        assert wait <= 2
        assert await parley.ticket(bob)

        async def again() -> int:
            return (await parley.rest.post("/tickets", headers=alice.authorization)).status_code

        await eventually(again, lambda status: status == 200)


async def test_who_tells_of_typing_too_often_is_refused_and_the_others_are_spared(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Bob gets what passed, and nothing of what was refused."""
    chat_id = await parley.direct_chat(alice, bob)
    with variables(account, ["SendTyping"], TYPING_LIMIT="0.1/4"):
        async with parley.socket(alice) as hers, parley.socket(bob) as his:
            answers = [await hers.ask(typing(chat_id)) for _ in range(8)]
            passed = [answer for answer in answers if answer["type"] == "typing"]
            assert len(passed) == 2
            refused(answers[-1])
            await his.until(lambda seen: sum(f["type"] == "typing" for f in seen.frames) == len(passed))
            assert (await his.ask({"action": "ping", "requestId": "p"}))["type"] == "pong"
            seen = [frame["type"] for frame in his.frames if frame["type"] != "presence"]
            assert seen == ["typing", "typing", "pong"]


async def test_who_uploads_too_often_is_given_no_form_for_a_while(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Two at once, and then one in ten seconds."""
    chat_id = await parley.direct_chat(alice, bob)
    body = {"chatId": chat_id, "contentType": "image/png", "bytes": 68}
    with variables(account, ["UploadUrl"], UPLOAD_LIMIT="0.1/4"):
        answers = [
            await parley.rest.post("/upload-url", headers=alice.authorization, json=body) for _ in range(3)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(answers[-1].json()["error"])


@pytest.mark.parametrize(
    ("function", "limit", "route"),
    [
        ("Search", "SEARCH_LIMIT", "GET /search?q=hello"),
        ("Reports", "REPORT_LIMIT", "POST /reports"),
        ("Account", "EXPORT_LIMIT", "POST /users/me/export"),
    ],
)
async def test_who_searches_reports_or_exports_too_often_is_refused_for_a_while(
    parley: Parley, account: Account, alice: Person, bob: Person, function: str, limit: str, route: str
) -> None:
    """Two at once, and then one in ten seconds; bob is not hindered."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as socket:
        assert (await socket.ask(send_message(chat_id, 0, "hello")))["type"] == "ack"
    body = {"chatId": chat_id, "seq": 1, "reason": "spam"} if function == "Reports" else None

    async def ask(person: Person) -> httpx.Response:
        method, path = route.split()
        return await parley.rest.request(method, path, headers=person.authorization, json=body)

    with variables(account, [function], **{limit: "0.1/4"}):
        answers = [await ask(alice) for _ in range(3)]
        assert [answer.is_success for answer in answers] == [True, True, False]
        assert (await ask(bob)).is_success
    assert answers[-1].status_code == 429
    refused(answers[-1].json()["error"])


async def test_changes_of_messages_count_as_messages(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """Whoever toggles a reaction without end is stopped as who floods the chat is."""
    chat_id = await parley.direct_chat(alice, bob)
    with variables(account, ["ChangeMessage"], SEND_LIMIT="0.1/50"):
        async with parley.socket(alice) as socket:
            assert (await socket.ask(send_message(chat_id, 0, "hi")))["type"] == "ack"
            answers = [await socket.ask(react(chat_id, 1)) for _ in range(48)]
    assert [answer["type"] for answer in answers[:20]] == ["changed"] * 20
    refused(answers[-1])


def react(chat_id: str, seq: int) -> dict[str, Any]:
    """Make a react frame."""
    frame = {"action": "react", "requestId": str(ULID()), "chatId": chat_id, "seq": seq}
    return frame | {"emoji": "\U0001f44d"}


def typing(chat_id: str) -> dict[str, Any]:
    """Make a typing frame."""
    return {"action": "typing", "requestId": str(ULID()), "chatId": chat_id}
