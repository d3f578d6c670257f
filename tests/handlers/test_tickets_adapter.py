"""Tickets on DynamoDB: the first connection to spend one has it, and may say so again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from chat.adapters import aws as aws_clients
from chat.adapters.tickets import TicketsTable
from chat.domain import Identity
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import Answer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley

ALICE = Identity("a", "alice", 1_900, 1_000)
STANDS_FOR = (ALICE, 1_060)


@pytest.fixture
def tickets(parley: Parley) -> TicketsTable:
    """The table, through the entries' own client, whose requests are recorded."""
    assert parley.aws.calls == []
    return TicketsTable(aws_clients.dynamodb(), "tickets")


@pytest.fixture
def digest(parley: Parley, tickets: TicketsTable) -> str:
    """A new ticket of Alice's."""
    digest = Person().user_id
    tickets.add(digest, *STANDS_FOR)
    parley.aws.reset()
    return digest


def test_ticket_is_spent_by_the_first_connection_only(
    parley: Parley, tickets: TicketsTable, digest: str
) -> None:
    """However often each asks, in one request each time."""
    asking = ("c1", "c1", "c2", "c1", "c2")
    assert [tickets.spend(digest, id_) for id_ in asking] == [STANDS_FOR, STANDS_FOR, None, STANDS_FOR, None]
    assert parley.aws.operations() == ["UpdateItem"] * len(asking)


def test_spending_whose_answer_got_lost_lets_its_connection_in(
    parley: Parley, tickets: TicketsTable, digest: str
) -> None:
    """The client's second attempt finds what the first has done, and another connection finds it spent."""
    parley.aws.answer_once("UpdateItem", Answer(500, after=True))
    assert tickets.spend(digest, "c1") == STANDS_FOR
    assert parley.aws.operations() == ["UpdateItem", "UpdateItem"]
    assert tickets.spend(digest, "c2") is None


def test_ticket_raced_by_connections_is_spent_by_exactly_one(tickets: TicketsTable, digest: str) -> None:
    """At the same moment, and each twice, as a client whose first attempt is still under way."""
    asking = ("c1", "c2", "c1", "c2")
    start = Barrier(len(asking))

    def spend(connection_id: str) -> str | None:
        start.wait(timeout=10)
        return connection_id if tickets.spend(digest, connection_id) == STANDS_FOR else None

    with ThreadPoolExecutor(len(asking)) as threads:
        let_in = [id_ for id_ in threads.map(spend, asking) if id_]
    assert let_in in (["c1"] * 2, ["c2"] * 2)


def test_ticket_never_written_is_not_made_by_spending_it(
    tickets: TicketsTable, dynamodb: DynamoDBClient
) -> None:
    """An update creates the item that it does not find, unless it is told not to."""
    digest = Person().user_id
    assert tickets.spend(digest, "c1") is None
    assert "Item" not in dynamodb.get_item(TableName="tickets", Key={"ticket": {"S": digest}})


def test_ticket_spent_expires_as_before(tickets: TicketsTable, dynamodb: DynamoDBClient, digest: str) -> None:
    """DynamoDB's TTL removes what was spent, too."""
    key = {"ticket": {"S": digest}}
    before = dynamodb.get_item(TableName="tickets", Key=key)["Item"]
    tickets.spend(digest, "c1")
    assert dynamodb.get_item(TableName="tickets", Key=key)["Item"] == before | {"spentBy": {"S": "c1"}}
