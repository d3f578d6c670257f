"""Answers leaveChat: ends the caller's membership of a group or channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import chats, handlers
from chat.protocol.client_frames import LeaveChat

if TYPE_CHECKING:
    from chat.protocol.server_frames import Left
    from chat.websocket import Caller

leave = chats.leave()


def answer(caller: Caller, frame: LeaveChat) -> Left:
    """Leave."""
    return leave(caller.user_id, frame.chat_id, caller.connection.id)


handler = handlers.route(LeaveChat, answer)
