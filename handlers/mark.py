"""Answers markDelivered and markRead: moves the caller's watermarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from chat.bootstrap import handlers, receipts
from chat.codec import decode
from chat.protocol.client_frames import MarkDelivered, MarkRead
from chat.protocol.server_frames import Receipt

if TYPE_CHECKING:
    from chat.websocket import Caller

FRAMES: Any = MarkDelivered | MarkRead
"""Told apart by `action`."""

mark = receipts.mark_receipts()


def read(body: str) -> MarkDelivered | MarkRead:
    """Read either frame."""
    frame: MarkDelivered | MarkRead = decode(body, FRAMES)
    return frame


def answer(caller: Caller, frame: MarkDelivered | MarkRead) -> Receipt:
    """Mark, and tell how far the caller has got."""
    marked = mark(caller.user_id, frame.chat_id, frame.marks, caller.connection.id)
    return Receipt(**structs.asdict(marked))


handler = handlers.reading_route(read, answer)
