"""Answers sync: what the caller's chats hold above what the caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import handlers, messages
from chat.protocol.client_frames import Sync
from chat.protocol.server_frames import Synced

if TYPE_CHECKING:
    from chat.websocket import Caller

catch_up = messages.catch_up()


def answer(caller: Caller, frame: Sync) -> Synced:
    """Read what is new."""
    return Synced(chats=catch_up(caller.user_id, frame.chats, frame.changes))


handler = handlers.route(Sync, answer)
