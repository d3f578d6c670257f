"""Fan-out: what is sent reaches more devices than a request posts to itself, whatever fails on the way."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.deadlines import eventually
from e2e.support.faults import fault
from e2e.support.groups import join_chat, open_channel
from e2e.support.parley import send_message
from e2e.support.queues import queue_set, take_all
from e2e.support.subscribers import subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from e2e.support.account import Account
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket

SUBSCRIBERS = 1_000
DEVICES = 40
"""More than a request posts to itself."""
QUICKLY = {"VisibilityTimeout": "1"}
"""Has a failed task come back within a second."""


@asynccontextmanager
async def sockets(parley: Parley, person: Person, count: int) -> AsyncIterator[list[Socket]]:
    """Open many sockets of one person."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(parley.socket(person)) for _ in range(count)]


async def all_get(receivers: Sequence[Socket], *texts: str) -> None:
    """Wait until each of the sockets was pushed messages with exactly these texts, repeats apart."""

    async def gets(socket: Socket) -> None:
        await socket.until(lambda seen: pushed(seen) >= set(texts))
        assert pushed(socket) == set(texts)

    await asyncio.gather(*(gets(socket) for socket in receivers))


def pushed(socket: Socket) -> set[str]:
    """The texts that a socket was pushed."""
    return {frame["message"]["text"] for frame in socket.frames if is_message(frame)}


def is_message(frame: Frame) -> bool:
    """Whether a frame brings a message."""
    return frame.get("type") == "message"


def fan_out_fails(account: Account, effect: str, **parts: object) -> Rule:
    """Make a rule for the invocations of the fan-out function."""
    function = account.resources["AWS::Lambda::Function", "FanOut"]
    return fault("lambda", "Invoke", effect, resource=function, **parts)


async def test_more_devices_than_a_request_posts_to_all_get_what_is_sent(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Over both APIs: all of bob's forty devices and alice's second; the one that sent gets its ack alone."""
    chat_id = await parley.direct_chat(alice, bob)
    async with (
        sockets(parley, bob, DEVICES) as bobs,
        parley.socket(alice) as sender,
        parley.socket(alice) as second,
    ):
        assert (await sender.ask(send_message(chat_id, 0, "one", "two")))["type"] == "ack"
        body = {"after": 2, "messages": send_message(chat_id, 2, "three")["messages"]}
        response = await parley.rest.post(
            f"/chats/{chat_id}/messages", headers=alice.authorization, json=body
        )
        assert response.status_code == 200, response.text
        await all_get([*bobs, second], "one", "two", "three")
        await all_get([sender], "three")


async def test_frames_that_exceed_one_message_of_the_queue_all_arrive(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """25 texts of 4,096 characters of four bytes are 400 KB."""
    chat_id = await parley.direct_chat(alice, bob)
    texts = [f"{number:02}" + "\U0001f600" * 4_094 for number in range(25)]
    async with sockets(parley, bob, DEVICES) as bobs:
        body = {"after": 0, "messages": send_message(chat_id, 0, *texts)["messages"]}
        response = await parley.rest.post(
            f"/chats/{chat_id}/messages", headers=alice.authorization, json=body
        )
        assert response.status_code == 200, response.text
        await all_get(bobs, *texts)


@pytest.mark.embedded_only("only localcloud fails on purpose")
@pytest.mark.parametrize("status", [429, 500])
async def test_posts_of_the_fan_out_function_that_fail_are_made_again(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, status: int
) -> None:
    """Four of forty devices are not reached, however often one call tries: they are a few seconds later."""
    chat_id = await parley.direct_chat(alice, bob)
    async with sockets(parley, bob, DEVICES) as bobs, parley.socket(alice) as sender:
        some = list(await account.connections(bob.user_id))[:4]
        rules = [
            fault("execute-api", "PostToConnection", "error", status=status, connectionId=id_, count=3)
            for id_ in some
        ]
        with queue_set(account, "FanOutQueue", **QUICKLY), faults.on(*rules) as on:
            assert (await sender.ask(send_message(chat_id, 0, "hi")))["type"] == "ack"
            await all_get(bobs, "hi")
            assert len(on.strikes()) == 3 * len(some)


@pytest.mark.embedded_only("only localcloud fails on purpose")
async def test_post_of_a_request_that_fails_is_made_again_by_the_queue(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """Nothing follows that would show bob a gap: the only message of the chat reaches him all the same."""
    chat_id = await parley.direct_chat(alice, bob)
    async with parley.socket(bob) as his, parley.socket(alice) as sender:
        (connection_id,) = await account.connections(bob.user_id)
        rule = fault(
            "execute-api", "PostToConnection", "error", status=500, connectionId=connection_id, count=3
        )
        with faults.on(rule) as on:
            assert (await sender.ask(send_message(chat_id, 0, "hi")))["type"] == "ack"
            await all_get([his], "hi")
            assert len(on.strikes()) == 3


@pytest.mark.embedded_only("only localcloud fails on purpose")
@pytest.mark.parametrize("effect", ["crash-before", "crash-after", "timeout", "throttle", "error"])
async def test_fan_out_function_in_trouble_costs_no_device_a_message(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults, effect: str
) -> None:
    """Its first two invocations fail: the task comes back, and everyone gets everything."""
    chat_id = await parley.direct_chat(alice, bob)
    async with sockets(parley, bob, DEVICES) as bobs, parley.socket(alice) as sender:
        with (
            queue_set(account, "FanOutQueue", **QUICKLY),
            faults.on(fan_out_fails(account, effect, count=2)) as on,
        ):
            assert (await sender.ask(send_message(chat_id, 0, "one", "two")))["type"] == "ack"
            await eventually(partial(asyncio.to_thread, on.strikes), lambda strikes: len(strikes) == 2)
            await all_get(bobs, "one", "two")


@pytest.mark.embedded_only("only localcloud fails on purpose")
async def test_task_that_keeps_failing_is_kept_among_the_dead_letters(
    parley: Parley, account: Account, alice: Person, bob: Person, faults: Faults
) -> None:
    """After the last attempt an operator finds who was to get what; the message was acked and is there."""
    chat_id = await parley.direct_chat(alice, bob)
    redrive = account.queues.get_queue_attributes(
        QueueUrl=account.resources["AWS::SQS::Queue", "FanOutQueue"], AttributeNames=["RedrivePolicy"]
    )["Attributes"]["RedrivePolicy"]
    twice = json.dumps(json.loads(redrive) | {"maxReceiveCount": 2})

    async def dead_posts() -> list[dict[str, Any]]:
        """That somebody came online or left may be among the dead, too."""
        return [
            task for task in await take_all(account, "FanOutDeadLetters") if task["task"] == "postToUsers"
        ]

    async with sockets(parley, bob, DEVICES), parley.socket(alice) as sender:
        with (
            queue_set(account, "FanOutQueue", **QUICKLY, RedrivePolicy=twice),
            faults.on(fan_out_fails(account, "error")) as on,
        ):
            assert (await sender.ask(send_message(chat_id, 0, "hi")))["type"] == "ack"
            (task,) = await eventually(dead_posts)
            assert len(on.strikes()) >= 2
    assert task["userIds"] == [bob.user_id]
    assert [frame["message"]["text"] for frame in task["frames"]] == ["hi"]
    assert [message["text"] for message in await parley.history(bob, chat_id)] == ["hi"]


@pytest.mark.slow
async def test_thousand_subscribers_of_a_channel_all_get_everything_sent_to_it(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """In order, once each has sorted what came by its number; `-s` shows how long the last waits."""
    chat_id = (await open_channel(parley, alice, "Announcements")).chat_id
    async with parley.socket(bob) as socket:
        assert (await socket.ask(join_chat(chat_id)))["type"] == "chat"
    texts = [f"message {number}" for number in range(5)]
    async with (
        subscribers(parley, account, bob, chat_id, SUBSCRIBERS) as crowd,
        parley.socket(alice) as sender,
    ):
        for after, text in enumerate(texts):
            began = time.perf_counter()
            ack = await sender.ask(send_message(chat_id, after, text))
            assert ack["type"] == "ack", ack
            acked = time.perf_counter() - began
            await all_get(crowd, *texts[: after + 1])
            waited = time.perf_counter() - began
            print(f"{text}: acked after {acked * 1_000:.0f} ms, with the last after {waited * 1_000:.0f} ms")
        for socket in crowd:
            messages = {f["message"]["seq"]: f["message"]["text"] for f in socket.frames if is_message(f)}
            assert [messages[number] for number in sorted(messages)] == texts
            assert sorted(messages) == [1, 2, 3, 4, 5]
