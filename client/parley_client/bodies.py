"""What the HTTP API answers, as frozen types. docs/protocol.md is the source."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .values import Acked, Change, ChatSummary, Member, Message, Presence, User


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What opens one WebSocket, once, within its short life."""

    ticket: str
    expires_at: datetime


class Chats(msgspec.Struct, frozen=True, kw_only=True):
    """A page of chats; `next` leads to the following one."""

    chats: tuple[ChatSummary, ...]
    next: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of messages in ascending order, and whether there is more in the direction asked."""

    messages: tuple[Message, ...]
    has_more: bool = False


class Ack(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the sent messages are, and what others wrote in between."""

    chat_id: str
    messages: tuple[Acked, ...]
    missed: tuple[Message, ...] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change that was made, or had been made before."""

    chat_id: str
    change: Change


class Members(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who is in a group, or who owns and administers a channel, as of the chat's change `last_change`."""

    chat_id: str
    members: tuple[Member, ...]
    last_change: int


class Channel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A channel as anyone finds it."""

    chat_id: str
    name: str


class Channels(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Channels in the order of their names."""

    channels: tuple[Channel, ...]
    has_more: bool = False


class Watermarks(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far a member holds and has read a chat."""

    chat_id: str
    user_id: str
    delivered_seq: int = 0
    read_seq: int = 0


class Presences(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who of a chat's other members is online."""

    chat_id: str
    users: tuple[Presence, ...]


class UnreadChat(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much of a chat is unread."""

    chat_id: str
    last_seq: int
    read_seq: int
    unread: int


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """How much is unread, in all of a user's chats."""

    total: int
    chats: tuple[UnreadChat, ...]


class Users(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Users found; `next` leads to the following page of a list of blocks."""

    users: tuple[User, ...]
    has_more: bool = False
    next: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message that was found."""

    chat_id: str
    message: Message


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, the newest first; where `next` is, there is more to search."""

    hits: tuple[Hit, ...]
    next: str | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a file is to be posted, with which fields, and how a message refers to it then."""

    media_id: str
    url: str
    fields: dict[str, str]
    expires_at: datetime


class Download(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file's link, good for whoever has it, for a while."""

    url: str
    expires_at: datetime


class AvatarsLink(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The link to all avatars, with `{userId}` and `{avatar}` to be filled in, good until `expires_at`."""

    url: str
    expires_at: datetime


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for is so; there is nothing to tell."""


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message that was shown to those who run the service."""

    report_id: str
    reported_at: datetime


class Deletion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The account is being deleted."""

    requested_at: datetime


class Export(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far an archive is: `preparing`, or `ready` with a link that works until `expires_at`."""

    status: str
    requested_at: datetime
    url: str | None = None
    expires_at: datetime | None = None


class PushKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser subscribes to notifications with."""

    key: str


class Subscribed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """By which id a browser's subscription is ended."""

    subscription_id: str
