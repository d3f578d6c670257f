"""The files beside messages, as their senders name them and as everyone sees them. Pure, no I/O."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

MediaId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""Of an uploaded file: 128 random bits that the service drew."""

FileName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f/\\\u200e\u200f\u202a-\u202e\u2066-\u2069]+\Z",
    ),
]
"""No path, no control character, and nothing that turns the direction of writing: `exe.gpj` stays that."""

Pixels = Annotated[int, Meta(ge=1, le=65_535)]


class AttachmentDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file beside a message, as its sender names it: uploaded by this user for this chat."""

    media_id: MediaId
    name: FileName
    width: Pixels | UnsetType = UNSET
    """Of an image or a film, so that its place is kept while it loads."""
    height: Pixels | UnsetType = UNSET


class Attachment(msgspec.Struct, frozen=True, rename="camel"):
    """A file beside a message: it is there, is what its type says and does not change any more."""

    media_id: str
    name: str
    content_type: str
    bytes: int
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
