"""Files: uploaded straight to where they are kept, downloaded by a link that the service signs."""

from __future__ import annotations

import asyncio
import mimetypes
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from .bodies import Download, Upload
from .errors import NotReachable, RequestRefused, cause
from .rest import segment
from .values import AttachmentDraft

if TYPE_CHECKING:
    from pathlib import Path

    from .rest import Rest

_PATIENCE = 120.0
"""Seconds for a file's way."""


class Media:
    """One user's files."""

    def __init__(self, rest: Rest) -> None:
        """Ask the HTTP API for where files go and come from."""
        self._rest = rest

    async def upload(
        self, chat_id: str, content: bytes, *, name: str, content_type: str | None = None
    ) -> AttachmentDraft:
        """Upload a file for a chat and return what a message then attaches.

        Args:
            chat_id: the chat in which it will be sent.
            content: the whole file.
            name: the name others see.
            content_type: what it is; by the name's ending unless given.

        Raises:
            RequestRefused: the service or the store does not take it.
            NotReachable: one of them does not answer.
        """
        content_type = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        body = {"chatId": chat_id, "contentType": content_type, "bytes": len(content)}
        upload = await self._rest.request(Upload, "POST", "/upload-url", body=body)
        try:
            response = await self._rest.http.post(
                upload.url,
                data=upload.fields,
                files={"file": (name, content, content_type)},
                timeout=_PATIENCE,
            )
        except httpx.TransportError as error:
            raise NotReachable(f"{urlsplit(upload.url).netloc} does not answer: {cause(error)}") from error
        _require_success(response)
        return AttachmentDraft(media_id=upload.media_id, name=name)

    async def upload_file(self, chat_id: str, path: Path) -> AttachmentDraft:
        """Upload a file of this machine for a chat; OSError when it cannot be read."""
        content = await asyncio.to_thread(path.read_bytes)
        return await self.upload(chat_id, content, name=path.name)

    async def link(self, chat_id: str, media_id: str) -> Download:
        """Return a link to a file of a chat, good for a while."""
        return await self._rest.request(
            Download, "GET", f"/chats/{segment(chat_id)}/media/{segment(media_id)}"
        )

    async def download(self, chat_id: str, media_id: str) -> bytes:
        """Return a file of a chat.

        Raises:
            RequestRefused: the service or the store does not give it.
            NotReachable: one of them does not answer.
        """
        link = await self.link(chat_id, media_id)
        try:
            response = await self._rest.http.get(link.url, timeout=_PATIENCE)
        except httpx.TransportError as error:
            raise NotReachable(f"{urlsplit(link.url).netloc} does not answer: {cause(error)}") from error
        _require_success(response)
        return response.content


def _require_success(response: httpx.Response) -> None:
    if not response.is_success:
        raise RequestRefused(
            f"http_{response.status_code}",
            f"{urlsplit(str(response.url)).netloc} refused the file: {response.reason_phrase}.",
            definite=True,
            status=response.status_code,
        )
