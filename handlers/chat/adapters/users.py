"""The table of users: key userId; index ByUsernamePrefix finds them by how their names begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.adapters.aws import batch_get
from chat.domain import SEQ_MAX, User
from chat.ports.users import Updated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

    from chat.adapters.aws import Item

PREFIX_LENGTH = 2
"""Characters of a username by which the index is partitioned, so the fewest that a search can name."""


class UsersTable:
    """Serves `ports.Users`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table with this name."""
        self._client = client
        self._table = table

    def add(self, user: User, created_at: str) -> bool:
        """Write a profile unless the user has one; False when the user had one and was deleted."""
        lower = user.username.lower()
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "userId": {"S": user.user_id},
                    "username": {"S": user.username},
                    "usernameLower": {"S": lower},
                    "usernamePrefix": {"S": lower[:PREFIX_LENGTH]},
                    "createdAt": {"S": created_at},
                },
                ConditionExpression="attribute_not_exists(userId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as failed:
            item: Any = failed.response.get("Item", {})
            return "deletedAt" not in item
        return True

    def get(self, user_id: str) -> User | None:
        """The user's profile."""
        response = self._client.get_item(
            TableName=self._table, Key={"userId": {"S": user_id}}, ConsistentRead=True
        )
        item = response.get("Item")
        return _user(item) if item and "username" in item else None

    def get_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """The profiles of the users (at most 100) who have one, by user id."""
        keys = [{"userId": {"S": user_id}} for user_id in set(user_ids)]
        found = batch_get(self._client, {self._table: {"Keys": keys, "ConsistentRead": True}})
        return {item["userId"]["S"]: _user(item) for item in found[self._table] if "username" in item}

    def update(self, user_id: str, changes: Mapping[str, str | None]) -> Updated | None:
        """Set fields of the user's profile, by their names on the wire, or remove them, where None stands."""
        given: Item = {field: {"S": value} for field, value in changes.items() if value is not None}
        removed = [f"#{field}" for field in changes if field not in given]
        update: UpdateItemInputTypeDef = {
            "TableName": self._table,
            "Key": {"userId": {"S": user_id}},
            "UpdateExpression": f"REMOVE {', '.join(removed)}" if removed else "",
            "ConditionExpression": "attribute_exists(username)",
            "ExpressionAttributeNames": {f"#{field}": field for field in changes},
            "ReturnValues": "ALL_OLD",
        }
        if given:
            update["UpdateExpression"] += f" SET {', '.join(f'#{field} = :{field}' for field in given)}"
            update["ExpressionAttributeValues"] = {f":{field}": value for field, value in given.items()}
        try:
            response = self._client.update_item(**update)
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        was = response["Attributes"]
        kept = {name: value for name, value in was.items() if name not in changes}
        return Updated(_user(was), _user({**kept, **given}))

    def delete(self, user_id: str, at: str) -> User | None:
        """Leave of the user's profile only that there was one, so that none comes into being again."""
        item: Item = {
            "userId": {"S": user_id},
            "deletedAt": {"S": at},
            "signedOutAt": {"N": str(SEQ_MAX)},  # every token has been issued before
        }
        response = self._client.put_item(TableName=self._table, Item=item, ReturnValues="ALL_OLD")
        was = response.get("Attributes", {})
        return _user(was) if "username" in was else None

    def sign_out(self, user_id: str, at: int) -> None:
        """Take note that the user signed out everywhere, at a time in seconds since the epoch."""
        self._client.update_item(
            TableName=self._table,
            Key={"userId": {"S": user_id}},
            UpdateExpression="SET signedOutAt = :at REMOVE pushSubscriptions",
            ExpressionAttributeValues={":at": {"N": str(at)}},
        )

    def signed_out_at(self, user_id: str) -> int:
        """When the user last signed out everywhere, in seconds since the epoch; 0: never."""
        response = self._client.get_item(
            TableName=self._table,
            Key={"userId": {"S": user_id}},
            ConsistentRead=True,
            ProjectionExpression="signedOutAt",
        )
        return int(response.get("Item", {}).get("signedOutAt", {"N": "0"})["N"])

    def search(self, prefix: str, limit: int) -> tuple[Sequence[User], bool]:
        """Up to `limit` users whose names begin with `prefix`, in any case; whether there are more."""
        lower = prefix.lower()
        response = self._client.query(
            TableName=self._table,
            IndexName="ByUsernamePrefix",
            KeyConditionExpression="usernamePrefix = :partition AND begins_with(usernameLower, :prefix)",
            ExpressionAttributeValues={":partition": {"S": lower[:PREFIX_LENGTH]}, ":prefix": {"S": lower}},
            Limit=limit + 1,
        )
        items = response["Items"]
        return [_user(item) for item in items[:limit]], len(items) > limit


def _user(item: Item) -> User:
    display_name = item["displayName"]["S"] if "displayName" in item else UNSET
    about = item["about"]["S"] if "about" in item else UNSET
    avatar = item["avatar"]["S"] if "avatar" in item else UNSET
    return User(item["userId"]["S"], item["username"]["S"], display_name, about, avatar)
