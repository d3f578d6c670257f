"""Renders docs/protocol.md's table of what the capacity model reckons with, from what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtest.capacity.measured_calls import load_measured_calls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from loadtest.capacity.measured_calls import Call

OPERATIONS = {
    "sendDirect": "send to a direct chat",
    "sendGroup": "send to a group of four",
    "sendChannel": "send to a channel",
    "fanOutChannel": "fan-out of a channel's slice of two",
    "sendToMany": "send where 30 devices are connected",
    "fanOutUsers": "fan-out to them",
    "markDirect": "mark in a direct chat",
    "markGroup": "mark in a group of four",
    "typingDirect": "typing in a direct chat",
    "typingGroup": "typing in a group of four",
    "ping": "ping",
    "ticket": "ticket",
    "authorize": "authorizer",
    "connect": "$connect",
    "disconnect": "$disconnect",
    "signIn": "a browser's sign-in by a provider",
    "renewSession": "its next access token",
    "endSession": "its end",
    "tellPresence": "fan-out of presence",
    "listChats": "list chats",
    "sync": "sync with changes",
}
"""What each counted operation is called."""
COLUMNS: dict[str, Collection[str]] = {
    "DynamoDB writes": {"DeleteItem", "PutItem", "UpdateItem"},
    "DynamoDB reads": {"GetItem", "BatchGetItem", "Query"},
    "SQS": {"SendMessage"},
    "posts": {"POST"},
}
"""Which requests each column tells."""


def cost_rows() -> list[list[str]]:
    """The table's heads, and a row an operation, in the order above.

    Raises:
        KeyError: something was counted that has no name or no column here.
    """
    operations = load_measured_calls().operations
    if unnamed := operations.keys() ^ OPERATIONS.keys():
        raise KeyError(f"{', '.join(sorted(unnamed))}: named or counted, and not both.")
    rows = [["", *COLUMNS]]
    for name, said in OPERATIONS.items():
        once, each = _columns(operations[name].calls), _columns(operations[name].each_chat)
        columns = [
            f"{one or 0}; each chat: {more}" if more else one or "0"
            for one, more in zip(once, each, strict=True)
        ]
        rows.append([said, *columns])
    return rows


def _columns(calls: Iterable[Call]) -> list[str]:
    told: dict[str, list[str]] = {column: [] for column in COLUMNS}
    for call in calls:
        (column,) = (column for column, requests in COLUMNS.items() if call.operation in requests)
        told[column].append(_call(call))
    return [", ".join(each) for each in told.values()]


def _call(call: Call) -> str:
    """Items are told where they are not as many as the requests: of one BatchGetItem, mostly."""
    if call.operation in {"POST", "SendMessage"}:
        return str(call.requests)
    if not call.requests:
        return f"{_items(call.items)} of `{call.table}`"
    told = f"{call.requests} {call.operation} of `{call.table}`"
    return told if call.items in {0, call.requests} else f"{told} ({_items(call.items)})"


def _items(number: int) -> str:
    return f"{number} item" if number == 1 else f"{number} items"
