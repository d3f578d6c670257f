"""Answers ping, and on $default every frame that names no action of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chat.bootstrap import handlers
from chat.codec import decode
from chat.errors import ChatError
from chat.protocol.client_frames import Ping
from chat.protocol.server_frames import Pong

if TYPE_CHECKING:
    from chat.websocket import Caller


class _Named(msgspec.Struct, frozen=True):
    """A frame of which only the action is read, of whatever type."""

    action: Any = None


def read(body: str) -> Ping:
    """Read a ping; ChatError `not_json`, `bad_request` or `unknown_action` for anything else."""
    if decode(body, _Named).action != "ping":
        raise ChatError("unknown_action")
    return decode(body, Ping)


def answer(_caller: Caller, _frame: Ping) -> Pong:
    """Answer a ping."""
    return Pong()


handler = handlers.reading_route(read, answer)
