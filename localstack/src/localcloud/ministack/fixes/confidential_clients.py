"""User pools: who does not know an app client's secret may use what the client was given.

Fault: where a client has a secret, MiniStack redeems the codes of federated sign-ins, refreshes the tokens of
its own and revokes tokens for who names none.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ministack.core.responses import error_response_json
from ministack.services import cognito

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _knows_secret(client_id: str, secret: str) -> bool:
    """Whether a client is there and has this secret, or none."""
    _, _, client = cognito._find_pool_by_client_id(client_id)  # noqa: SLF001
    return client is not None and hmac.compare_digest(
        (client.get("ClientSecret") or "").encode(), (secret or "").encode()
    )


def _authenticated(token: Callable[..., Any]) -> Callable[..., Any]:
    def answer(
        data: object, query: object, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if not _knows_secret(*cognito._authenticate_client(headers or {}, form)):  # noqa: SLF001
            return cognito._oauth2_error("invalid_client", "Invalid client credentials.")  # noqa: SLF001
        return token(data, query, body, headers)

    return answer


def _revoke_by_client(revoke: Callable[..., Any]) -> Callable[..., Any]:
    def answer(data: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if not _knows_secret(data.get("ClientId", ""), data.get("ClientSecret", "")):
            return error_response_json("NotAuthorizedException", "Invalid client credentials.", 400)
        return revoke(data)

    return answer


FIX = Fix(
    Patch(cognito, "_oauth2_token", _authenticated),
    Patch(cognito, "_revoke_token", _revoke_by_client),
)
