"""``GET /_localcloud/health``: that localcloud is ready, which process it is, and where its data are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from localcloud.control.routes import json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.control.routes import Endpoint
    from localcloud.interfaces import Request, Response


class Health(msgspec.Struct, frozen=True, rename="camel"):
    """What tells a running localcloud from everything else that may listen on a port."""

    status: str
    """``ready``."""
    process_id: int
    data_directory: str
    """As an absolute path."""
    dynamodb: str
    """What keeps DynamoDB's data: ``dynoxide`` or ``ministack``."""
    versions: dict[str, str]


def health_endpoints(health: Health) -> Mapping[tuple[str, str], Endpoint]:
    """For ``Control``."""
    answer = json_answer(health)

    async def get(_request: Request) -> Response:
        return answer

    return {("GET", "/health"): get}
