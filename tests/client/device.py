"""A device of the session's property tests: its session, what runs for it, and its watchful application."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from parley_client import events
from parley_client.chats import Snapshot
from parley_client.policy import Policy
from parley_client.session import Session
from parley_client.values import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.model_service import ModelService

LEAVABLE = {"g:1", "c:1"}
"""Chats that bob comes into and leaves."""
POLICY = Policy(frame_messages=3, sync_chats=1, pings_per_listing=2)


def chance(seed: int) -> Callable[[], float]:
    """Return a source of numbers that a run repeats."""
    return random.Random(seed).random  # noqa: S311 - delays, not secrets


@dataclass
class Device:
    """One client: its session, what runs for it, and what its application has seen."""

    user: str
    session: Session = field(default_factory=lambda: Session(POLICY, chance(7), Snapshot()))
    life: int = 0
    opening: list[int] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    timers: list[str] = field(default_factory=list)
    listings: list[int] = field(default_factory=list)
    owed: dict[str, int] = field(default_factory=dict)
    views: dict[str, dict[int, Message]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    written: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)

    def observe(self, event: events.Event, service: ModelService) -> None:
        """Play the application: hold every event against the service's log."""
        match event:
            case events.MessageReceived(chat_id=chat_id, message=message):
                view = self.views.setdefault(chat_id, {})
                last = max(view, default=0)
                assert message.seq > last, "messages come in order, once"
                assert message.seq == last + 1 or chat_id in LEAVABLE, "no hole where nobody was away"
                assert service.logs[chat_id][message.seq - 1]["id"] == message.id, "one order for everyone"
                view[message.seq] = message
            case events.MessageChanged(chat_id=chat_id, change=change):
                assert change.message is not None
                held = self.views.get(chat_id, {}).get(change.message.seq)
                assert held is None or held.id == change.message.id
                assert held is None or held.change < change.message.change, "versions only go forward"
                if held is not None:
                    self.views[chat_id][change.message.seq] = change.message
            case events.ChatLeft(chat_id=chat_id):
                assert chat_id in LEAVABLE
                self.views.pop(chat_id, None)
            case events.MessageSent() | events.MessageRefused():
                self.settled(event, service)
            case events.CaughtUp():
                for chat_id, tail in self.owed.items():
                    if chat_id not in LEAVABLE:
                        assert max(self.views.get(chat_id, {}), default=0) >= tail, (
                            "level with when it opened"
                        )
            case events.HistoryReset():
                raise AssertionError("the service has lost nothing")

    def settled(self, event: events.MessageSent | events.MessageRefused, service: ModelService) -> None:
        """Hold what became of a send against the service's log."""
        match event:
            case events.MessageSent(chat_id=chat_id, message=message):
                assert message.id not in self.sent, "one ack a message"
                assert service.logs[chat_id][message.seq - 1]["id"] == message.id, "an ack is a promise"
                self.sent[message.id] = message.seq
            case events.MessageRefused(chat_id=chat_id, id=message_id, code=code, definite=definite):
                assert (code, chat_id in LEAVABLE) == ("unknown_chat", True)
                landed = {message["id"] for message in service.logs[chat_id]}
                assert not definite or message_id not in landed, "what is definitely refused was not written"
                self.refused.add(message_id)

    def must_equal(self, service: ModelService, chat_id: str) -> None:
        """Hold what this device shows and knows of a chat against what the service has."""
        known, chat = self.session.chat(chat_id), service.chats[chat_id]
        if self.user not in chat.members:
            assert known is None
            assert chat_id not in self.views
            return
        assert known is not None
        theirs = service.summary(self.user, chat_id)
        visible = msgspec.convert(chat.log[theirs["visibleAfter"] :], list[Message])
        view = self.views.get(chat_id, {})
        assert [view.get(message.seq) for message in visible] == visible
        held = [message for message in known.messages if message.seq > theirs["visibleAfter"]]
        assert held == visible[len(visible) - len(held) :], "what is held are the latest messages"
        assert (known.name or "", known.role) == (chat.name, theirs["role"])
        ends = (theirs["lastSeq"], theirs["lastChange"], theirs["visibleAfter"], theirs["unread"])
        assert (known.last_seq, known.last_change, known.visible_after, known.unread) == ends
        if known.members is not None:
            roles = {user: member.role for user, member in known.members.items()}
            assert roles == {user: member.role for user, member in chat.members.items()}
        for user, mark in known.marks.items():
            if user in chat.members and user != self.user:
                member = chat.members[user]
                assert mark.read_seq <= member.read, "no mark of an earlier membership is shown"
                assert mark.read_seq <= mark.delivered_seq <= member.delivered
