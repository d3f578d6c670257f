"""What the session asks its driver to do. A driver carries effects out in order and invents nothing."""

from __future__ import annotations

import msgspec

from . import client_frames, events, server_frames
from .events import lower_camel


class Effect(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="effect", tag=lower_camel):
    """One thing to do."""


class OpenConnection(Effect, frozen=True, kw_only=True):
    """Get a ticket and open a WebSocket; answer with `opened` or `open_failed`, later with `lost`."""

    connection: int


class CloseConnection(Effect, frozen=True, kw_only=True):
    """Close a connection, or stop opening it."""

    connection: int


class SendFrame(Effect, frozen=True, kw_only=True):
    """Send a frame."""

    connection: int
    frame: client_frames.Request | client_frames.Ping


class StartTimer(Effect, frozen=True, kw_only=True):
    """Call `timer_fired` after `delay` seconds; a running timer of this name is replaced."""

    timer: str
    delay: float


class CancelTimer(Effect, frozen=True, kw_only=True):
    """Forget a timer."""

    timer: str


class ListChats(Effect, frozen=True, kw_only=True):
    """Fetch GET /chats; answer with `chats_listed` or `listing_failed`, naming this listing."""

    listing: int


class Notify(Effect, frozen=True, kw_only=True):
    """Hand an event to the application."""

    event: (
        events.MessageReceived
        | events.MessageSent
        | events.MessageRefused
        | events.ConnectionChanged
        | events.CaughtUp
        | events.HistoryReset
        | events.MessageChanged
        | events.ChatFound
        | events.ChatChanged
        | events.ChatUpdated
        | events.ChatLeft
        | events.ReceiptReceived
        | events.TypingChanged
        | events.PresenceChanged
    )


class AnswerQuery(Effect, frozen=True, kw_only=True):
    """Hand a query's answer to who asked."""

    request_id: str
    answer: server_frames.Answer


class FailQuery(Effect, frozen=True, kw_only=True):
    """Tell who asked that no answer came in time."""

    request_id: str
