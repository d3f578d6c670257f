"""The change log on DynamoDB: a change and its effects are written together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from chat.adapters import aws as aws_clients
from chat.adapters.changes import ChangesTable
from chat.adapters.client import RefusedError
from chat.adapters.messages import MessagesTable
from chat.changes import ChangePage, MessageVersion
from chat.domain import Change, Member, Message
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import Answer

if TYPE_CHECKING:
    from tests.handlers.support.service import Parley

SENT = Message("1", 1, "a", "t", "first")
CANCELED = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"


@pytest.fixture
def messages(parley: Parley) -> MessagesTable:
    """The table, through the entries' own client, whose requests are recorded."""
    assert parley.aws.calls == []
    return MessagesTable(aws_clients.dynamodb(), "messages")


@pytest.fixture
def changes(parley: Parley) -> ChangesTable:
    """The logs of changes in the same table."""
    assert parley.aws.calls == []
    return ChangesTable(aws_clients.dynamodb(), "messages")


@pytest.fixture
def chat_id(messages: MessagesTable) -> str:
    """A new chat with one message."""
    chat_id = f"dm:{Person().user_id}:zzz"
    assert messages.put(chat_id, SENT)
    return chat_id


def edit(number: int, was: Message, text: str) -> tuple[Change, list[MessageVersion]]:
    """A change that gives a message another text."""
    message = structs.replace(was, text=text, edited_at="t2", change=number)
    return Change(number=number, by="a", at="t2", message=message), [MessageVersion(message, was)]


def test_change_and_its_effect_are_written_together(
    messages: MessagesTable, changes: ChangesTable, chat_id: str
) -> None:
    """The log names the message, which is read as it is."""
    change, effects = edit(1, SENT, "second")
    assert changes.tail(chat_id) == 0
    assert changes.put(chat_id, change, effects)
    assert changes.tail(chat_id) == 1
    assert messages.get(chat_id, 1) == change.message
    assert changes.after(chat_id, 0, 10) == ChangePage([change], has_more=False)


def test_taken_number_writes_neither_change_nor_effect(
    messages: MessagesTable, changes: ChangesTable, chat_id: str
) -> None:
    """The sort key is the lock."""
    change, effects = edit(1, SENT, "second")
    assert changes.put(chat_id, change, effects)
    assert not changes.put(chat_id, *edit(1, effects[0].message, "third"))
    assert messages.get(chat_id, 1) == change.message


@pytest.mark.parametrize("was", [SENT, structs.replace(SENT, change=7), structs.replace(SENT, seq=2)])
def test_effect_on_another_version_writes_neither_change_nor_effect(
    messages: MessagesTable, changes: ChangesTable, chat_id: str, was: Message
) -> None:
    """A read may have come before the end of the transaction that it should have seen."""
    change, effects = edit(1, SENT, "second")
    assert changes.put(chat_id, change, effects)
    assert not changes.put(chat_id, *edit(2, was, "third"))
    assert (changes.tail(chat_id), messages.get(chat_id, 1)) == (1, change.message)


def test_message_that_is_gone_is_left_out(changes: ChangesTable, chat_id: str) -> None:
    """A purge takes messages, never numbers of changes."""
    change, effects = edit(1, SENT, "second")
    assert changes.put(chat_id, change, effects)
    key = {"chatId": {"S": chat_id}, "seq": {"N": "1"}}
    aws_clients.dynamodb().delete_item(TableName="messages", Key=key)
    assert changes.after(chat_id, 0, 10).changes == [Change(number=1, by="a", at="t2")]


def test_everything_that_a_change_says_is_read_back(changes: ChangesTable, chat_id: str) -> None:
    """Names and members stand in the change itself; pages say whether there is more."""
    written = [
        Change(number=1, by="a", at="t", name="Friends"),
        Change(number=2, by="a", at="t", members=[Member("b", "admin"), Member("c", "member")]),
        Change(number=3, by="b", at="t", removed=["c"]),
    ]
    assert all(changes.put(chat_id, change, []) for change in written)
    assert changes.after(chat_id, 0, 3) == ChangePage(written, has_more=False)
    assert changes.after(chat_id, 1, 1) == ChangePage(written[1:2], has_more=True)


def test_everything_that_a_message_holds_is_read_back(messages: MessagesTable) -> None:
    """Also what most messages do without."""
    chat_id = f"dm:{Person().user_id}:zzz"
    message = Message(
        "2", 2, "b", "t", "", 1, ["a"], edited_at="t2", deleted_at="t3", reactions={"a": "👍"}, change=3
    )
    assert messages.put(chat_id, message)
    assert messages.get(chat_id, 2) == message
    assert messages.get(chat_id, 1) is None


def test_transaction_that_meets_another_is_not_written(
    parley: Parley, changes: ChangesTable, chat_id: str
) -> None:
    """The other one came first: the decision is made again."""
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    body = {"__type": CANCELED, "message": "m", "CancellationReasons": reasons}
    parley.aws.answer_once("TransactWriteItems", Answer(400, body))
    assert not changes.put(chat_id, *edit(1, SENT, "second"))


def test_transaction_canceled_for_any_other_reason_raises(
    parley: Parley, changes: ChangesTable, chat_id: str
) -> None:
    """A fault is no conflict, and repeating it would only hide it."""
    body = {"__type": CANCELED, "message": "m", "CancellationReasons": [{"Code": "ValidationError"}]}
    parley.aws.answer_once("TransactWriteItems", Answer(400, body))
    with pytest.raises(RefusedError, match="TransactionCanceled"):
        changes.put(chat_id, *edit(1, SENT, "second"))
