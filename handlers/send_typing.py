"""Answers typing: tells the chat's other members that the caller is writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import handlers, limits, receipts
from chat.protocol.client_frames import Type

if TYPE_CHECKING:
    from chat.protocol.server_frames import Typing
    from chat.websocket import Caller

limit = limits.limiter("typing")
relay = receipts.relay_typing()


def answer(caller: Caller, frame: Type) -> Typing:
    """Relay it."""
    limit(caller.user_id)
    return relay(caller.user_id, frame.chat_id)


handler = handlers.route(Type, answer)
