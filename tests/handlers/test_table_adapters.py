"""The adapters' own business: batches left unprocessed, pages cut short, conditions, failing posts."""

from __future__ import annotations

import logging  # noqa: TC003 - a fixture's type
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from chat.adapters import aws as aws_clients
from chat.adapters.chats import ChatsTable
from chat.adapters.client import RefusedError
from chat.adapters.connections import ConnectionsTable
from chat.adapters.limits import LimitsTable
from chat.adapters.members import MembersTable
from chat.adapters.messages import MessagesTable
from chat.adapters.push import UNREACHABLE_SECONDS, ConnectionsApi
from chat.adapters.queue import SqsQueue
from chat.domain import Connection, Message
from chat.ports.connections import PostFailedError
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import Answer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley


@pytest.fixture
def client(parley: Parley) -> DynamoDBClient:
    """The entries' own client, whose requests are recorded."""
    assert parley.aws.calls == []
    return aws_clients.dynamodb()


def connected(parley: Parley, person: Person) -> Connection:
    """A connection whose posts reach the recording server."""
    return Connection(
        person.user_id, person.connection_id, f"{parley.aws.url}/v1", "us-east-1", 0, 4_000_000_000
    )


def test_keys_left_unprocessed_are_asked_for_again(parley: Parley, client: DynamoDBClient) -> None:
    """DynamoDB may answer part of a batch: the recipients in the rest must not be skipped."""
    alice, bob = Person("alice"), Person("bob")
    parley.connect(alice, bob)
    keys = [{"userId": {"S": person.user_id}} for person in (alice, bob)]
    left = {"connections": {"Keys": keys, "ConsistentRead": True}}
    parley.aws.answer_once("BatchGetItem", Answer(200, {"Responses": {}, "UnprocessedKeys": left}))
    found = ConnectionsTable(client, "connections").of_users([alice.user_id, bob.user_id])
    assert {connection.id for connection in found} == {alice.connection_id, bob.connection_id}
    assert parley.aws.operations()[-2:] == ["BatchGetItem", "BatchGetItem"]


def test_keys_never_processed_raise(parley: Parley, client: DynamoDBClient) -> None:
    """A part must not pass for the whole."""
    left = {"connections": {"Keys": [{"userId": {"S": "x"}}]}}
    for _ in range(aws_clients.BATCH_ATTEMPTS):
        parley.aws.answer_once("BatchGetItem", Answer(200, {"Responses": {}, "UnprocessedKeys": left}))
    with pytest.raises(aws_clients.UnprocessedKeysError):
        ConnectionsTable(client, "connections").of_users(["x"])
    assert parley.aws.operations() == ["BatchGetItem"] * aws_clients.BATCH_ATTEMPTS


def test_taken_number_is_not_written_over(client: DynamoDBClient) -> None:
    """The sort key is the lock."""
    table, chat_id = MessagesTable(client, "messages"), f"dm:{Person().user_id}:zzz"
    first, second = (Message(id_, 1, id_, "t", id_) for id_ in ("1", "2"))
    assert table.put(chat_id, first)
    assert not table.put(chat_id, second)
    assert table.after(chat_id, 0, 10).messages == [first]


def test_page_of_exactly_the_limit_has_no_more(client: DynamoDBClient) -> None:
    """In both directions."""
    table, chat_id = MessagesTable(client, "messages"), f"dm:{Person().user_id}:zzz"
    messages = [Message(str(seq), seq, "a", "t", "x") for seq in (1, 2, 3)]
    for message in messages:
        table.put(chat_id, message)
    pages = [
        table.after(chat_id, 0, 3),
        table.after(chat_id, 0, 2),
        table.before(chat_id, 4, 3),
        table.before(chat_id, 4, 2),
    ]
    assert [page.messages for page in pages] == [messages, messages[:2], messages, messages[1:]]
    assert [page.has_more for page in pages] == [False, True, False, True]


def test_page_that_dynamodb_cuts_short_has_more(parley: Parley, client: DynamoDBClient) -> None:
    """1 MB ends a page before its limit does."""
    item = {"chatId": "c", "id": "1", "senderId": "a", "sentAt": "t", "body": "x"}
    wire: dict[str, Any] = {name: {"S": value} for name, value in item.items()} | {"seq": {"N": "1"}}
    key = {"chatId": {"S": "c"}, "seq": {"N": "1"}}
    parley.aws.answer_once("Query", Answer(200, {"Items": [wire], "Count": 1, "LastEvaluatedKey": key}))
    assert MessagesTable(client, "messages").after("c", 0, 10).has_more


def test_chat_that_exists_is_not_created_again(parley: Parley, client: DynamoDBClient) -> None:
    """META's condition cancels the whole transaction."""
    user_ids = sorted(Person().user_id for _ in range(2))
    chats = ChatsTable(client, "chats", "messages")
    chat_id = f"dm:{user_ids[0]}:{user_ids[1]}"
    assert chats.create_direct(chat_id, user_ids, "now")
    assert not chats.create_direct(chat_id, user_ids, "later")
    found = chats.look_up(chat_id, [*user_ids, "stranger"], 0)
    assert (set(found.members), found.has_message) == (set(user_ids), True)
    assert parley.aws.operations() == ["TransactWriteItems", "TransactWriteItems", "BatchGetItem"]


def test_transaction_that_conflicts_for_ever_raises(parley: Parley, client: DynamoDBClient) -> None:
    """Bounded."""
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    for _ in range(5):
        body = {"__type": kind, "message": "m", "CancellationReasons": [{"Code": "TransactionConflict"}]}
        parley.aws.answer_once("TransactWriteItems", Answer(400, body))
    with pytest.raises(RefusedError, match="TransactionCanceled"):
        ChatsTable(client, "chats").create_direct("dm:a:b", ["a", "b"], "now")
    assert parley.aws.operations() == ["TransactWriteItems"] * 5


def test_post_to_a_gone_connection_says_so(parley: Parley) -> None:
    """By the status alone, before any broader fault is looked at."""
    bob = Person("bob")
    parley.aws.gone.add(bob.connection_id)
    assert not ConnectionsApi("us-east-1").post(connected(parley, bob), b"{}")
    ConnectionsApi("us-east-1").close(connected(parley, bob))
    assert parley.aws.operations() == ["POST", "DELETE"]


def test_post_that_fails_otherwise_is_logged_with_its_cause(
    parley: Parley, chat_log: list[logging.LogRecord]
) -> None:
    """Refused or unreachable: not gone, and nothing raised."""
    bob = Person("bob")
    parley.aws.failing.add(bob.connection_id)
    assert ConnectionsApi("us-east-1").post(connected(parley, bob), b"{}")
    (record,) = chat_log
    assert record.__dict__["fields"] == {
        "recipientConnectionId": bob.connection_id,
        "cause": "ForbiddenException",
    }


@pytest.mark.parametrize("status", [429, 500, 503])
def test_post_whose_fault_may_pass_is_logged_and_raised(
    parley: Parley, chat_log: list[logging.LogRecord], status: int
) -> None:
    """Who posts decides whether to try again later."""
    bob = Person("bob")
    for _ in range(3):  # as often as one call tries
        parley.aws.answer_once("POST", Answer(status))
    with pytest.raises(PostFailedError):
        ConnectionsApi("us-east-1").post(connected(parley, bob), b"{}")
    assert [record.message for record in chat_log] == ["push_failed"]


@pytest.mark.parametrize(("region", "tries"), [("eu-west-1", 2), ("us-east-1", 3)])
def test_api_of_another_region_that_does_not_answer_is_left_alone_for_a_while(
    parley: Parley, chat_log: list[logging.LogRecord], region: str, tries: int
) -> None:
    """Whoever else is to get the frame does not wait for it; this region's own is tried each time."""
    times = iter([0.0, 0.0, UNREACHABLE_SECONDS - 1, UNREACHABLE_SECONDS, UNREACHABLE_SECONDS])
    api = ConnectionsApi("us-east-1", lambda: next(times, UNREACHABLE_SECONDS))
    lost = msgspec.structs.replace(
        connected(parley, Person("bob")), endpoint="http://127.0.0.1:1/v1", region=region
    )
    for _ in range(3):
        with pytest.raises(PostFailedError):
            api.post(lost, b"{}")
    assert [record.message for record in chat_log] == ["push_failed"] * tries


def test_members_come_page_by_page_in_the_order_of_their_ids(parley: Parley, client: DynamoDBClient) -> None:
    """The item META is none of them, the last page says that it is the last, reads are consistent."""
    chat_id = f"c:{Person().user_id}"
    user_ids = [f"u{number}" for number in range(5)]
    for sk, user_id in [("META", None), *((f"MEMBER#{user_id}", user_id) for user_id in user_ids)]:
        item: dict[str, Any] = {"chatId": {"S": chat_id}, "sk": {"S": sk}}
        client.put_item(TableName="chats", Item=item | ({"userId": {"S": user_id}} if user_id else {}))
    members = MembersTable(client, "chats")
    after, pages = None, []
    while True:
        page = members.page(chat_id, after, 2)
        pages.append(page.user_ids)
        if (after := page.next) is None:
            break
    assert pages == [["u0", "u1"], ["u2", "u3"], ["u4"]]
    assert all(c.body["ConsistentRead"] for c in parley.aws.calls if c.operation == "Query")


def test_message_of_a_queue_holds_no_character_that_sqs_refuses(parley: Parley) -> None:
    """JSON may hold U+FFFE and U+FFFF; SQS takes neither, and escaped they mean the same."""
    text = "\ufffe and \uffff \U0001f600 \t"
    url = f"{parley.aws.url}/123456789012/fan-out"
    SqsQueue(aws_clients.sqs(), url, str).send(msgspec.json.encode({"text": text}), 2)
    (call,) = parley.aws.calls
    assert (call.operation, call.body["QueueUrl"], call.body["DelaySeconds"]) == ("SendMessage", url, 2)
    assert not {"\ufffe", "\uffff"} & set(call.body["MessageBody"])
    assert parley.aws.queued() == [{"text": text}]


@pytest.mark.parametrize("request_id", ["r1", ""])
def test_message_of_a_queue_names_the_request_that_it_comes_from(parley: Parley, request_id: str) -> None:
    """As an attribute, beside the task; where there is none, as of a schedule, nothing."""
    url = f"{parley.aws.url}/123456789012/fan-out"
    SqsQueue(aws_clients.sqs(), url, lambda: request_id).send(b"{}")
    (call,) = parley.aws.calls
    named = {"requestId": {"DataType": "String", "StringValue": request_id}} if request_id else {}
    assert call.body["MessageAttributes"] == named


def test_bucket_is_taken_from_as_gcra_has_it(parley: Parley, client: DynamoDBClient) -> None:
    """A full one in one update; one that is not in two; none gives more than there is, or twice."""
    limits, bucket = LimitsTable(client, "limits"), f"send#{Person().user_id}"
    assert limits.take(bucket, 6, 1_000, 10) is None
    assert limits.take(bucket, 4, 1_000, 10) is None
    assert limits.take(bucket, 1, 1_000, 10) == 1_010
    assert limits.take(bucket, 1, 1_001, 10) is None
    assert limits.take(bucket, 10, 2_000, 10) is None
    assert len(parley.aws.leases) == 1 + 2 + 1 + 2 + 1
    stored = client.get_item(TableName="limits", Key={"bucket": {"S": bucket}})["Item"]
    assert (stored["arrival"], stored["expiresAt"]) == ({"N": "2010"}, {"N": "3600"})


def test_bucket_that_another_environment_takes_from_in_between_is_not_overdrawn(
    parley: Parley, client: DynamoDBClient
) -> None:
    """The condition is on what stands there when the update is made, not on what was read."""
    limits, bucket = LimitsTable(client, "limits"), f"send#{Person().user_id}"
    assert limits.take(bucket, 5, 1_000, 10) is None
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    stale = {"__type": kind, "message": "m", "Item": {"arrival": {"N": "1001"}}}
    parley.aws.answer_once("UpdateItem", Answer(400, stale))
    assert limits.take(bucket, 8, 1_000, 10) == 1_005
    parley.aws.answer_once("UpdateItem", Answer(400, {"__type": kind, "message": "m"}))
    assert limits.take(bucket, 5, 1_000, 10) is None
