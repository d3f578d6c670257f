"""Which frame answers which, and which the service sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.protocol import client_frames as asked
from chat.protocol import server_frames as answers

if TYPE_CHECKING:
    import msgspec

ANSWERS: dict[type[msgspec.Struct], type[msgspec.Struct]] = {
    asked.SendMessage: answers.Ack,
    asked.GetMessages: answers.Messages,
    asked.Sync: answers.Synced,
    asked.EditMessage: answers.Changed,
    asked.DeleteMessage: answers.Changed,
    asked.React: answers.Changed,
    asked.MarkDelivered: answers.Receipt,
    asked.MarkRead: answers.Receipt,
    asked.Type: answers.Typing,
    asked.JoinChat: answers.Joined,
    asked.LeaveChat: answers.Left,
    asked.GetPresence: answers.Presences,
    asked.GetUsers: answers.Users,
    asked.Ping: answers.Pong,
}
"""The answer to each frame of a client; an `error` may come in its place."""

PUSHED: tuple[type[msgspec.Struct], ...] = (
    answers.MessagePosted,
    answers.Changed,
    answers.Receipt,
    answers.Typing,
    answers.Presences,
    answers.Joined,
    answers.Left,
)
"""What comes without being asked for."""
