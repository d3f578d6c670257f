"""DynamoDB's answers that dynoxide does not give: errors, and the checksum on both."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Error(msgspec.Struct, frozen=True):
    type_: str = msgspec.field(name="__type", default="")


_error = msgspec.json.Decoder(_Error)


def error_answer(status: int, code: str, message: str) -> Response:
    """An error as DynamoDB words it."""
    body: Mapping[str, str] = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}
    return with_checksum(
        Response(status, ((b"content-type", b"application/x-amz-json-1.0"),), msgspec.json.encode(body))
    )


def throttled() -> Response:
    """The answer to a request beyond what is provisioned."""
    message = (
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    )
    return error_answer(400, "ProvisionedThroughputExceededException", message)


def error_code(response: Response) -> str:
    """DynamoDB's code of an answer that is an error; empty where it has none."""
    try:
        return _error.decode(response.body).type_.rpartition("#")[2]
    except msgspec.DecodeError:
        return ""


def with_checksum(response: Response) -> Response:
    """With the checksum that AWS's Go SDK verifies."""
    checksum = (b"x-amz-crc32", str(zlib.crc32(response.body)).encode())
    return Response(response.status, (*response.headers, checksum), response.body)
