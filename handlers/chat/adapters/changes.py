"""The logs of changes, in the table of messages: key `<chatId>#changes` and the change's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from chat.adapters.former_chats import former_write
from chat.adapters.messages import message_key, read_messages, replacement
from chat.adapters.rosters import admission_write, dismissal_write, rank_write, roster_write
from chat.changes import Admitted, ChangePage, Dismissed, MessageVersion, Ranked, RosterVersion
from chat.domain import CHANNEL, Change, Member, Message, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from chat.adapters.aws import Item
    from chat.changes import Effect

REFUSALS = {"ConditionalCheckFailed", "TransactionConflict"}
"""Why a transaction is cancelled when another change came first, or is under way."""


class ChangesTable:
    """Serves `ports.Changes`."""

    def __init__(self, client: DynamoDBClient, messages_table: str, chats_table: str = "") -> None:
        """Use the table of messages with this name; changes of who is in a chat write the table of chats."""
        self._client = client
        self._table = messages_table
        self._chats_table = chats_table

    def tail(self, chat_id: str) -> int:
        """The number of the chat's last change, 0 when there is none."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :log",
            ExpressionAttributeValues={":log": {"S": _log_of(chat_id)}},
            ProjectionExpression="seq",
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
        )
        return int(response["Items"][0]["seq"]["N"]) if response["Items"] else 0

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """Write a change and its effects at once; False when its number or a version was not as thought."""
        put: Any = {
            "Put": {
                "TableName": self._table,
                "Item": _item(chat_id, change),
                "ConditionExpression": "attribute_not_exists(seq)",
            }
        }
        writes = [self._write(chat_id, effect) for effect in effects]
        writes += [former_write(self._chats_table, user_id, chat_id) for user_id in _leaving(effects)]
        try:
            self._client.transact_write_items(TransactItems=[put, *writes])
        except self._client.exceptions.TransactionCanceledException as canceled:
            reasons = {reason.get("Code") for reason in canceled.response.get("CancellationReasons", ())}
            if not reasons & REFUSALS:
                raise
            return False
        return True

    def _write(self, chat_id: str, effect: Effect) -> TransactWriteItemTypeDef:
        match effect:
            case MessageVersion():
                return replacement(self._table, chat_id, effect.message, effect.was)
            case RosterVersion():
                return roster_write(self._chats_table, effect.roster)
            case Admitted():
                return admission_write(self._chats_table, effect)
            case Dismissed():
                return dismissal_write(self._chats_table, effect)
            case Ranked():
                return rank_write(self._chats_table, effect)

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """Up to `limit` (at most 100) changes that follow `number`; a message that is gone is left out."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="chatId = :log AND seq > :number",
            ExpressionAttributeValues={":log": {"S": _log_of(chat_id)}, ":number": {"N": str(number)}},
            ConsistentRead=True,
            Limit=limit + 1,
        )
        items: Sequence[Item] = response["Items"][:limit]
        seqs = {int(item["messageSeq"]["N"]) for item in items if "messageSeq" in item}
        messages = read_messages(self._client, self._table, chat_id, seqs) if seqs else {}
        has_more = len(response["Items"]) > limit or "LastEvaluatedKey" in response
        return ChangePage([_change(item, messages) for item in items], has_more)


def _leaving(effects: Sequence[Effect]) -> Iterator[str]:
    """Who may have written and is out now, or may go without a change, as members of a channel do."""
    for effect in effects:
        match effect:
            case Dismissed():
                yield effect.user_id
            case Ranked(role="member") if kind_of(effect.chat_id) == CHANNEL:
                yield effect.user_id


def _log_of(chat_id: str) -> str:
    """The partition of the chat's changes, which is no chat's id: no user's id has a `#`."""
    return f"{chat_id}#changes"


def _item(chat_id: str, change: Change) -> Item:
    """Of a message only its number is kept: it is read as it is then."""
    item: Item = message_key(_log_of(chat_id), change.number)
    item |= {"changedBy": {"S": change.by}, "changedAt": {"S": change.at}}
    if change.message is not UNSET:
        item["messageSeq"] = {"N": str(change.message.seq)}
    if change.name is not UNSET:
        item["name"] = {"S": change.name}
    if change.members is not UNSET:
        item["members"] = {"L": [_member_item(member) for member in change.members]}
    if change.removed is not UNSET:
        item["removed"] = {"L": [{"S": user_id} for user_id in change.removed]}
    return item


def _change(item: Item, messages: Mapping[int, Message]) -> Change:
    return Change(
        number=int(item["seq"]["N"]),
        by=item["changedBy"]["S"],
        at=item["changedAt"]["S"],
        message=messages.get(int(item["messageSeq"]["N"]), UNSET) if "messageSeq" in item else UNSET,
        name=item["name"]["S"] if "name" in item else UNSET,
        members=[_member(member["M"]) for member in item["members"]["L"]] if "members" in item else UNSET,
        removed=[user_id["S"] for user_id in item["removed"]["L"]] if "removed" in item else UNSET,
    )


def _member_item(member: Member) -> Item:
    item: Item = {"userId": {"S": member.user_id}, "role": {"S": member.role}}
    if member.member_since is not UNSET:
        item["since"] = {"N": str(member.member_since)}
    return {"M": item}


def _member(item: Item) -> Member:
    since = int(item["since"]["N"]) if "since" in item else UNSET
    return Member(item["userId"]["S"], item["role"]["S"], member_since=since)
