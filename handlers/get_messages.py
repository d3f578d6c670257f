"""Answers getMessages: a page of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import handlers, messages
from chat.protocol.client_frames import GetMessages
from chat.protocol.server_frames import Messages

if TYPE_CHECKING:
    from chat.websocket import Caller

history = messages.history()


def answer(caller: Caller, frame: GetMessages) -> Messages:
    """Read the page."""
    page = history(caller.user_id, frame.chat_id, frame.after, frame.before, frame.around, frame.limit)
    return Messages(chat_id=page.chat_id, messages=page.messages, has_more=page.has_more)


handler = handlers.route(GetMessages, answer)
