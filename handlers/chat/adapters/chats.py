"""The table of chats: an item META a chat, an item MEMBER#userId a member, an index ByUser of the latter."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.adapters.aws import batch_get
from chat.adapters.retention import shard_of
from chat.adapters.rosters import creation, member_key, meta_key, read_roster, read_standing
from chat.domain import DIRECT, Member
from chat.ports.chats import ChatPage, Entered, Found

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from chat.adapters.aws import Item
    from chat.ports.chats import Standing
    from chat.roster import Roster

CREATE_ATTEMPTS = 5
CREATE_BACKOFF = 0.010
"""Seconds: after attempt n that met another transaction, wait a random part of base * 2**n."""


class ChatsTable:
    """Serves `ports.Chats`."""

    def __init__(self, client: DynamoDBClient, table: str, messages_table: str = "") -> None:
        """Use the table with this name; `look_up` and `enter` also read the messages table."""
        self._client = client
        self._table = table
        self._messages_table = messages_table

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """In one request: which of the users are members, and whether message `seq` exists; 0 always does."""
        keys = [key(chat_id, user_id) for user_id in user_ids for key in (member_key, _block_key)]
        found, has_message = self._read_with_message(chat_id, keys, seq, "chatId, userId")
        members = {item["userId"]["S"] for item in found if "userId" in item}
        return Found(members, has_message, blocked=len(members) < len(found))

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """In one request: a group or channel to one of its members, and whether message `seq` exists.

        None when there is no such chat or the user is not in it; message 0 always exists.
        """
        keys = [meta_key(chat_id), member_key(chat_id, user_id)]
        found, has_message = self._read_with_message(chat_id, keys, seq)
        items = {item["sk"]["S"]: item for item in found}
        if len(items) < len(keys):
            return None
        meta, member = (items[key["sk"]["S"]] for key in keys)
        return Entered(read_roster(meta), read_standing(member), has_message)

    def standing(self, chat_id: str, user_id: str) -> Standing | None:
        """What the chat is to the user; None when the user is not a member."""
        response = self._client.get_item(
            TableName=self._table, Key=member_key(chat_id, user_id), ConsistentRead=True
        )
        return read_standing(response["Item"]) if "Item" in response else None

    def standings(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, Standing]:
        """What those of the chats (at most 100) are to the user whose member the user is, by chat id."""
        keys = [member_key(chat_id, user_id) for chat_id in chat_ids]
        found = batch_get(self._client, {self._table: {"Keys": keys, "ConsistentRead": True}})
        return {item["chatId"]["S"]: read_standing(item) for item in found[self._table]}

    def names(self, chat_ids: Collection[str]) -> Mapping[str, str]:
        """The names of these groups and channels (at most 100), by chat id."""
        request = {
            "Keys": [meta_key(chat_id) for chat_id in chat_ids],
            "ConsistentRead": True,
            "ProjectionExpression": "chatId, #name",
            "ExpressionAttributeNames": {"#name": "name"},
        }
        found = batch_get(self._client, {self._table: request})
        return {item["chatId"]["S"]: item["name"]["S"] for item in found[self._table]}

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """The members of a group, in the order of their ids: 256 items are far from a second page."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :chat AND begins_with(sk, :member)",
            ExpressionAttributeValues={":chat": {"S": chat_id}, ":member": {"S": "MEMBER#"}},
            ConsistentRead=True,
        )
        return [_member(item) for item in response["Items"]]

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create a chat and its members at once; False when it exists, or one has blocked another."""
        meta: Item = {
            **meta_key(chat_id),
            "kind": {"S": DIRECT},
            "createdAt": {"S": created_at},
            "shard": {"S": shard_of(chat_id)},
        }
        absent = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(chatId)"}
        writes: list[Any] = [{"Put": {**absent, "Item": meta}}]
        for user_id in user_ids:
            member = {**member_key(chat_id, user_id), "userId": {"S": user_id}}
            writes.append({"Put": {"TableName": self._table, "Item": member}})
            writes.append({"ConditionCheck": {**absent, "Key": _block_key(chat_id, user_id)}})
        return self._create(writes)

    def create(self, roster: Roster) -> Roster:
        """Create a group or channel and its members at once, unless it exists; as it is then."""
        if self._create(list(creation(self._table, roster))):
            return roster
        response = self._client.get_item(
            TableName=self._table, Key=meta_key(roster.chat_id), ConsistentRead=True
        )
        return read_roster(response["Item"])

    def mute(self, chat_id: str, user_id: str, until: str | None) -> bool:
        """Mute the chat for the user, None: no longer; False when the user is not a member."""
        value: Any = {"ExpressionAttributeValues": {":until": {"S": until}}} if until else {}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=member_key(chat_id, user_id),
                UpdateExpression="SET mutedUntil = :until" if until else "REMOVE mutedUntil",
                ConditionExpression="attribute_exists(userId)",
                **value,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """A page of the chats of a user, which may lack what was created a moment ago."""
        start: Any = {}
        if after is not None:
            start = {"ExclusiveStartKey": {**member_key(after, user_id), "userId": {"S": user_id}}}
        response = self._client.query(
            TableName=self._table,
            IndexName="ByUser",
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
            Limit=limit,
            **start,
        )
        last = response.get("LastEvaluatedKey")
        standings = [read_standing(item) for item in response["Items"]]
        return ChatPage(standings, last["chatId"]["S"] if last else None)

    def _read_with_message(
        self, chat_id: str, keys: Sequence[Item], seq: int, attributes: str = ""
    ) -> tuple[Sequence[Item], bool]:
        """Read items of this table, and whether message `seq` exists, in one request where any is needed."""
        requests: dict[str, Any] = {}
        if keys:
            requests[self._table] = {"Keys": keys, "ConsistentRead": True}
            if attributes:
                requests[self._table]["ProjectionExpression"] = attributes
        if seq:
            requests[self._messages_table] = {
                "Keys": [{"chatId": {"S": chat_id}, "seq": {"N": str(seq)}}],
                "ConsistentRead": True,
                "ProjectionExpression": "seq",
            }
        found = batch_get(self._client, requests) if requests else {}
        return found.get(self._table, ()), not seq or bool(found[self._messages_table])

    def _create(self, writes: Sequence[TransactWriteItemTypeDef]) -> bool:
        """Write all, unless a condition fails; whether it was written."""
        attempt = 1
        while True:
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as canceled:
                reasons = {reason.get("Code") for reason in canceled.response.get("CancellationReasons", ())}
                if "ConditionalCheckFailed" in reasons:
                    return False
                if attempt >= CREATE_ATTEMPTS:  # others keep creating the chat at the same moment
                    raise
                time.sleep(random.random() * CREATE_BACKOFF * 2**attempt)  # noqa: S311 - jitter
                attempt += 1
            else:
                return True


def _block_key(chat_id: str, user_id: str) -> Item:
    """Of what says that the user has blocked the other one of a direct chat; it names nobody as `userId`."""
    return {"chatId": {"S": chat_id}, "sk": {"S": f"BLOCK#{user_id}"}}


def _member(item: Item) -> Member:
    standing = read_standing(item)
    marks = standing.watermarks
    return Member(
        item["userId"]["S"], standing.role, marks.delivered_seq, marks.read_seq, marks.since or UNSET
    )
