"""Subscriptions as browsers make them, kept by a real DynamoDB engine; what a notification costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chat.adapters.subscriptions import SubscriptionsTable
from chat.push import SUBSCRIPTION_LIMIT, Subscription
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.service import send_frame

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley

ROUTE = "/users/me/push-subscriptions"
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def subscription(number: int = 0) -> dict[str, Any]:
    """What a browser says of itself."""
    return {"endpoint": f"https://fcm.googleapis.com/fcm/send/{number}", "keys": KEYS}


def subscribe(parley: Parley, person: Person, body: object) -> tuple[int, Any]:
    """Have a browser notified."""
    return parley.request(person, f"PUT {ROUTE}", body)


@pytest.fixture
def bob() -> Person:
    """Somebody."""
    return Person("bob")


def kept(dynamodb: DynamoDBClient, person: Person) -> list[str]:
    """The endpoints that are kept for a person."""
    found = SubscriptionsTable(dynamodb, "users").of_users([person.user_id])
    return sorted(one.endpoint for one in found.get(person.user_id, ()))


def test_key_is_served_to_who_is_signed_in(parley: Parley, bob: Person) -> None:
    """It is the stack's, and public."""
    assert parley.request(bob, "GET /push-key") == (200, {"key": KEYS["p256dh"]})


def test_browser_is_kept_once_and_forgotten_by_its_id(
    parley: Parley, dynamodb: DynamoDBClient, bob: Person
) -> None:
    """Both may be repeated."""
    answers = [subscribe(parley, bob, subscription()) for _ in range(2)]
    assert answers[0] == answers[1]
    status, answer = answers[0]
    assert (status, kept(dynamodb, bob)) == (200, [subscription()["endpoint"]])
    for _ in range(2):
        route = f"DELETE {ROUTE}/{{subscriptionId}}"
        assert parley.request(bob, route, path=answer) == (200, {})
    assert kept(dynamodb, bob) == []


def test_limit_of_browsers_holds_and_repeating_is_within_it(
    parley: Parley, dynamodb: DynamoDBClient, bob: Person
) -> None:
    """One goes, one comes."""
    answers = [subscribe(parley, bob, subscription(number)) for number in range(SUBSCRIPTION_LIMIT + 1)]
    assert [status for status, _ in answers] == [200] * SUBSCRIPTION_LIMIT + [409]
    assert answers[-1][1]["error"]["code"] == "too_many_subscriptions"
    assert subscribe(parley, bob, subscription(0))[0] == 200
    parley.request(bob, f"DELETE {ROUTE}/{{subscriptionId}}", path=answers[0][1])
    assert subscribe(parley, bob, subscription(9))[0] == 200
    assert len(kept(dynamodb, bob)) == SUBSCRIPTION_LIMIT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endpoint": "https://example.com/1"}, "push_service_refused"),
        ({"endpoint": "https://169.254.169.254/1"}, "push_service_refused"),
        ({"endpoint": "https://fcm.googleapis.com@10.0.0.1/1"}, "bad_request"),
        ({"endpoint": "https://fcm.googleapis.com/1\r\nX: y"}, "bad_request"),
        ({"endpoint": "file:///etc/passwd"}, "bad_request"),
        ({"keys": {**KEYS, "p256dh": "AAAA"}}, "bad_request"),
        ({"keys": {"p256dh": KEYS["p256dh"]}}, "bad_request"),
    ],
)
def test_endpoint_that_is_foreign_or_internal_or_none_is_refused(
    parley: Parley, dynamodb: DynamoDBClient, bob: Person, change: dict[str, Any], code: str
) -> None:
    """Nothing is kept of it."""
    status, answer = subscribe(parley, bob, {**subscription(), **change})
    assert (status, answer["error"]["code"]) == (400, code)
    assert kept(dynamodb, bob) == []


def test_signing_out_everywhere_forgets_every_browser(
    parley: Parley, dynamodb: DynamoDBClient, bob: Person
) -> None:
    """Who signs in there next is somebody else."""
    subscribe(parley, bob, subscription())
    assert parley.request(bob, "POST /sign-out", {"everywhere": True})[0] == 200
    assert kept(dynamodb, bob) == []


def test_account_that_is_gone_keeps_no_browser(dynamodb: DynamoDBClient) -> None:
    """None is added to what says that there was one."""
    dynamodb.put_item(TableName="users", Item={"userId": {"S": "gone"}, "deletedAt": {"S": "t"}})
    table = SubscriptionsTable(dynamodb, "users")
    assert not table.add("gone", Subscription("https://push.example.com/1", **KEYS), SUBSCRIPTION_LIMIT)
    assert table.of_users(["gone", "never there"]) == {}


def test_send_to_who_is_away_costs_one_task_and_its_notification_a_few_reads(
    parley: Parley, bob: Person
) -> None:
    """The send itself writes to the queue once; the fan-out function does the rest."""
    alice = Person("alice")
    chat_id = parley.chat(alice, bob)
    subscribe(parley, bob, subscription())
    parley.frame(alice, send_frame(chat_id, 0, "warm"))
    parley.aws.reset()
    parley.frame(alice, send_frame(chat_id, 1, "hi"))
    assert parley.aws.operations() == ["PutItem", "BatchGetItem", "SendMessage"]
    (task,) = parley.aws.queued()
    assert (task["task"], task["userIds"]) == ("notify", [bob.user_id])
    parley.aws.reset()
    record = {"messageId": "m", "body": json.dumps(task)}
    assert parley.invoke("fan_out", {"Records": [record]}) == {"batchItemFailures": []}
    assert parley.aws.operations() == [*["BatchGetItem"] * 4, "SendMessage"]
    (left,) = parley.aws.queued()
    assert left["subscription"]["endpoint"] == subscription()["endpoint"]
    assert left["notification"]["senderId"] == alice.user_id


def test_subscribing_costs_two_updates_at_most(parley: Parley, bob: Person) -> None:
    """The first browser one."""
    parley.request(bob, "GET /push-key")
    parley.aws.reset()
    subscribe(parley, bob, subscription(1))
    subscribe(parley, bob, subscription(2))
    assert parley.aws.operations() == ["UpdateItem"] * 3
