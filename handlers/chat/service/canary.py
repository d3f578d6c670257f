"""Chats as two synthetic users do, and measures whether a message arrives and how soon."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from chat import metrics
from chat.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.ports.canary import Chatters, Socket

LOGGER = logging.getLogger("chat")

SENDER, READER = "parley-canary-sender", "parley-canary-reader"
TEXT = "Is anybody there?"


class Canary:
    """One round: sign in, open the chat, connect both, send, and see it acked and delivered."""

    def __init__(self, chatters: Chatters, new_message_id: Callable[[], str]) -> None:
        """Chat as `chatters`; `new_message_id` makes the id of each message."""
        self._chatters = chatters
        self._new_message_id = new_message_id
        self._step = ""

    def __call__(self) -> None:
        """Chat once, and record whether it went well; a failure is told and not raised: it is a result."""
        self._step = "begin"
        try:
            delivered_ms = self._chat()
        except Exception:
            LOGGER.exception("canary_failed", extra={"fields": {"step": self._step}})
            metrics.record(Metric.CANARY_SUCCESS, 0)
            return
        metrics.record(Metric.CANARY_SUCCESS)
        metrics.record(Metric.CANARY_DELIVERY, delivered_ms)

    def _chat(self) -> float:
        """Give the milliseconds from the send to its arrival."""
        with ExitStack() as connections:
            self._step = "sign in"
            sender, reader = (self._chatters.sign_in(name) for name in (SENDER, READER))
            self._step = "open the chat"
            reader.open_chat(sender.user_id)  # which makes the reader's profile, too
            chat_id = sender.open_chat(reader.user_id)
            after = sender.last_number(chat_id)
            self._step = "connect"
            sockets = [who.connect() for who in (sender, reader)]
            for socket in sockets:
                connections.callback(socket.close)
            return self._send(chat_id, after, *sockets)

    def _send(self, chat_id: str, after: int, sent_by: Socket, read_by: Socket) -> float:
        self._step = "send"
        message_id = self._new_message_id()
        started = time.perf_counter()
        messages = [{"id": message_id, "text": TEXT}]
        sent_by.send({"action": "sendMessage", "chatId": chat_id, "after": after, "messages": messages})
        self._step = "be acked"
        acked = sent_by.receive("ack")["messages"]
        self._step = "be delivered"
        while read_by.receive("message")["message"]["id"] != message_id:
            pass
        delivered_ms = round((time.perf_counter() - started) * 1_000, 1)
        if [message["id"] for message in acked] != [message_id]:
            raise ValueError("The ack is of another message.")
        return delivered_ms
