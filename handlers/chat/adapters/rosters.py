"""Groups and channels as items: META, which has the roster, and MEMBER#userId, which is the member's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.retention import shard_of
from chat.domain import CHANNEL, kind_of
from chat.ports.chats import Standing, Watermarks
from chat.roster import Place, Roster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from chat.adapters.aws import Item
    from chat.changes import Admitted, Dismissed, Ranked
    from chat.domain import Role

DIRECTORY = {"S": "channels"}
"""The one partition of the index ByDirectory, in which all channels lie by their names."""


def meta_key(chat_id: str) -> Item:
    """The key of a chat's META item."""
    return {"chatId": {"S": chat_id}, "sk": {"S": "META"}}


def member_key(chat_id: str, user_id: str) -> Item:
    """The key of a member's item."""
    return {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{user_id}"}}


def creation(table: str, roster: Roster) -> Iterator[TransactWriteItemTypeDef]:
    """The transaction that creates a group or channel with its members, unless it exists."""
    meta: Item = {
        **meta_key(roster.chat_id),
        "kind": {"S": roster.kind},
        "history": {"S": roster.history},
        "createdBy": {"S": roster.created_by},
        "createdAt": {"S": roster.created_at},
        "shard": {"S": shard_of(roster.chat_id)},
        **_altered(roster),
    }
    yield {"Put": {"TableName": table, "Item": meta, "ConditionExpression": "attribute_not_exists(chatId)"}}
    for user_id, place in roster.places.items():
        yield {
            "Put": {
                "TableName": table,
                "Item": member_item(roster.chat_id, user_id, place, roster.created_at),
            }
        }


def roster_write(table: str, roster: Roster) -> TransactWriteItemTypeDef:
    """The part of a transaction that writes a roster in place of the one before it.

    It has no condition: the number of the change, in the same transaction, keeps out every other change.
    """
    altered = _altered(roster)
    return {
        "Update": {
            "TableName": table,
            "Key": meta_key(roster.chat_id),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in altered),
            "ExpressionAttributeNames": {f"#{name}": name for name in altered},
            "ExpressionAttributeValues": {f":{name}": value for name, value in altered.items()},
        }
    }


def admission_write(table: str, admitted: Admitted) -> TransactWriteItemTypeDef:
    """The part of a transaction that makes somebody a member."""
    chat_id, user_id, place, at = admitted
    return {"Put": {"TableName": table, "Item": member_item(chat_id, user_id, place, at)}}


def dismissal_write(table: str, dismissed: Dismissed) -> TransactWriteItemTypeDef:
    """The part of a transaction that ends a membership."""
    return {"Delete": {"TableName": table, "Key": member_key(dismissed.chat_id, dismissed.user_id)}}


def rank_write(table: str, ranked: Ranked) -> TransactWriteItemTypeDef:
    """The part of a transaction that gives a member another role.

    Who joined a channel leaves it without a change that this one would meet: hence the condition.
    """
    return {
        "Update": {
            "TableName": table,
            "Key": member_key(ranked.chat_id, ranked.user_id),
            "UpdateExpression": "SET #role = :role",
            "ConditionExpression": "attribute_exists(userId)",
            "ExpressionAttributeNames": {"#role": "role"},
            "ExpressionAttributeValues": {":role": {"S": ranked.role}},
        }
    }


def member_item(chat_id: str, user_id: str, place: Place, at: str) -> Item:
    """A new member's item; `at` is when they joined."""
    return {
        **member_key(chat_id, user_id),
        "userId": {"S": user_id},
        "role": {"S": place.role},
        "from": {"N": str(place.visible_after)},
        "since": {"N": str(place.since)},
        "joinedAt": {"S": at},
    }


def read_roster(item: Item) -> Roster:
    """Read a META item of a group or channel."""
    chat_id = item["chatId"]["S"]
    return Roster(
        chat_id=chat_id,
        kind=kind_of(chat_id) or "",
        name=item["name"]["S"],
        history=item["history"]["S"],
        created_by=item["createdBy"]["S"],
        created_at=item["createdAt"]["S"],
        places={user_id: _place(place["M"]) for user_id, place in item["members"]["M"].items()},
    )


def read_standing(item: Item) -> Standing:
    """Read a member's item; a direct chat's has neither role nor beginning: both are members for good."""
    read = int(item["readSeq"]["N"]) if "readSeq" in item else 0
    delivered = int(item["deliveredSeq"]["N"]) if "deliveredSeq" in item else 0
    visible_after = int(item["from"]["N"]) if "from" in item else 0
    since = int(item["since"]["N"]) if "since" in item else 0
    return Standing(
        chat_id=item["chatId"]["S"],
        role=_role(item["role"]) if "role" in item else "member",
        watermarks=Watermarks(max(delivered, read), read, visible_after, since),
        muted_until=item["mutedUntil"]["S"] if "mutedUntil" in item else None,
    )


def _altered(roster: Roster) -> Item:
    """The attributes that changes alter; a channel's name is in the directory too."""
    altered: Item = {
        "name": {"S": roster.name},
        "members": {"M": {user_id: _place_item(place) for user_id, place in roster.places.items()}},
    }
    if roster.kind == CHANNEL:
        altered |= {"directory": DIRECTORY, "nameLower": {"S": roster.name.lower()}}
    return altered


def _place_item(place: Place) -> Item:
    return {
        "M": {
            "role": {"S": place.role},
            "from": {"N": str(place.visible_after)},
            "since": {"N": str(place.since)},
        }
    }


def _place(item: Item) -> Place:
    return Place(_role(item["role"]), int(item["from"]["N"]), int(item["since"]["N"]))


def _role(value: Any) -> Role:  # noqa: ANN401 - an attribute value as DynamoDB's API writes it
    role: Role = value["S"]
    return role
