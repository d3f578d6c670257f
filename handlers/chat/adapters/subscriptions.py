"""Browsers' subscriptions, a map in their user's profile: they go with it, and with a sign-out everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.aws import batch_get
from chat.push import Subscription

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient

    from chat.adapters.aws import Item


class SubscriptionsTable:
    """Serves `ports.Subscriptions`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of users with this name."""
        self._client = client
        self._table = table

    def add(self, user_id: str, subscription: Subscription, limit: int) -> bool:
        """Keep a subscription of the user's, in place of an earlier one with its id.

        Returns:
            Whether it is kept; not where the user has `limit` others, or no profile.
        """
        item = {"M": {name: {"S": value} for name, value in _fields(subscription)}}
        if self._update(
            user_id,
            "SET pushSubscriptions = :first",
            "attribute_exists(username) AND attribute_not_exists(pushSubscriptions)",
            values={":first": {"M": {subscription.id: item}}},
        ):
            return True
        return self._update(
            user_id,
            "SET pushSubscriptions.#id = :subscription",
            "attribute_exists(pushSubscriptions.#id) OR size(pushSubscriptions) < :limit",
            names={"#id": subscription.id},
            values={":subscription": item, ":limit": {"N": str(limit)}},
        )

    def remove(self, user_id: str, subscription_id: str) -> None:
        """Forget the subscription, if it is there."""
        self._update(
            user_id,
            "REMOVE pushSubscriptions.#id",
            "attribute_exists(pushSubscriptions.#id)",
            names={"#id": subscription_id},
        )

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, Sequence[Subscription]]:
        """The subscriptions of those of the users (at most 100) who have any, by user id."""
        request = {
            "Keys": [{"userId": {"S": user_id}} for user_id in user_ids],
            "ProjectionExpression": "userId, pushSubscriptions",
        }
        found = batch_get(self._client, {self._table: request})[self._table]
        kept = {item["userId"]["S"]: item.get("pushSubscriptions", {"M": {}})["M"] for item in found}
        return {
            user_id: [_subscription(item["M"]) for item in items.values()]
            for user_id, items in kept.items()
            if items
        }

    def _update(
        self,
        user_id: str,
        update: str,
        condition: str,
        names: Mapping[str, str] | None = None,
        values: Item | None = None,
    ) -> bool:
        """Update the user's profile where a condition holds; whether it did."""
        options: Any = {}
        if names:
            options["ExpressionAttributeNames"] = names
        if values:
            options["ExpressionAttributeValues"] = values
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"userId": {"S": user_id}},
                UpdateExpression=update,
                ConditionExpression=condition,
                **options,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _fields(subscription: Subscription) -> Sequence[tuple[str, str]]:
    return [
        ("endpoint", subscription.endpoint),
        ("p256dh", subscription.p256dh),
        ("auth", subscription.auth),
    ]


def _subscription(item: Item) -> Subscription:
    return Subscription(item["endpoint"]["S"], item["p256dh"]["S"], item["auth"]["S"])
