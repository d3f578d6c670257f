"""A fault goes in, and the alarm of its symptom turns: the topic is told, and again when it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.alarms import DAY, MINUTE, Alarms
from e2e.support.deadlines import eventually
from e2e.support.faults import fault
from e2e.support.parley import send_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.support.account import Account
    from e2e.support.faults import Faults, Rule
    from e2e.support.parley import Parley
    from e2e.support.people import Person

pytestmark = pytest.mark.embedded_only("only localcloud fails on purpose, and evaluates alarms on demand")

PERIOD = 5 * MINUTE
"""Of the alarms of errors."""


@pytest.fixture
def alarms(account: Account) -> Iterator[Alarms]:
    """Give the alarms, with nothing to tell: other tests may have left tasks that failed for good."""
    for name in account.of_type("AWS::SQS::Queue").values():
        if name.endswith("-dead-letters"):
            account.queues.purge_queue(QueueUrl=name)
    alarms = Alarms(account)
    assert set(alarms.states(DAY).values()) == {"OK"}
    yield alarms
    alarms.close()


def crashes(account: Account) -> Rule:
    """The function of sendMessage dies whenever it is invoked."""
    return fault(
        "lambda", "Invoke", "crash-before", resource=account.resources["AWS::Lambda::Function", "SendMessage"]
    )


def table_faults(account: Account) -> Rule:
    """Nothing can be written to the table of messages."""
    return fault("dynamodb", "PutItem", "error", resource=account.table("Messages"))


def table_throttles(account: Account) -> Rule:
    """Nothing more can be written to the table of messages than it takes."""
    return fault("dynamodb", "PutItem", "throttle", resource=account.table("Messages"))


@pytest.mark.parametrize(
    ("broken", "symptoms"),
    [
        (crashes, {"function-errors"}),
        (table_faults, {"internal-errors", "table-errors"}),
        (table_throttles, {"table-throttles"}),
    ],
)
async def test_alarm_turns_with_its_symptom_and_tells_the_topic_until_it_is_gone(
    parley: Parley,
    account: Account,
    faults: Faults,
    alarms: Alarms,
    alice: Person,
    bob: Person,
    broken: Callable[[Account], Rule],
    symptoms: set[str],
) -> None:
    """By metrics of Lambda's, of DynamoDB's and of the chat's own; the composite alarm tells twice."""
    unhealthy = f"{account.stack_name}-unhealthy"
    chat_id = await parley.direct_chat(alice, bob)
    with alarms.told(f"told-of-{broken.__name__}") as told:
        async with parley.socket(alice) as socket:

            async def fail_once_more() -> dict[str, str]:
                answered = len(socket.frames) + 1
                await socket.send(send_message(chat_id, 0, "text"))
                await socket.until(lambda seen: seen.closed or len(seen.frames) >= answered)
                return alarms.states(PERIOD)

            with faults.on(broken(account)):
                states = await eventually(
                    fail_once_more, lambda seen: {seen[each] for each in symptoms} == {"ALARM"}
                )
        assert states["unhealthy"] == "ALARM"
        await eventually(told.alarms, lambda seen: seen == [(unhealthy, "ALARM")])
        assert set(alarms.states(DAY).values()) == {"OK"}
        await eventually(told.alarms, lambda seen: seen == [(unhealthy, "ALARM"), (unhealthy, "OK")])


async def test_alarm_turns_with_a_dead_letter_until_somebody_has_looked(
    account: Account, alarms: Alarms
) -> None:
    """From the first on, whichever queue it is in."""
    queue = account.resources["AWS::SQS::Queue", "ExportsDeadLetters"]
    account.queues.send_message(QueueUrl=queue, MessageBody="{}")
    states = alarms.states(MINUTE)
    assert (states["dead-letters"], states["unhealthy"]) == ("ALARM", "ALARM")
    assert alarms.states(DAY)["dead-letters"] == "ALARM"
    account.queues.purge_queue(QueueUrl=queue)
    assert alarms.states(2 * DAY)["dead-letters"] == "OK"
