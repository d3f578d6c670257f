"""SQS's events, parsed once, and what is told of them: which messages of a batch failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from chat.errors import ChatError
from chat.invocation import carry_out
from chat.protocol.fan_out import FanOutTask

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]
_tasks: msgspec.json.Decoder[FanOutTask] = msgspec.json.Decoder(FanOutTask)


class _Record(msgspec.Struct, frozen=True, rename="camel"):
    message_id: str
    body: str


class _Event(msgspec.Struct, frozen=True):
    records: Sequence[_Record] = msgspec.field(name="Records")


def batches(work: Callable[[FanOutTask], None]) -> Handler:
    """Make the handler of the fan-out queue's batches: what failed returns to the queue, by itself alone."""

    def handler(event: Event, _context: object) -> dict[str, Any]:
        failed = [
            {"itemIdentifier": record.message_id}
            for record in msgspec.convert(event, _Event).records
            if not _is_done(record, work)
        ]
        return {"batchItemFailures": failed}

    return handler


def _is_done(record: _Record, work: Callable[[FanOutTask], None]) -> bool:
    ids = {"queueMessageId": record.message_id}
    result = carry_out("fanOut", ids, lambda: work(_tasks.decode(record.body)))
    return not isinstance(result, ChatError)
