"""Answers editMessage, deleteMessage and react: changes of messages that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.bootstrap import handlers, limits, messages
from chat.codec import decode
from chat.protocol.client_frames import DeleteMessage, EditMessage, React
from chat.protocol.server_frames import Changed

if TYPE_CHECKING:
    from chat.protocol.server_frames import ChangedBody
    from chat.websocket import Caller

FRAMES: Any = EditMessage | DeleteMessage | React
"""Told apart by `action`."""

limit = limits.limiter("send")
change_message = messages.change_message()


def read(body: str) -> EditMessage | DeleteMessage | React:
    """Read any of the frames."""
    frame: EditMessage | DeleteMessage | React = decode(body, FRAMES)
    return frame


def answer(caller: Caller, frame: EditMessage | DeleteMessage | React) -> Changed:
    """Change the message, and tell how it is now."""
    limit(caller.user_id)
    changed = _change(caller, frame)
    return Changed(chat_id=changed.chat_id, change=changed.change)


def _change(caller: Caller, frame: EditMessage | DeleteMessage | React) -> ChangedBody:
    user_id, but = caller.user_id, caller.connection.id
    match frame:
        case EditMessage(chat_id=chat_id, seq=seq, text=text):
            return change_message.edit(user_id, chat_id, seq, text, but)
        case DeleteMessage(chat_id=chat_id, seq=seq):
            return change_message.delete(user_id, chat_id, seq, but)
        case React(chat_id=chat_id, seq=seq, emoji=emoji):
            return change_message.react(user_id, chat_id, seq, emoji, but)


handler = handlers.reading_route(read, answer)
