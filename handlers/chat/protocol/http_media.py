"""The HTTP API's bodies about files: where to upload one, where to download it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat.domain import SEQ_MAX, ChatId

FieldName = Annotated[str, Meta(min_length=1)]
"""Of a form."""
MessageSeq = Annotated[int, Meta(ge=1, le=SEQ_MAX)]


class RequestUpload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /upload-url: what is to be uploaded, and for which chat, or as the caller's avatar."""

    kind: Literal["attachment", "avatar"] = "attachment"
    chat_id: ChatId | UnsetType = UNSET
    """Of an attachment, and of nothing else."""
    content_type: Annotated[str, Meta(min_length=1, max_length=100)]
    bytes: Annotated[int, Meta(ge=1)]

    def __post_init__(self) -> None:
        """Refuse an attachment without a chat, and an avatar with one; ValueError."""
        if (self.kind == "attachment") == (self.chat_id is UNSET):
            raise ValueError("An attachment is for a chat, which `chatId` names, and an avatar is for none")


class Upload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST /upload-url: POST `fields`, then the field `file`, to `url` as multipart/form-data."""

    media_id: str
    url: str
    fields: Mapping[FieldName, str]
    expires_at: str


class DownloadQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /chats/{chatId}/media/{mediaId}."""

    seq: MessageSeq | UnsetType = UNSET
    """The number of the file's message: who joined later is given a link only to what they may see."""


class Download(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /chats/{chatId}/media/{mediaId}: the file's link, for whoever has it, for a while."""

    url: str
    expires_at: str


class AvatarsLink(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers GET /avatars: the link to all avatars, a URI template (RFC 6570) of `userId` and `avatar`."""

    url: str
    expires_at: str
