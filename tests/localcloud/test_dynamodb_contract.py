"""What DynamoDB promises of its data operations, in the real dynoxide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.dynamodb import dynoxide
from localcloud.dynamodb.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BINARY = dynoxide.find(None)
pytestmark = pytest.mark.skipif(BINARY is None, reason="no dynoxide: run `npm ci` in localstack/")

TABLE = "messages"
NEW = "attribute_not_exists(chat)"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A dynoxide of this test's own, with a table of chats' numbered messages."""
    assert BINARY is not None
    keys = {"chat": ("HASH", "S"), "seq": ("RANGE", "N")}
    async with dynoxide.running(BINARY, tmp_path / "tables.sqlite") as child:
        client = Client(child.port)
        table = {
            "TableName": TABLE,
            "KeySchema": [{"AttributeName": name, "KeyType": key} for name, (key, _) in keys.items()],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, (_, kind) in keys.items()
            ],
            "BillingMode": "PAY_PER_REQUEST",
        }
        await client.call("CreateTable", table)
        yield client
        client.close()


def message(seq: int, text: str = "", chat: str = "a", **more: Any) -> dict[str, Any]:
    """A message as an item."""
    return {"chat": {"S": chat}, "seq": {"N": str(seq)}, "text": {"S": text}, **more}


async def ask(client: Client, operation: str, **request: Any) -> dict[str, Any]:
    """The answer of an operation on the table."""
    return await client.call(operation, {"TableName": TABLE, **request})


async def refusal(client: Client, operation: str, **request: Any) -> tuple[str, dict[str, Any]]:
    """The code of an operation's error, and the whole of it."""
    response = await client.send(operation, json.dumps(request).encode())
    assert response.status == 400
    answer = json.loads(response.body)
    return answer["__type"].partition("#")[2], answer


async def texts(client: Client, chat: str = "a") -> list[str]:
    """The texts of a chat's messages, in order, read consistently."""
    answer = await ask(
        client,
        "Query",
        KeyConditionExpression="chat = :chat",
        ExpressionAttributeValues={":chat": {"S": chat}},
        ConsistentRead=True,
    )
    return [item["text"]["S"] for item in answer["Items"]]


async def test_dynamodb_put_on_a_false_condition_changes_nothing(client: Client) -> None:
    """ConditionalCheckFailedException, with the item that is there where that is asked for."""
    await ask(client, "PutItem", Item=message(1, "first"), ConditionExpression=NEW)
    code, answer = await refusal(
        client,
        "PutItem",
        TableName=TABLE,
        Item=message(1, "second"),
        ConditionExpression=NEW,
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert (code, answer["message"]) == (
        "ConditionalCheckFailedException",
        "The conditional request failed",
    )
    assert answer["Item"] == message(1, "first")
    assert await texts(client) == ["first"]


async def test_dynamodb_transaction_with_a_false_condition_writes_nothing(client: Client) -> None:
    """TransactionCanceledException names the reason of each item, in their order."""
    await ask(client, "PutItem", Item=message(1, "first"))
    puts = [
        {"TableName": TABLE, "Item": message(2, "second")},
        {"TableName": TABLE, "Item": message(1, "again"), "ConditionExpression": NEW},
    ]
    code, answer = await refusal(client, "TransactWriteItems", TransactItems=[{"Put": put} for put in puts])
    assert code == "TransactionCanceledException"
    assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert await texts(client) == ["first"]


async def test_dynamodb_range_is_read_in_its_keys_order(client: Client) -> None:
    """Numbers are ordered as numbers, from either end, with a limit and where to go on."""
    for seq in (10, 9, 2, 100):
        await ask(client, "PutItem", Item=message(seq, str(seq)))
    assert await texts(client) == ["2", "9", "10", "100"]
    latest = await ask(
        client,
        "Query",
        KeyConditionExpression="chat = :chat AND seq BETWEEN :low AND :high",
        ExpressionAttributeValues={":chat": {"S": "a"}, ":low": {"N": "3"}, ":high": {"N": "50"}},
        ScanIndexForward=False,
        Limit=1,
    )
    assert [item["seq"]["N"] for item in latest["Items"]] == ["10"]
    assert latest["LastEvaluatedKey"] == {"chat": {"S": "a"}, "seq": {"N": "10"}}


async def test_dynamodb_page_ends_at_a_megabyte(client: Client) -> None:
    """The rest comes from where the page says that it ended."""
    for seq in range(4):
        await ask(client, "PutItem", Item=message(seq, "x" * 390_000))
    query = {
        "KeyConditionExpression": "chat = :chat",
        "ExpressionAttributeValues": {":chat": {"S": "a"}},
    }
    first = await ask(client, "Query", **query)
    assert 0 < first["Count"] < 4
    rest = await ask(client, "Query", **query, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["seq"]["N"] for item in first["Items"] + rest["Items"]] == ["0", "1", "2", "3"]
    assert "LastEvaluatedKey" not in rest


@pytest.mark.parametrize(
    ("operation", "request_", "said"),
    [
        ("PutItem", {"TableName": TABLE, "Item": message(1, "x" * 409_600)}, "Item size has exceeded"),
        (
            "PutItem",
            {"TableName": TABLE, "Item": message(1, chat="")},
            "cannot contain an empty string value. Key: chat",
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {TABLE: [{"PutRequest": {"Item": message(seq)}} for seq in range(26)]}},
            "Member must have length less than or equal to 25",
        ),
        (
            "BatchGetItem",
            {
                "RequestItems": {
                    TABLE: {"Keys": [{"chat": {"S": "a"}, "seq": {"N": str(n)}} for n in range(101)]}
                }
            },
            "Member must have length less than or equal to 100",
        ),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": TABLE, "Item": message(n)}} for n in range(101)]},
            "Member must have length less than or equal to 100",
        ),
    ],
    ids=["400 KB an item", "empty key", "25 writes", "100 reads", "100 items a transaction"],
)
async def test_dynamodb_request_beyond_a_limit_is_a_validation_error(
    client: Client, operation: str, request_: dict[str, Any], said: str
) -> None:
    """ValidationException, in AWS's words, and nothing is written."""
    code, answer = await refusal(client, operation, **request_)
    assert code == "ValidationException"
    assert said in answer["message"]
    assert await texts(client) == []


async def test_dynamodb_update_counts_and_tells_what_it_made(client: Client) -> None:
    """ADD makes the attribute where it is missing, and UPDATED_NEW answers it."""
    key = {"chat": {"S": "a"}, "seq": {"N": "0"}}
    update = {
        "Key": key,
        "UpdateExpression": "ADD messages :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "UPDATED_NEW",
    }
    await ask(client, "UpdateItem", **update)
    assert (await ask(client, "UpdateItem", **update))["Attributes"] == {"messages": {"N": "2"}}


async def test_dynamodb_item_past_its_time_is_read_until_it_is_removed(client: Client) -> None:
    """TTL is no filter: whoever must not see such an item looks at its time."""
    specification = {"AttributeName": "ttl", "Enabled": True}
    await ask(client, "UpdateTimeToLive", TimeToLiveSpecification=specification)
    await ask(client, "PutItem", Item=message(1, "old", ttl={"N": "1000000000"}))
    assert await texts(client) == ["old"]


async def test_dynamodb_read_that_asks_for_no_consistency_is_consistent(client: Client) -> None:
    """Not as AWS, where such a read may miss what was just written."""
    key = {"chat": {"S": "a"}, "seq": {"N": "1"}}
    for text in map(str, range(50)):
        await ask(client, "PutItem", Item=message(1, text))
        assert (await ask(client, "GetItem", Key=key))["Item"]["text"]["S"] == text


async def test_dynamodb_table_by_its_arn_is_refused(client: Client) -> None:
    """Not as AWS, where a table's ARN stands for its name."""
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"
    code, _ = await refusal(client, "PutItem", TableName=arn, Item=message(1))
    assert code == "ValidationException"
