"""The frames of receipts, presence and typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ulid import ULID

if TYPE_CHECKING:
    from e2e.support.sockets import Frame


def mark(action: str, chat_id: str, seq: int) -> Frame:
    """Make a markDelivered or markRead frame."""
    return {"action": action, "requestId": str(ULID()), "chatId": chat_id, "seq": seq}


def get_presence(chat_id: str) -> Frame:
    """Make a getPresence frame."""
    return {"action": "getPresence", "requestId": str(ULID()), "chatId": chat_id}


def typing(chat_id: str) -> Frame:
    """Make a typing frame."""
    return {"action": "typing", "requestId": str(ULID()), "chatId": chat_id}
