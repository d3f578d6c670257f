"""Files of chats: uploaded straight to where they are kept, downloaded by a link that the service signs."""

from __future__ import annotations

import asyncio
import mimetypes
from typing import TYPE_CHECKING

from .bodies import Download, Upload
from .rest import segment
from .transfer import fetch, post_file, save, untold
from .values import AttachmentDraft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .rest import Rest
    from .transfer import Progress


class Media:
    """One user's files. Every method raises what `Api` names; `progress` is told how far a file is."""

    def __init__(self, rest: Rest) -> None:
        """Ask the HTTP API for where files go and come from."""
        self._rest = rest

    async def upload(
        self,
        chat_id: str,
        content: bytes,
        *,
        name: str,
        content_type: str | None = None,
        progress: Progress = untold,
    ) -> AttachmentDraft:
        """Upload a file for a chat and return what a message then attaches.

        Args:
            chat_id: the chat in which it will be sent.
            content: the whole file.
            name: the name others see.
            content_type: what it is; by the name's ending unless given.
            progress: told how much is uploaded.

        Raises:
            RequestRefused: the service or the store does not take it.
            NotReachable: one of them does not answer.
        """
        file = (name, content, content_type or content_type_of(name))
        media_id = await upload(self._rest, {"chatId": chat_id}, file, progress)
        return AttachmentDraft(media_id=media_id, name=name)

    async def upload_file(self, chat_id: str, path: Path, *, progress: Progress = untold) -> AttachmentDraft:
        """Upload a file of this machine for a chat; OSError when it cannot be read."""
        content = await asyncio.to_thread(path.read_bytes)
        return await self.upload(chat_id, content, name=path.name, progress=progress)

    async def link(self, chat_id: str, media_id: str, *, seq: int | None = None) -> Download:
        """Return a link to a file of a chat, good for a while.

        Args:
            chat_id: the chat.
            media_id: which file, by its message's attachment.
            seq: the message's number; who joined later, and sees what follows alone, gets no link without it.
        """
        path = f"/chats/{segment(chat_id)}/media/{segment(media_id)}"
        return await self._rest.request(Download, "GET", path, query={"seq": seq})

    async def download(
        self, chat_id: str, media_id: str, *, seq: int | None = None, progress: Progress = untold
    ) -> bytes:
        """Return a file of a chat; the arguments are those of `link`, and who is told how far it is.

        Raises:
            RequestRefused: the service or the store does not give it.
            NotReachable: one of them does not answer.
        """
        link = await self.link(chat_id, media_id, seq=seq)
        return b"".join([piece async for piece in fetch(self._rest.http, link.url, progress)])

    async def download_file(
        self,
        chat_id: str,
        media_id: str,
        path: Path,
        *,
        seq: int | None = None,
        progress: Progress = untold,
    ) -> None:
        """Keep a file of a chat at `path`, as a new file; OSError when it cannot be written."""
        link = await self.link(chat_id, media_id, seq=seq)
        await save(fetch(self._rest.http, link.url, progress), path)


async def upload(
    rest: Rest, purpose: Mapping[str, str], file: tuple[str, bytes, str], progress: Progress
) -> str:
    """Upload a file (name, content, content type) for a chat or as an avatar; return its id."""
    _, content, content_type = file
    body = {**purpose, "contentType": content_type, "bytes": len(content)}
    form = await rest.request(Upload, "POST", "/upload-url", body=body)
    await post_file(rest.http, form.url, form.fields, file, progress)
    return form.media_id


def content_type_of(name: str) -> str:
    """Return what a file is, by its name's ending."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
