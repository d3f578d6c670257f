"""Files beside messages, and avatars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class UploadForm(NamedTuple):
    """A form that uploads one file: POST `fields` and then `file` to `url`, as multipart/form-data."""

    url: str
    fields: Mapping[str, str]


class StoredFile(NamedTuple):
    """A file as it lies in storage."""

    content_type: str
    size: int
    """Bytes."""
    version: str
    """Changes when the file is replaced."""
    owner: str
    """The message, or the user, that it is kept for; empty for what has been uploaded only."""
    beginning: bytes
    """Its first bytes."""


class MediaStorage(Protocol):
    """Files, by their keys."""

    def form(self, key: str, content_type: str, size: int, seconds: int) -> UploadForm:
        """Make a form that uploads a file of exactly this type and size within so many seconds."""

    def find(self, key: str) -> StoredFile | None:
        """The file with this key."""

    def keep(self, source: str, stored: StoredFile, target: str, owner: str, disposition: str) -> bool:
        """Copy a file, as it was found, to a key that has none; False where either is no longer so."""

    def remove(self, key: str) -> None:
        """Remove the file with this key, if there is one."""


class MediaLinks(Protocol):
    """Links, each of which opens one file for a while to whoever has it."""

    def sign(self, key: str, expires_at: int) -> str:
        """Make the file's link, good until `expires_at`, in seconds since the epoch."""

    def sign_all(self, pattern: str, expires_at: int) -> str:
        """Make the link to all files whose keys fit a pattern: it opens each in place of the `*`.

        The same pattern and time give the same link.
        """
