"""The frames that the service sends, told apart by `type`, read tolerantly: what is not known is ignored."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .values import (
    Acked,
    Change,
    ChatSummary,
    Message,
    Presence,
    User,
)


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """What the service sends; it names the request that it answers, if it answers one."""

    request_id: str = ""


class AckFrame(ServerFrame, frozen=True, kw_only=True, tag="ack"):
    """The sent messages are durable at these numbers; `missed` is what others wrote in between."""

    chat_id: str
    messages: tuple[Acked, ...]
    missed: tuple[Message, ...] = ()


class MessageFrame(ServerFrame, frozen=True, kw_only=True, tag="message"):
    """A message, live."""

    chat_id: str
    message: Message


class ChatPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One chat's part of a sync answer."""

    chat_id: str
    messages: tuple[Message, ...] = ()
    changes: tuple[Change, ...] = ()
    has_more: bool = False


class SyncFrame(ServerFrame, frozen=True, kw_only=True, tag="sync"):
    """What the asked chats hold above the numbers sent."""

    chats: tuple[ChatPage, ...]


class MessagesFrame(ServerFrame, frozen=True, kw_only=True, tag="messages"):
    """A page of history."""

    chat_id: str
    messages: tuple[Message, ...]
    has_more: bool = False


class ChangedFrame(ServerFrame, frozen=True, kw_only=True, tag="changed"):
    """A change of a chat, live or as the answer to who made it."""

    chat_id: str
    change: Change


class ReceiptFrame(ServerFrame, frozen=True, kw_only=True, tag="receipt"):
    """How far a member, perhaps this user on another device, holds and has read a chat."""

    chat_id: str
    user_id: str
    delivered_seq: int = 0
    read_seq: int = 0
    member_since: int = 0


class TypingFrame(ServerFrame, frozen=True, kw_only=True, tag="typing"):
    """A member is writing, until `expires_at` at the latest."""

    chat_id: str
    user_id: str
    expires_at: datetime


class PresenceFrame(ServerFrame, frozen=True, kw_only=True, tag="presence"):
    """Who of a chat is online."""

    chat_id: str
    users: tuple[Presence, ...]


class ChatFrame(ServerFrame, frozen=True, kw_only=True, tag="chat"):
    """This user is in this chat now."""

    chat: ChatSummary


class LeftFrame(ServerFrame, frozen=True, kw_only=True, tag="left"):
    """This user is not in this chat any more."""

    chat_id: str


class UsersFrame(ServerFrame, frozen=True, kw_only=True, tag="users"):
    """The users found."""

    users: tuple[User, ...]


class PongFrame(ServerFrame, frozen=True, kw_only=True, tag="pong"):
    """A sign of life."""


class ErrorFrame(ServerFrame, frozen=True, kw_only=True, tag="error", omit_defaults=True):
    """A request was refused; `definite` says that it certainly had no effect."""

    code: str
    message: str = ""
    retryable: bool = False
    definite: bool = False
    chat_id: str | None = None
    retry_after_ms: int | None = None
    """How long to wait before the request is repeated."""


class GatewayErrorFrame(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """API Gateway's own error; its request id is not ours, so it names no request of this client."""

    message: str


class UnknownFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that this client cannot read, and why."""

    reason: str


Answer = MessagesFrame | ChangedFrame | ChatFrame | LeftFrame | PresenceFrame | UsersFrame | ErrorFrame
"""What answers a query."""
