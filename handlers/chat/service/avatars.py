"""Avatars: users upload an image, make it theirs, and see everyone's by one link."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import UNSET

from chat import media
from chat.domain import timestamp
from chat.errors import ChatError
from chat.protocol.http_media import AvatarsLink
from chat.service.media import give_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.domain import User
    from chat.ports.clock import Clock
    from chat.ports.media import MediaLinks, MediaStorage
    from chat.protocol.http_media import Upload

REFUSED = "An avatar is a JPEG, PNG, GIF or WebP image: upload one."
TOO_LARGE = "An avatar has 1 MB at most: upload a smaller image."
UNKNOWN = "You have uploaded no such avatar: upload it, then name it."


class Avatars:
    """Users' own avatars: uploaded, looked at, kept, and removed."""

    def __init__(self, storage: Callable[[], MediaStorage], clock: Clock) -> None:
        """Keep them in what `storage` makes: few profiles are changed, and making it takes long."""
        self._storage = storage
        self._clock = clock

    def grant(self, user_id: str, content_type: str, size: int) -> Upload:
        """Give the form that uploads an image of this type and of `size` bytes, as the user's avatar to be.

        Raises:
            ChatError: `file_type_refused` or `file_too_large`.
        """
        _require_allowed(content_type, size)
        key = partial(media.avatar_upload_key, user_id)
        return give_form(self._storage(), self._clock, key, content_type, size)

    def keep(self, user_id: str, media_id: str) -> None:
        """Keep an upload of the user's where nobody can replace it; one that is kept already stays.

        Raises:
            ChatError: `unknown_file` for what this user has not uploaded as an avatar, `file_type_forged`,
                `file_type_refused` or `file_too_large`.
        """
        storage = self._storage()
        source, target = media.avatar_upload_key(user_id, media_id), media.avatar_key(user_id, media_id)
        uploaded = storage.find(source)
        if uploaded is not None:
            _require_allowed(uploaded.content_type, uploaded.size)
            if not media.TYPES[uploaded.content_type](uploaded.beginning):
                raise ChatError("file_type_forged")
            if storage.keep(source, uploaded, target, user_id, media.disposition("avatar")):
                return
        if storage.find(target) is None:
            raise ChatError("unknown_file", UNKNOWN)

    def forget(self, user: User | None) -> None:
        """Remove the avatar that a profile names, if it names one.

        Call it before the profile loses it: what fails on the way is repeated.
        """
        if user is not None and user.avatar is not UNSET:
            self.remove(user.user_id, user.avatar)

    def remove(self, user_id: str, media_id: str) -> None:
        """Remove an avatar, and what was uploaded as it."""
        storage = self._storage()
        storage.remove(media.avatar_upload_key(user_id, media_id))
        storage.remove(media.avatar_key(user_id, media_id))


class AvatarsLinks:
    """Gives everyone who is signed in the link to all avatars."""

    def __init__(self, links: MediaLinks, clock: Clock) -> None:
        """Sign by `links`."""
        self._links = links
        self._clock = clock

    def __call__(self) -> AvatarsLink:
        """Give the link: the same to everyone for half a day, and good for that and half a day more."""
        expires_at = (int(self._clock.now()) // media.AVATARS_PERIOD + 2) * media.AVATARS_PERIOD
        url = self._links.sign_all(media.AVATARS, expires_at).replace("*", "{userId}/{avatar}")
        return AvatarsLink(url=url, expires_at=timestamp(expires_at))


def _require_allowed(content_type: str, size: int) -> None:
    if content_type not in media.AVATAR_TYPES:
        raise ChatError("file_type_refused", REFUSED)
    if size > media.AVATAR_LIMIT:
        raise ChatError("file_too_large", TOO_LARGE)
