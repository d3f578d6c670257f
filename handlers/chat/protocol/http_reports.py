"""The HTTP API's bodies about reports."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import ChatId, Seq

NOTE_LIMIT = 1_000
"""Characters of what a report says in its own words."""

Reason = Literal["spam", "abuse", "illegal", "other"]
Note = Annotated[str, Meta(min_length=1, max_length=NOTE_LIMIT)]


class CreateReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /reports: a message of a chat that the caller is in."""

    chat_id: ChatId
    seq: Seq
    reason: Reason
    note: Note | UnsetType = UNSET


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST /reports: what was reported, for those who run the service."""

    report_id: str
    reported_at: str
