"""Makes what posts to many."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.service.fan_out import FanOut
    from chat.service.notify import Notifier
    from chat.service.tell_presence import PresenceTeller

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def fan_out() -> FanOut:
    """Posts to many, for the fan-out queue."""
    from chat.service.fan_out import FanOut

    return FanOut(
        adapters.members(),
        adapters.connections(),
        shared.post(),
        adapters.fan_out_queue(),
        _presence_teller(),
        _notifier(),
    )


@cache
def _presence_teller() -> PresenceTeller:
    from chat.adapters.clock import SystemClock
    from chat.service.tell_presence import PresenceTeller

    return PresenceTeller(
        adapters.chats(),
        adapters.blocks(),
        adapters.connections(),
        adapters.last_seen(),
        shared.post(),
        adapters.fan_out_queue(),
        SystemClock(),
    )


def _notifier() -> Notifier:
    from chat.adapters.clock import SystemClock
    from chat.service.notify import Notifier

    queue = adapters.queue("PUSH_QUEUE_URL")
    return Notifier(
        adapters.subscriptions(),
        adapters.members(),
        adapters.blocks(),
        adapters.users(),
        queue,
        SystemClock(),
    )
