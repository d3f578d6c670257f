"""Makes what tells how far members have got, and who is writing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.service.receipts import MarkReceipts
    from chat.service.typing import RelayTyping
    from chat.service.unread import UnreadCounts

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def mark_receipts() -> MarkReceipts:
    """Moves watermarks."""
    from chat.service.receipts import MarkReceipts

    return MarkReceipts(
        shared.membership(), shared.known_chats(), adapters.messages(), adapters.receipts(), shared.deliver()
    )


@cache
def unread_counts() -> UnreadCounts:
    """Counts what is unread."""
    from chat.service.unread import UnreadCounts

    return UnreadCounts(adapters.chats(), adapters.messages())


@cache
def relay_typing() -> RelayTyping:
    """Tells who is writing."""
    from chat.adapters.clock import SystemClock
    from chat.service.typing import RelayTyping

    return RelayTyping(shared.membership(), shared.deliver(), SystemClock())
