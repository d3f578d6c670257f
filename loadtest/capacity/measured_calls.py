"""What each operation of the chat asks of AWS, as tests/handlers counts it: nothing here is guessed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "measured_calls.json"


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requests of one operation on one table, or posts to connections, or messages of a queue."""

    operation: str
    table: str
    """With a slash and an index's name where that is read."""
    consistent: bool
    """Whether it is a strongly consistent read; another costs half."""
    requests: int
    items: int
    """How many items the requests name in all."""
    bytes: int
    """Of what is put, posted or queued; 0 where the requests carry no content."""


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A frame, an HTTP request or a task of the queue, in an environment that has not seen the chat."""

    calls: tuple[Call, ...]
    each_chat: tuple[Call, ...] = ()
    """What each chat adds, where an operation is about several."""
    request_bytes: int = 0
    response_bytes: int = 0
    each_chat_response_bytes: int = 0


class ItemSizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes by DynamoDB's rules."""

    member: int
    """What a member adds to a group's roster."""
    membership: int
    """A member's own item of a chat."""


class MeasuredCalls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that was counted."""

    text: int
    """Characters of the message that was sent while counting."""
    operations: dict[str, Operation]
    items: ItemSizes


@cache
def load_measured_calls(path: Path = FILE) -> MeasuredCalls:
    """The counts of a file, parsed once.

    Raises:
        msgspec.ValidationError: the file is not of this form.
    """
    return msgspec.json.decode(path.read_bytes(), type=MeasuredCalls)
