"""What a chat is: its values, their limits, who is in it and how its messages are numbered. Pure, no I/O."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.attachments import Attachment

TEXT_LIMIT = 4_096
"""Characters in a message's text."""
CHAT_ID_LIMIT = 160
"""Characters in a chat's id."""
FRAME_MESSAGE_LIMIT = 25
"""Messages in one sendMessage frame."""
PAGE_LIMIT = 100
"""Messages, or chats, in one page."""
PAGE_BYTES = 80 * 1_024
"""Encoded messages in one answer. One more may exceed it, which still stays below API Gateway's 128 KB."""
CONNECTION_LIFETIME = 2 * 60 * 60
"""Seconds after which API Gateway ends a connection."""
CONNECTION_MARGIN = 5 * 60
"""Seconds past its lifetime after which a connection is certainly gone."""
CONNECT_TIMEOUT = 30
"""Seconds within which API Gateway opens a connection or gives it up; while it opens, posts to it get 410."""
TICKET_LIFETIME = 60
"""Seconds in which a ticket opens a connection."""
PERMISSION_LIFETIME = 10
"""Seconds for which an environment trusts that a direct chat's members may write; so soon a block holds."""
TYPING_LIFETIME = 6
"""Seconds for which a member is shown as writing; a client that goes on says so again before."""
SEQ_MAX = 2**53 - 1
"""The highest sequence number: every JSON reader holds it exactly."""
GROUP_LIMIT = 256
"""Members of a group."""
REACTION_LIMIT = 256
"""Reactions to one message, one a member."""
MENTION_LIMIT = 20
"""Members that one message mentions."""

MessageId = Annotated[str, Meta(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")]
"""A ULID made by the client: 26 characters of Crockford's base 32, upper case."""
UserId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
"""The `sub` of a user's tokens."""
ChatId = Annotated[str, Meta(min_length=1, max_length=CHAT_ID_LIMIT)]
Text = Annotated[str, Meta(min_length=1, max_length=TEXT_LIMIT)]
TextOrNone = Annotated[str, Meta(min_length=0, max_length=TEXT_LIMIT)]
Seq = Annotated[int, Meta(ge=0, le=SEQ_MAX)]
"""A message's number in its chat, from 1; 0 stands for before the first."""
ChatName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
Emoji = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^\S+\Z")]
"""A reaction: one emoji, which may be several code points."""
Mentions = Annotated[Sequence[UserId], Meta(min_length=1, max_length=MENTION_LIMIT)]
ReplyTo = Annotated[int, Meta(ge=1, le=SEQ_MAX)]

DIRECT = "direct"
"""The kind of a chat between two users, whose id says who they are."""
GROUP = "group"
"""The kind of a chat of up to 256 members whom owners and admins choose."""
CHANNEL = "channel"
"""The kind of a chat that anyone joins, and where owners and admins write."""

Role = Literal["owner", "admin", "member"]
_Value = TypeVar("_Value", bound=msgspec.Struct)
Mark = Literal["delivered", "read"]
"""Which of a member's two watermarks: up to where the devices hold the chat, or the member has read it."""

_SHARED_ID = re.compile(r"^([gc]):[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
"""The id of a group or a channel: which of them, and a ULID that its creator made."""


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """A message at its place in a chat."""

    id: str
    seq: int
    sender_id: str
    sent_at: str
    """When the service took it in: RFC 3339, UTC, milliseconds."""
    text: str
    """Empty once it is deleted."""
    reply_to: int | UnsetType = UNSET
    """The number of the message that it replies to."""
    mentions: Sequence[str] | UnsetType = UNSET
    """The members whom it names."""
    edited_at: str | UnsetType = UNSET
    deleted_at: str | UnsetType = UNSET
    reactions: Mapping[str, str] | UnsetType = UNSET
    """The emoji of each member who reacted, by user id."""
    change: int | UnsetType = UNSET
    """The number of the change that made it what it is; of two versions, the higher is the later."""
    attachment: Attachment | UnsetType = UNSET


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """Consecutive messages of one chat in ascending order, and whether more lie beyond them."""

    messages: Sequence[Message]
    has_more: bool


class User(msgspec.Struct, frozen=True, rename="camel"):
    """A user as other users see them."""

    user_id: str
    username: str
    display_name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    """What the user says of themselves."""
    avatar: str | UnsetType = UNSET
    """The id of the user's picture; the link of GET /avatars leads to it."""


class Chat(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A chat as one of its members sees it."""

    chat_id: str
    kind: str
    name: str | UnsetType = UNSET
    """Of a group or channel."""
    other_member: User | UnsetType = UNSET
    """Who is at the other end of a direct chat."""
    role: Role
    last_seq: int
    last_change: int
    """The number of the chat's last change: of messages already sent, of its name, of its members."""
    visible_after: int
    """Up to here the chat's messages are not shown to this member, who joined later."""
    read_seq: int
    """Up to here this member has read."""
    delivered_seq: int
    """Up to here this member's devices hold it."""
    member_since: int | UnsetType = UNSET
    """The number of the change by which this member came, where it is not 0: the marks are from then on."""
    unread: int
    """Exactly the messages after `read_seq` that this member may see."""
    muted_until: str | UnsetType = UNSET
    last_message: Message | UnsetType = UNSET


class Channel(msgspec.Struct, frozen=True, rename="camel"):
    """A channel as anyone finds it."""

    chat_id: str
    name: str


class Member(msgspec.Struct, frozen=True, rename="camel"):
    """A member of a chat, as the others see them."""

    user_id: str
    role: Role
    delivered_seq: int | UnsetType = UNSET
    """How far the member has got, told in the list of a group's members."""
    read_seq: int | UnsetType = UNSET
    member_since: int | UnsetType = UNSET
    """The number of the change by which the member came: told in it, and beside marks where it is not 0."""


class Change(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A change of a chat at its place among all: 1, 2, 3, ..., counted apart from the messages.

    One of `message`, `name`, `members` and `removed` says what changed; where the last owner left, `members`
    beside `removed` says who owns the chat now. None is there where a later change of the same message
    overtook this one, or where the message is gone or not shown to the reader.
    """

    number: int
    by: str
    """Who did it."""
    at: str
    message: Message | UnsetType = UNSET
    """The message as it is now: edited, deleted or reacted to."""
    name: str | UnsetType = UNSET
    members: Sequence[Member] | UnsetType = UNSET
    """Who was added, or has another role."""
    removed: Sequence[str] | UnsetType = UNSET
    """Who left or was removed."""


class Presence(msgspec.Struct, frozen=True, rename="camel"):
    """Whether a user is online."""

    user_id: str
    online: bool
    last_seen: str | UnsetType = UNSET
    """When the user's last connection closed."""


class Connection(msgspec.Struct, frozen=True):
    """One open WebSocket of one user."""

    user_id: str
    id: str
    endpoint: str
    """The URL of its stage, under which `/@connections/{id}` reaches it."""
    region: str
    connected_at: int
    """Milliseconds since the epoch."""
    expires_at: int
    """Seconds since the epoch: its token has ended then, or its lifetime is over."""
    token_issued_at: int = 0
    """Seconds since the epoch: known while it opens, and not kept."""


class Identity(msgspec.Struct, frozen=True):
    """Who a verified token speaks for, and until when."""

    user_id: str
    username: str
    expires_at: int
    """Seconds since the epoch."""
    issued_at: int = 0
    """Seconds since the epoch."""


def timestamp(seconds: float) -> str:
    """Write a time, in seconds since the epoch, as RFC 3339 in UTC with milliseconds."""
    whole, milliseconds = divmod(int(seconds * 1_000), 1_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03d}Z"


def direct_chat_id(one: str, other: str) -> str:
    """Name the direct chat of two users: the same whoever asks."""
    return f"dm:{min(one, other)}:{max(one, other)}"


def kind_of(chat_id: str) -> str | None:
    """Tell a chat's kind from its id; None for what can be no chat's id."""
    if members_of(chat_id):
        return DIRECT
    found = _SHARED_ID.match(chat_id)
    return {"g": GROUP, "c": CHANNEL}[found[1]] if found else None


def members_of(chat_id: str) -> tuple[str, ...]:
    """Tell who is in a direct chat from its id alone; an id in any other form has no members."""
    parts = chat_id.split(":") if len(chat_id) <= CHAT_ID_LIMIT else ()
    if len(parts) == 3 and parts[0] == "dm" and "" < parts[1] < parts[2]:  # noqa: PLR2004 - dm, one, other
        return parts[1], parts[2]
    return ()


def visible(page: Page, after: int) -> Page:
    """Give what follows `after` of a page that was read backwards: nothing before it may be shown."""
    messages = [message for message in page.messages if message.seq > after]
    return Page(messages, page.has_more and bool(messages) and messages[0].seq > after + 1)


def leading(values: Iterable[_Value], budget: int = PAGE_BYTES) -> tuple[list[_Value], int]:
    """Take messages or changes from the front while their encoding fits into `budget`, at least one.

    Returns:
        What was taken, and what is left of the budget of bytes (negative when the first alone exceeds it).
    """
    taken: list[_Value] = []
    for value in values:
        size = len(msgspec.json.encode(value)) + 1
        if taken and size > budget:
            break
        taken.append(value)
        budget -= size
    return taken, budget
