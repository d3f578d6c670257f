"""Who signs nothing, at S3, which serves whoever a bucket's owner lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from localcloud.ministack.control_plane import MiniStack


async def ask(ministack: MiniStack, method: str, path: str) -> tuple[int, str]:
    """The answer to an unsigned request, as any program on this machine can make it."""
    transport = httpx.ASGITransport(ministack)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:4566") as anybody:
        answer = await anybody.request(method, path)
    return answer.status_code, answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("PUT", "/anonymous-new")])
async def test_bucket_by_anybody_is_neither_listed_nor_made(
    ministack: MiniStack, method: str, path: str
) -> None:
    """AccessDenied: no bucket's owner has let anybody in."""
    status, text = await ask(ministack, method, path)
    assert status == 403
    assert "<Code>AccessDenied</Code>" in text


async def test_bucket_unknown_is_said_to_anybody(ministack: MiniStack) -> None:
    """NoSuchBucket: names are everybody's."""
    status, text = await ask(ministack, "GET", "/anonymous-nowhere/key")
    assert status == 404
    assert "<Code>NoSuchBucket</Code>" in text


async def test_bucket_by_anybody_unfixed_is_listed_and_made(ministack: MiniStack) -> None:
    """MiniStack alone lets both through."""
    from localcloud.ministack.fixes import anonymous_buckets  # noqa: PLC0415 - after it is configured

    with anonymous_buckets.FIX.undone():
        assert (await ask(ministack, "GET", "/"))[0] == 200
        assert (await ask(ministack, "PUT", "/anonymous-made"))[0] == 200
