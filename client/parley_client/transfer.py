"""Files on their way, to and from storage: by a form and by a link that the service gave."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from .errors import NotReachable, RequestRefused, cause

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE = 120.0
"""Seconds that storage may take to go on."""

Progress = Callable[[int, int], None]
"""Told of how many bytes are through, and of how many there are."""


def untold(_done: int, _whole: int) -> None:
    """Tell nobody how far it is."""


async def post_file(
    http: httpx.AsyncClient,
    url: str,
    fields: Mapping[str, str],
    file: tuple[str, bytes, str],
    progress: Progress = untold,
) -> None:
    """Post a form with a file (name, content, content type) in it.

    Raises:
        RequestRefused: storage does not take it.
        NotReachable: it does not answer.
    """
    name, content, content_type = file
    files = {"file": (name, _Told(content, progress), content_type)}
    try:
        response = await http.post(url, data=fields, files=files, timeout=PATIENCE)
    except httpx.TransportError as error:
        raise _not_reachable(url, error) from error
    _require_success(response)


async def fetch(http: httpx.AsyncClient, url: str, progress: Progress = untold) -> AsyncIterator[bytes]:
    """Yield what a link leads to, piece by piece.

    Raises:
        RequestRefused: storage does not give it.
        NotReachable: it does not answer, or not to the end.
    """
    try:
        async with http.stream("GET", url, timeout=PATIENCE) as response:
            _require_success(response)
            whole = int(response.headers.get("content-length", "0"))
            async for piece in response.aiter_bytes():
                progress(response.num_bytes_downloaded, whole)
                yield piece
    except httpx.TransportError as error:
        raise _not_reachable(url, error) from error


async def save(pieces: AsyncIterator[bytes], path: Path) -> None:
    """Write a file that is not there yet, whole or not at all; OSError where it is, or cannot be written."""
    with await asyncio.to_thread(path.open, "xb") as file:
        try:
            async for piece in pieces:
                file.write(piece)
        except BaseException:
            await asyncio.to_thread(path.unlink)
            raise


class _Told(io.BytesIO):
    """A file that tells how much of it was read."""

    def __init__(self, content: bytes, progress: Progress) -> None:
        super().__init__(content)
        self._whole = len(content)
        self._progress = progress

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self._progress(self.tell(), self._whole)
        return piece


def _not_reachable(url: str, error: Exception) -> NotReachable:
    return NotReachable(f"{urlsplit(url).netloc} does not answer: {cause(error)}")


def _require_success(response: httpx.Response) -> None:
    if not response.is_success:
        raise RequestRefused(
            f"http_{response.status_code}",
            f"{response.url.host} refused the file: {response.reason_phrase}.",
            definite=True,
            status=response.status_code,
        )
