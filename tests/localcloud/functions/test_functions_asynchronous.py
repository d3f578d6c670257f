"""Asynchronous invocations: what is retried and when, what is told to whom, what survives."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.errors import LocalcloudError
from localcloud.functions.asynchronous import AsynchronousInvocations, EventQueue
from localcloud.functions.asynchronous.configuration import Configuration
from localcloud.functions.asynchronous.queue import Event
from localcloud.functions.asynchronous.records import dead_letter_attributes, record
from localcloud.functions.asynchronous.retries import Condition, Outcome
from localcloud.interfaces import Invocation
from tests.localcloud.functions.asynchronous_fakes import (
    FakeControlPlane,
    FakeFunctions,
    FakeRoles,
    FakeTime,
    Lambda,
)
from tests.localcloud.functions.functions_fakes import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RETURNED = Invocation("r", b'{"ok":true}')
FAILED = Invocation("r", b'{"errorMessage":"no such chat","errorType":"ValueError"}', "Unhandled")
THROTTLED = Invocation("r", throttled=True)


@pytest.fixture
async def made() -> AsyncIterator[list[Lambda]]:
    """What a test makes, closed at its end."""
    lambdas: list[Lambda] = []
    yield lambdas
    for each in lambdas:
        await each.invocations.close()


@pytest.fixture
def make(made: list[Lambda], tmp_path: Path) -> Any:
    """Makes a Lambda of answers and settings."""

    def make_lambda(*answers: Invocation | Exception, forbidden: str = "", **config: Any) -> Lambda:
        control_plane: Any = FakeControlPlane(config.pop("dead_letter", ""), **config)
        path = tmp_path / f"{len(made)}.sqlite"
        made.append(Lambda(path, FakeFunctions(*answers), control_plane, FakeRoles(forbidden)))
        return made[-1]

    return make_lambda


QUEUE = "arn:aws:sqs:us-east-1:000000000000:told"


async def test_event_failed_is_tried_twice_more_after_one_and_two_minutes(make: Any) -> None:
    """A function's error is retried after the delay and twice the delay, under one request id."""
    service = make(FAILED)
    request_id = await service.run()
    assert service.time.slept == [60.0, 120.0]
    assert service.functions.invoked == [("greet", b'{"a":1}', request_id)] * 3


async def test_event_that_succeeds_at_last_is_not_tried_again(make: Any) -> None:
    """The second attempt's success is the end."""
    service = make(FAILED, RETURNED)
    await service.run()
    assert len(service.functions.invoked) == 2


@pytest.mark.parametrize(("attempts", "invoked"), [(0, 1), (1, 2)])
async def test_event_is_retried_as_often_as_the_function_wants(
    make: Any, attempts: int, invoked: int
) -> None:
    """MaximumRetryAttempts is obeyed, also where CloudFormation put it on $LATEST."""
    service = make(FAILED, MaximumRetryAttempts=attempts)
    await service.run()
    assert len(service.functions.invoked) == invoked


@pytest.mark.parametrize("fault", [THROTTLED, RuntimeError("out of processes")], ids=["throttled", "fault"])
async def test_event_that_cannot_run_is_retried_until_its_age(
    make: Any, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Throttles and faults of localcloud's own back off from 1 s to 5 min, until MaximumEventAge."""
    service = make(
        fault, MaximumEventAgeInSeconds=900, DestinationConfig={"OnFailure": {"Destination": QUEUE}}
    )
    with caplog.at_level(logging.CRITICAL):
        await service.run()
    assert service.time.slept == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300][: len(service.time.slept)]
    assert 500 < sum(service.time.slept) <= 900
    [message] = service.messages()
    context = json.loads(message["MessageBody"])["requestContext"]
    assert context["condition"] == "EventAgeExceeded"


async def test_event_throttled_at_first_has_all_its_retries_left(make: Any) -> None:
    """A throttle does not count as one of the function's failures."""
    service = make(THROTTLED, FAILED)
    await service.run()
    assert len(service.functions.invoked) == 4


async def test_event_given_up_reaches_the_dead_letter_queue_with_its_attributes(make: Any) -> None:
    """A dead letter is the event itself, with the request id and the error as attributes."""
    service = make(FAILED, dead_letter=QUEUE, MaximumRetryAttempts=0)
    request_id = await service.run()
    [message] = service.messages()
    assert message["QueueUrl"] == "https://sqs.us-east-1.amazonaws.com/000000000000/told"
    assert message["MessageBody"] == '{"a":1}'
    assert message["MessageAttributes"] == {
        "RequestID": {"DataType": "String", "StringValue": request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "no such chat"},
    }


async def test_event_succeeded_is_told_to_its_destination_alone(make: Any) -> None:
    """OnSuccess is told of a success; OnFailure and the dead-letter queue are not."""
    destinations = {"OnSuccess": {"Destination": QUEUE}, "OnFailure": {"Destination": f"{QUEUE}-not"}}
    service = make(RETURNED, dead_letter=f"{QUEUE}-dead", DestinationConfig=destinations)
    await service.run()
    [message] = service.messages()
    assert message["QueueUrl"].endswith("/told")
    assert json.loads(message["MessageBody"])["requestContext"]["condition"] == "Success"


def test_record_of_a_failure_is_the_one_that_aws_sends() -> None:
    """The record has AWS's fields and no others."""
    outcome = Outcome(Event("id", "greet", 0, 0, failures=3), Condition.RETRIES_EXHAUSTED, FAILED)
    told = json.loads(
        record(outcome, Configuration("greet", "arn:greet:$LATEST"), b'{"a":1}', 1573754165.568)
    )
    assert told == {
        "version": "1.0",
        "timestamp": "2019-11-14T17:56:05.568Z",
        "requestContext": {
            "requestId": "id",
            "functionArn": "arn:greet:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "no such chat", "errorType": "ValueError"},
    }


def test_record_of_a_success_has_no_error() -> None:
    """A success counts its own invocation and names no function error."""
    outcome = Outcome(Event("id", "greet", 0, 0), Condition.SUCCESS, RETURNED)
    told = json.loads(record(outcome, Configuration("greet", "arn", "7"), b"1", 0))
    assert told["requestContext"]["approximateInvokeCount"] == 1
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "7"}
    assert (told["requestPayload"], told["responsePayload"]) == (1, {"ok": True})


def test_dead_letter_of_a_throttled_event_says_so() -> None:
    """An event that never ran has AWS's status of a throttle."""
    attributes = dead_letter_attributes(
        Outcome(Event("id", "greet", 0, 0), Condition.EVENT_AGE_EXCEEDED, THROTTLED)
    )
    assert attributes["ErrorCode"] == ("Number", "429")


async def test_event_whose_destination_is_forbidden_is_logged(
    make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What the role may not send is not sent, and the log says what to allow."""
    destinations = {"OnFailure": {"Destination": QUEUE}}
    service = make(FAILED, forbidden="sqs:SendMessage", DestinationConfig=destinations)
    with caplog.at_level(logging.WARNING):
        await service.run()
    assert service.messages() == []
    assert f"its role may not sqs:SendMessage on {QUEUE}; allow it in the role's policy" in caplog.text


def test_event_accepted_survives_kill_9(tmp_path: Path) -> None:
    """What was answered with 202 is in the file before the answer."""
    path = tmp_path / "events.sqlite"
    accept = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from localcloud.functions.asynchronous.queue import Event, EventQueue\n"
        "EventQueue(Path(sys.argv[1])).add(Event('id', 'greet', 1.0, 1.0), b'{}')\n"
        "print('accepted', flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", accept, path], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "accepted\n"
        process.kill()
    queue = EventQueue(path)
    assert (queue.events(), queue.payload("id")) == ([Event("id", "greet", 1.0, 1.0)], b"{}")
    queue.close()


async def test_event_of_a_deleted_function_is_dropped_with_a_sentence(
    make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An event whose function is gone ends."""
    service = make(KeyError("There is no function greet: deploy it first."))
    with caplog.at_level(logging.WARNING):
        await service.run()
    assert "An event for greet is dropped: There is no function greet" in caplog.text


async def test_event_accepted_survives_a_restart(tmp_path: Path) -> None:
    """What waits for its retry when localcloud ends goes on after the start, with its attempts counted."""

    class Stuck(FakeTime):
        async def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)
            await asyncio.Event().wait()

    control_plane: Any = FakeControlPlane()
    before, time, path = FakeFunctions(FAILED), Stuck(), tmp_path / "events.sqlite"
    first = AsynchronousInvocations(
        before, control_plane, FakeRoles(), EventQueue(path), time, 4, 60.0, time.sleep
    )
    await first.open()
    request_id = first.accept("greet", b'{"a":1}')
    await until(lambda: bool(time.slept))
    await first.close()
    after, later, queue = FakeFunctions(FAILED), FakeTime(), EventQueue(path)
    second = AsynchronousInvocations(after, control_plane, FakeRoles(), queue, later, 4, 60.0, later.sleep)
    await second.open()
    await until(lambda: queue.events() == [])
    await second.close()
    assert before.invoked + after.invoked == [("greet", b'{"a":1}', request_id)] * 3


async def test_events_of_one_function_run_beside_each_other_up_to_the_limit(tmp_path: Path) -> None:
    """No more events of a function are under way than it may have environments."""

    class Counting(FakeFunctions):
        most = busy = 0

        async def invoke(self, function: str, payload: bytes, request_id: str = "") -> Invocation:
            self.busy += 1
            self.most = max(self.most, self.busy)
            await asyncio.sleep(0)
            self.busy -= 1
            return await super().invoke(function, payload, request_id)

    functions, time, queue = Counting(RETURNED), FakeTime(), EventQueue(tmp_path / "events.sqlite")
    control_plane: Any = FakeControlPlane()
    service = AsynchronousInvocations(functions, control_plane, FakeRoles(), queue, time, 3, 60.0, time.sleep)
    await service.open()
    for _ in range(20):
        service.accept("greet", b"1")
    await until(lambda: queue.events() == [])
    await service.close()
    assert (len(functions.invoked), functions.most) == (20, 3)


def test_event_queue_not_a_database_says_what_to_do(tmp_path: Path) -> None:
    """A file of something else is named, with the way out."""
    path = tmp_path / "events.sqlite"
    path.write_bytes(b"not a database at all, by any measure" * 100)
    with pytest.raises(LocalcloudError, match=r"events.sqlite is corrupt .* delete the data directory"):
        EventQueue(path)
