"""Answers joinChat: makes the caller a member of a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import chats, handlers
from chat.protocol.client_frames import JoinChat
from chat.protocol.server_frames import Joined

if TYPE_CHECKING:
    from chat.websocket import Caller

join = chats.join()


def answer(caller: Caller, frame: JoinChat) -> Joined:
    """Join."""
    return Joined(chat=join(caller.user_id, frame.chat_id, caller.connection.id))


handler = handlers.route(JoinChat, answer)
