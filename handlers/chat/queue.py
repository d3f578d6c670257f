"""SQS's events, parsed once, and what is told of them: which messages of a batch failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from chat.errors import ChatError
from chat.invocation import carry_out

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]
_Task = TypeVar("_Task")


class _Attribute(msgspec.Struct, frozen=True, rename="camel"):
    string_value: str = ""


class _Record(msgspec.Struct, frozen=True, rename="camel"):
    message_id: str
    body: str
    message_attributes: Mapping[str, _Attribute] = {}

    @property
    def ids(self) -> dict[str, str]:
        """What its task is logged with: its own id, and that of the request that it comes from, if any."""
        origin = self.message_attributes.get("requestId")
        return {"queueMessageId": self.message_id} | ({"requestId": origin.string_value} if origin else {})


class _Event(msgspec.Struct, frozen=True):
    records: Sequence[_Record] = msgspec.field(name="Records")


def batches(action: str, task: type[_Task], work: Callable[[_Task], None]) -> Handler:
    """Make the handler of a queue's batches: what failed returns to the queue, by itself alone.

    Args:
        action: what the log calls it.
        task: what each message of the queue holds.
        work: carries a task out.
    """
    tasks = msgspec.json.Decoder(task)

    def is_done(record: _Record) -> bool:
        result = carry_out(action, record.ids, lambda: work(tasks.decode(record.body)))
        return not isinstance(result, ChatError)

    def handler(event: Event, _context: object) -> dict[str, Any]:
        records = msgspec.convert(event, _Event).records
        failed = [{"itemIdentifier": record.message_id} for record in records if not is_done(record)]
        return {"batchItemFailures": failed}

    return handler
