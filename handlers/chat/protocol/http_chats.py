"""The HTTP API's bodies and queries about chats, their members and channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import Channel, Chat, ChatId, ChatName, Member, MessageId, Role, UserId
from chat.protocol.server_frames import Answer
from chat.protocol.values import DEFAULT_PAGE, Added, HistoryFrom, PageSize

Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")]
"""A time as the service writes it: RFC 3339, UTC, milliseconds."""
NamePrefix = Annotated[str, Meta(min_length=1, max_length=100)]


class _Creation(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", tag_field="kind"
):
    """A chat to be, whose kind says which."""


class CreateDirect(_Creation, frozen=True, kw_only=True, tag="direct"):
    """Opens the direct chat with another user."""

    user_id: UserId


class CreateGroup(_Creation, frozen=True, kw_only=True, tag="group"):
    """Creates a group that the caller owns; `id` makes a repeated request give the same chat."""

    id: MessageId
    name: ChatName
    member_ids: Added
    history: HistoryFrom = "start"


class CreateChannel(_Creation, frozen=True, kw_only=True, tag="channel"):
    """Creates a channel that the caller owns; `id` makes a repeated request give the same chat."""

    id: MessageId
    name: ChatName


CreateChat = CreateDirect | CreateGroup | CreateChannel
"""The body of POST /chats."""


class UpdateChat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /chats/{chatId}."""

    name: ChatName


class SetMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT /chats/{chatId}/members/{userId}: without `role`, who is a member keeps theirs."""

    role: Role | UnsetType = UNSET


class MuteChat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT /chats/{chatId}/mute: without `until`, the chat is muted no longer."""

    until: Moment | UnsetType = UNSET


class MemberPath(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The path of a member of a chat."""

    chat_id: str
    user_id: UserId


class ChatsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats: `cursor` is the `next` of the page before."""

    cursor: ChatId | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE


class ChatsBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /chats: a page of the caller's chats, and the cursor of the next page if there is one."""

    chats: Sequence[Chat]
    next: str | UnsetType = UNSET


class MembersBody(Answer, frozen=True, kw_only=True):
    """Who is in a group, or who owns and administers a channel, in the order of their ids."""

    chat_id: str
    members: Sequence[Member]
    last_change: int
    """The list is as of this change of the chat, or of a later one."""


class RoleBody(Answer, frozen=True, kw_only=True):
    """A member and the member's role."""

    chat_id: str
    user_id: str
    role: Role


class ChannelsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /channels: `q` is how the name begins, in any case; without it, any name will do."""

    q: NamePrefix | UnsetType = UNSET
    limit: PageSize = DEFAULT_PAGE


class ChannelsBody(Answer, frozen=True, kw_only=True):
    """Channels in the order of their names; `hasMore` when a longer prefix would tell more."""

    channels: Sequence[Channel]
    has_more: bool
