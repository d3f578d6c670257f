"""The connections to dynoxide."""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec

from localcloud.dynamodb.tables import CallError
from localcloud.interfaces import Response

_TARGET = "DynamoDB_20120810."
_CREDENTIAL = (
    "AWS4-HMAC-SHA256 Credential=localcloud/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
"""dynoxide wants a signature to be there and does not look at it; ours has been verified before."""
_PASSED_ON = (b"content-type", b"x-amzn-requestid", b"x-amz-crc32")


class Client:
    """Calls dynoxide over kept-alive connections."""

    def __init__(self, url: str) -> None:
        """Call the dynoxide at ``url``."""
        self._url = url
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0, use_dns_cache=False),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def send(self, operation: str, body: bytes) -> Response:
        """One operation, its answer as dynoxide words it.

        Raises:
            aiohttp.ClientError: dynoxide is gone.
        """
        headers = {
            "Authorization": _CREDENTIAL,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20260101T000000Z",
            "X-Amz-Target": _TARGET + operation,
        }
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            content = await answer.read()
        kept = tuple((name.lower(), value) for name, value in answer.raw_headers if name.lower() in _PASSED_ON)
        return Response(answer.status, kept, content)

    async def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One control operation.

        Raises:
            CallError: dynoxide refuses it.
        """
        response = await self.send(operation, msgspec.json.encode(request))
        answer: dict[str, Any] = msgspec.json.decode(response.body or b"{}")
        if response.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise CallError(f"dynoxide refuses {operation} of {request.get('TableName')}: {answer.get('message')}")
        return answer
