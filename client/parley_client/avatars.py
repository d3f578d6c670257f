"""Avatars: wearing one, and the link to everybody's, which is asked for once and used until it ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .bodies import AvatarsLink
from .media import content_type_of, upload
from .transfer import fetch, save, untold
from .values import User

if TYPE_CHECKING:
    from pathlib import Path

    from .rest import Rest
    from .transfer import Progress

MARGIN = timedelta(minutes=1)
"""How long before its end the link is asked for anew."""


class Avatars:
    """This user's avatar, and those of others. Every method raises what `Api` names."""

    def __init__(self, rest: Rest) -> None:
        """Ask the HTTP API."""
        self._rest = rest
        self._link: AvatarsLink | None = None

    async def wear(self, content: bytes, *, content_type: str, progress: Progress = untold) -> User:
        """Upload an image, of 1 MB at most, and be seen with it; return the profile."""
        body = {"kind": "avatar"}
        avatar = await upload(self._rest, body, ("avatar", content, content_type), progress)
        return await self._rest.request(User, "PATCH", "/users/me", body={"avatar": avatar})

    async def wear_file(self, path: Path, *, progress: Progress = untold) -> User:
        """Be seen with an image of this machine; OSError when it cannot be read."""
        content = await asyncio.to_thread(path.read_bytes)
        return await self.wear(content, content_type=content_type_of(path.name), progress=progress)

    async def take_off(self) -> User:
        """Be seen without an image; return the profile."""
        return await self._rest.request(User, "PATCH", "/users/me", body={"avatar": ""})

    async def url(self, user: User) -> str | None:
        """Return where a user's avatar is, for a while; None where they wear none."""
        if user.avatar is None:
            return None
        if self._link is None or self._link.expires_at - MARGIN <= datetime.now(UTC):
            self._link = await self._rest.request(AvatarsLink, "GET", "/avatars")
        return self._link.url.replace("{userId}", user.user_id).replace("{avatar}", user.avatar)

    async def download_file(self, user: User, path: Path, *, progress: Progress = untold) -> bool:
        """Keep a user's avatar as a new file; False where they wear none, OSError if it cannot be written."""
        url = await self.url(user)
        if url is None:
            return False
        await save(fetch(self._rest.http, url, progress), path)
        return True
