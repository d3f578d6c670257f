"""Files beside messages, and avatars: which types, where they lie, what they begin with. Pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEDIA_LIMIT = 25 * 1_024 * 1_024
"""Bytes of a file."""
AVATAR_LIMIT = 1_024 * 1_024
"""Bytes of an avatar."""
UPLOAD_LIFETIME = 5 * 60
"""Seconds in which an upload may begin."""
LINK_LIFETIME = 5 * 60
"""Seconds in which a download may begin."""
AVATARS_PERIOD = 12 * 60 * 60
"""Seconds for which the link to avatars stays the same, so that browsers keep what they have loaded by it."""
BEGINNING = 64
"""Bytes of a file that say what it is."""


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda beginning: beginning.startswith(signatures)


def _contains(form: bytes, *kinds: bytes) -> Callable[[bytes], bool]:
    """A container file (RIFF, or ISO's boxes) that names its form, and in it the kind of its content."""
    at = {b"RIFF": (0, 8), b"ftyp": (4, 8)}[form]
    return lambda beginning: beginning[at[0] : at[0] + 4] == form and beginning[at[1] :].startswith(kinds)


TYPES: Mapping[str, Callable[[bytes], bool]] = {
    "image/jpeg": _starts(b"\xff\xd8\xff"),
    "image/png": _starts(b"\x89PNG\r\n\x1a\n"),
    "image/gif": _starts(b"GIF87a", b"GIF89a"),
    "image/webp": _contains(b"RIFF", b"WEBP"),
    "video/mp4": _contains(b"ftyp", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"),
    "video/webm": _starts(b"\x1a\x45\xdf\xa3"),
    "audio/mpeg": _starts(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/mp4": _contains(b"ftyp", b"M4A ", b"mp42", b"isom"),
    "audio/ogg": _starts(b"OggS"),
    "application/pdf": _starts(b"%PDF-"),
}
"""The types that may be sent, each with what tells by a file's beginning that it is one.

No HTML, no SVG, no script: nothing that a browser runs.
"""


AVATAR_TYPES = frozenset(type_ for type_ in TYPES if type_.startswith("image/"))
"""Of these, what an avatar may be."""
AVATARS = "media/avatars/*"
"""Where all avatars stay."""


def avatar_upload_key(user_id: str, media_id: str) -> str:
    """Where a user uploads an avatar."""
    return f"uploads/avatars/{user_id}/{media_id}"


def avatar_key(user_id: str, media_id: str) -> str:
    """Where a user's avatar stays."""
    return AVATARS.replace("*", f"{user_id}/{media_id}")


def upload_key(chat_id: str, user_id: str, media_id: str) -> str:
    """Where a user uploads a file for a chat: bound to both, and replaceable while the form is valid."""
    return f"uploads/{_folder(chat_id)}/{user_id}/{media_id}"


def kept_key(chat_id: str, media_id: str) -> str:
    """Where a chat's file stays once a message refers to it: nobody can replace it there."""
    return f"media/{_folder(chat_id)}/{media_id}"


def disposition(name: str) -> str:
    """Make the Content-Disposition header that has a browser save the file under its name, never open it."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _folder(chat_id: str) -> str:
    """A chat's id with its parts as folders: `dm:a:b` in `dm/a/b`, which needs no encoding in a URL."""
    return chat_id.replace(":", "/")
