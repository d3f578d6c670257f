"""Reports: members show what they may see, as it stood, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley


def report(chat_id: str, seq: int = 1, **fields: str) -> dict[str, Any]:
    """A report's body."""
    return {"chatId": chat_id, "seq": seq, "reason": "spam", **fields}


@pytest.fixture
def people() -> tuple[Person, Person]:
    """A writer and a reader."""
    return Person("alice"), Person("bob")


@pytest.fixture
def chat_id(parley: Parley, people: tuple[Person, Person]) -> str:
    """Their chat, with one message."""
    chat_id = parley.chat(*people)
    parley.frame(people[0], send_frame(chat_id, 0, "buy now"))
    parley.request(people[1], "POST /reports", report(chat_id, 7))
    parley.aws.reset()
    return chat_id


def test_report_keeps_the_message_as_it_stood_and_costs_a_read_and_a_write(
    parley: Parley, dynamodb: DynamoDBClient, people: tuple[Person, Person], chat_id: str
) -> None:
    """Who said it, when, and what; who reports it, and why."""
    _, bob = people
    status, told = parley.request(bob, "POST /reports", report(chat_id, note="Three times today."))
    assert (status, told["reportId"]) == (201, f"{chat_id}:1:{bob.user_id}")
    assert parley.aws.operations() == ["GetItem", "PutItem"]
    key = {"chatId": {"S": chat_id}, "report": {"S": f"{1:016}#{bob.user_id}"}}
    item = dynamodb.get_item(TableName="reports", Key=key)["Item"]
    assert (item["text"]["S"], item["senderId"]["S"]) == ("buy now", people[0].user_id)
    assert (item["reason"]["S"], item["note"]["S"]) == ("spam", "Three times today.")
    assert (item["reportedBy"]["S"], item["reportedAt"]["S"]) == (bob.user_id, told["reportedAt"])


def test_report_that_is_repeated_changes_nothing(
    parley: Parley, dynamodb: DynamoDBClient, people: tuple[Person, Person], chat_id: str
) -> None:
    """The first stands."""
    _, bob = people
    assert parley.request(bob, "POST /reports", report(chat_id))[0] == 201
    assert parley.request(bob, "POST /reports", report(chat_id, note="again"))[0] == 200
    key = {"chatId": {"S": chat_id}, "report": {"S": f"{1:016}#{bob.user_id}"}}
    assert dynamodb.get_item(TableName="reports", Key=key)["Item"]["note"]["S"] == ""


def test_report_of_what_one_does_not_see_is_refused(
    parley: Parley, people: tuple[Person, Person], chat_id: str
) -> None:
    """A stranger's chat, a number that is not there, and what the protocol does not know."""
    stranger, bob = Person("mallory"), people[1]
    refusals = [
        (stranger, report(chat_id), "unknown_chat"),
        (bob, report(chat_id, 2), "unknown_message"),
        (bob, report(chat_id, 0), "unknown_message"),
        (bob, report(chat_id, reason="boredom"), "bad_request"),
        (bob, report(chat_id, note="x" * 1_001), "bad_request"),
    ]
    for person, body, code in refusals:
        assert parley.request(person, "POST /reports", body)[1]["error"]["code"] == code
    assert "PutItem" not in [c.operation for c in parley.aws.calls if c.body["TableName"] == "reports"]
