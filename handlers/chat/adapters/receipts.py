"""How far members have got: two attributes of their MEMBER items in the table of chats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.adapters.rosters import member_key, read_standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_dynamodb import DynamoDBClient

    from chat.domain import Mark
    from chat.ports.chats import Watermarks

ATTRIBUTES: Mapping[Mark, tuple[str, ...]] = {"delivered": ("deliveredSeq", "readSeq"), "read": ("readSeq",)}
"""What each mark is kept in, followed by what else tells that it stands there: what is read is delivered."""


class ReceiptsTable:
    """Serves `ports.Receipts`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Use the table of chats with this name."""
        self._client = client
        self._table = table

    def advance(self, chat_id: str, user_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool] | None:
        """Move a member's mark forward to `seq`; the marks then, and whether it moved. None for others.

        The condition tells a stranger, and a mark that stands there already, without a read of its own.
        """
        names = {f"#mark{number}": name for number, name in enumerate(ATTRIBUTES[mark])}
        lower = [f"(attribute_not_exists({name}) OR {name} < :seq)" for name in names]
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key=member_key(chat_id, user_id),
                UpdateExpression="SET #mark0 = :seq",
                ConditionExpression=" AND ".join(["attribute_exists(userId)", ":seq > :none", *lower]),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={":seq": {"N": str(seq)}, ":none": {"N": "0"}},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as failed:
            there: Any = failed.response.get("Item")
            return (read_standing(there).watermarks, False) if there else None
        return read_standing(response["Attributes"]).watermarks, True
