"""Answers sendMessage: appends the messages to the chat and brings them to its other devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat import metrics
from chat.bootstrap import handlers, limits, messages
from chat.metrics import Metric
from chat.protocol.client_frames import SendMessage
from chat.protocol.server_frames import Ack

if TYPE_CHECKING:
    from chat.websocket import Caller

limit = limits.limiter("send")
send = messages.send()


def answer(caller: Caller, frame: SendMessage) -> Ack:
    """Send, and ack."""
    with metrics.timed(Metric.SEND_DURATION):
        limit(caller.user_id, len(frame.messages))
        sent = send(caller.user_id, frame.chat_id, frame.after, frame.messages, caller.connection.id)
    metrics.record(Metric.MESSAGES_SENT, len(sent.messages))
    return Ack(chat_id=sent.chat_id, messages=sent.messages, missed=sent.missed)


handler = handlers.route(SendMessage, answer)
