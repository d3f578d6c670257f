"""One event source mapping's poller over fakes: its limits, its failures, its end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.functions.event_sources import EventSources
from localcloud.functions.event_sources.mappings import Mapping
from localcloud.functions.event_sources.messages import Message
from localcloud.functions.event_sources.poller import Poller
from localcloud.interfaces import Invocation, Request, Response
from tests.localcloud.functions.functions_fakes import arn, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Sequence

    from localcloud.interfaces import Denied

QUEUE = "arn:aws:sqs:us-east-1:000000000000:work"


class FakeQueues:
    """One queue, whose received messages never become visible again."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = deque(Message(body[:9], f"handle {body[:9]}", body, "", {}, {}) for body in bodies)
        self.deleted: list[str] = []
        self.faults: list[Exception] = []

    def receive(self, queue_arn: str, most: int) -> list[Message]:
        """Up to ``most`` messages, or the next fault."""
        assert queue_arn == QUEUE
        if self.faults:
            raise self.faults.pop(0)
        return [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]

    def delete(self, queue_arn: str, receipt_handles: Collection[str]) -> None:
        """Remember them."""
        assert queue_arn == QUEUE
        self.deleted += receipt_handles

    def matching(self, records: Sequence[dict[str, Any]], filters: Sequence[str]) -> list[dict[str, Any]]:
        """Those whose body is a filter."""
        return [record for record in records if record["body"] in filters]

    def listen(self, listener: Callable[[], None]) -> None:
        """Pollers are woken by the clock alone."""


class HeldFunctions:
    """Functions that answer when they are let."""

    def __init__(self, answer: Invocation | Exception) -> None:
        self.answer = answer
        self.batches: list[list[str]] = []
        self.go = asyncio.Event()

    async def invoke(self, function: str, payload: bytes) -> Invocation:
        """Remember the batch, and answer once let."""
        assert function == arn("work")
        self.batches.append([record["messageId"] for record in json.loads(payload)["Records"]])
        await self.go.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class AllowingRoles:
    """Roles that may do everything."""

    def may(self, function_name: str, action: str, resource: str) -> Denied | None:
        """They may."""
        assert (function_name, resource) == ("work", QUEUE)
        assert action.startswith("sqs:")
        return None


def mapping(batch_size: int = 1, maximum_concurrency: int | None = None) -> Mapping:
    """A mapping without a window."""
    return Mapping("id", QUEUE, arn("work"), batch_size, 0, maximum_concurrency, False, ())


RETURNED = Invocation("r", b"null")


@pytest.fixture
async def pollers() -> AsyncIterator[list[Poller]]:
    """What a test starts, closed at its end."""
    started: list[Poller] = []
    yield started
    for poller in started:
        await poller.close()


async def test_poller_runs_batches_beside_each_other_up_to_maximum_concurrency(
    pollers: list[Poller],
) -> None:
    """No more batches are with the function than the mapping allows; the next follows the first that ends."""
    queues, functions = FakeQueues("a", "b", "c", "d"), HeldFunctions(RETURNED)
    pollers.append(Poller(mapping(1, 2), queues, functions, AllowingRoles(), "us-east-1", 8))
    await until(lambda: len(functions.batches) == 2)
    await asyncio.sleep(0)
    assert len(queues.waiting) == 2
    functions.go.set()
    await until(lambda: len(queues.deleted) == 4)
    assert sorted(functions.batches) == [["a"], ["b"], ["c"], ["d"]]


async def test_poller_gathers_what_is_there_up_to_the_batch_size(pollers: list[Poller]) -> None:
    """A batch larger than SQS's ten at once is gathered by several calls."""
    queues, functions = FakeQueues(*(f"{n:02}" for n in range(30))), HeldFunctions(RETURNED)
    functions.go.set()
    pollers.append(Poller(mapping(25), queues, functions, AllowingRoles(), "us-east-1", 8))
    await until(lambda: len(queues.deleted) == 30)
    assert sorted(map(len, functions.batches)) == [5, 25]


async def test_poller_splits_what_an_event_cannot_hold(pollers: list[Poller]) -> None:
    """Ten messages of 1 MB are more than an event's 6 MB, so they go in two."""
    bodies = [f"{n:09}" + "x" * (1024 * 1024 - 9) for n in range(10)]
    queues, functions = FakeQueues(*bodies), HeldFunctions(RETURNED)
    functions.go.set()
    pollers.append(Poller(mapping(10), queues, functions, AllowingRoles(), "us-east-1", 8))
    await until(lambda: len(queues.deleted) == 10)
    assert sorted(map(len, functions.batches)) == [4, 6]


@pytest.mark.parametrize(
    "answer",
    [
        Invocation("r", b'{"errorMessage":"no"}', "Unhandled"),
        Invocation("r", throttled=True),
        KeyError("There is no function work"),
        RuntimeError("out of processes"),
    ],
    ids=["failed", "throttled", "no function", "fault"],
)
async def test_poller_leaves_a_failed_batch_to_its_queue(
    pollers: list[Poller], answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of it is deleted, and the poller goes on with its other places."""
    queues, functions = FakeQueues("a", "b"), HeldFunctions(answer)
    functions.go.set()
    with caplog.at_level(logging.CRITICAL):
        pollers.append(Poller(mapping(), queues, functions, AllowingRoles(), "us-east-1", 2))
        await until(lambda: len(functions.batches) == 2)
        await pollers[0].close()
    assert queues.deleted == []


async def test_poller_survives_a_queue_that_cannot_be_read(
    pollers: list[Poller], caplog: pytest.LogCaptureFixture
) -> None:
    """What is wrong is logged, once where it stays wrong, and the messages come when it is over."""
    queues, functions = FakeQueues("a"), HeldFunctions(RETURNED)
    functions.go.set()
    queues.faults = [OSError("disk"), OSError("disk"), KeyError("There is no queue")]
    with caplog.at_level(logging.WARNING):
        pollers.append(Poller(mapping(), queues, functions, AllowingRoles(), "us-east-1", 2))

        def is_done() -> bool:
            pollers[0].wake()
            return bool(queues.deleted)

        await until(is_done)
    sentence = f"The event source mapping id does not poll {QUEUE}"
    assert caplog.text.count(f"{sentence}: reading it fails with OSError('disk'), and is tried again.") == 1
    assert caplog.text.count(f"{sentence}: There is no queue.") == 1


class FakeControlPlane:
    """A control plane that has one mapping of a table's stream."""

    account_id = "000000000000"
    region = "us-east-1"
    generation = 1

    async def call(self, service: str, request: Request) -> Response:
        """ListEventSourceMappings."""
        assert (service, request.method) == ("lambda", "GET")
        stream = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1"
        mapping = {"UUID": "id", "FunctionArn": arn("work"), "EventSourceArn": stream, "State": "Enabled"}
        return Response(200, (), json.dumps({"EventSourceMappings": [mapping]}).encode())


async def test_event_sources_say_that_a_tables_stream_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Where streams are not served a mapping of one is not left to be wondered about."""
    control_plane: Any = FakeControlPlane()
    sources = EventSources(
        control_plane,
        HeldFunctions(RETURNED),
        FakeQueues(),
        AllowingRoles(),
        8,
        serves_table_streams=False,
    )
    with caplog.at_level(logging.WARNING):
        await sources.open()
        await until(lambda: "DynamoDB's streams are not served" in caplog.text)
        await sources.close()


async def test_poller_stopped_finishes_what_the_function_has(pollers: list[Poller]) -> None:
    """The batch that is under way is waited for and deleted; nothing more is received."""
    queues, functions = FakeQueues("a"), HeldFunctions(RETURNED)
    pollers.append(Poller(mapping(), queues, functions, AllowingRoles(), "us-east-1", 2))
    await until(lambda: functions.batches == [["a"]])
    pollers[0].stop()
    queues.waiting.append(Message("b", "handle b", "b", "", {}, {}))
    functions.go.set()
    await pollers[0].close()
    assert (queues.deleted, len(queues.waiting)) == (["handle a"], 1)
