"""What stands in frames and bodies: their scalars, with every limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from chat.append import Draft
from chat.domain import FRAME_MESSAGE_LIMIT, PAGE_LIMIT, UserId

DEFAULT_PAGE = 50
SYNC_CHATS_LIMIT = 100
"""Chats in one sync frame."""
USERS_LIMIT = 50
"""Users in one answer."""
ADDED_LIMIT = 50
"""Members that a group can be created with."""

CURSOR_LIMIT = 4_096
"""Characters in a cursor that the service makes."""
ABOUT_LIMIT = 280
"""Characters in what a user says of themselves."""

RequestId = Annotated[str, Meta(min_length=1, max_length=64)]
Drafts = Annotated[Sequence[Draft], Meta(min_length=1, max_length=FRAME_MESSAGE_LIMIT)]
PageSize = Annotated[int, Meta(ge=1, le=PAGE_LIMIT)]
UserCount = Annotated[int, Meta(ge=1, le=USERS_LIMIT)]
Added = Annotated[Sequence[UserId], Meta(min_length=1, max_length=ADDED_LIMIT)]
Prefix = Annotated[str, Meta(min_length=2, max_length=64)]
"""How a name begins, any case."""
DisplayName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Cursor = Annotated[str, Meta(min_length=1, max_length=CURSOR_LIMIT)]
"""Where an answer stopped, as the service wrote it."""
About = Annotated[str, Meta(min_length=0, max_length=ABOUT_LIMIT)]
AvatarOrNone = Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?\Z")]
"""The id of an uploaded file, or nothing."""
HistoryFrom = Literal["start", "joining"]
"""From where a group's history is shown to who joins it."""


def require_distinct_ids(drafts: Sequence[Draft]) -> None:
    """Refuse drafts of which two have one id; ValueError."""
    if len({draft.id for draft in drafts}) < len(drafts):
        raise ValueError("Two messages have the same `id`")


def require_one_place(*places: int | UnsetType) -> None:
    """Refuse a request for messages at two places at once; ValueError."""
    if sum(place is not UNSET for place in places) > 1:
        raise ValueError("`after`, `before` and `around` exclude each other")
