"""What MiniStack itself serves, told to whoever listens: CloudFront's viewers, and sign-ins at Cognito."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

import msgspec
from ministack.services import cloudfront, cognito

from localcloud.observations import UserPoolAnswered, ViewerServed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from localcloud.observations import Observation

    Publish = Callable[[Observation], object]
    Requested = Literal["SignUp", "SignIn", "TokenRefresh"]

_OK = 200
_ADMINISTRATOR = "Admin"
_SIGN_UPS = frozenset({"AdminCreateUser", "SignUp"})
_SIGN_INS = frozenset(
    {"AdminInitiateAuth", "AdminRespondToAuthChallenge", "InitiateAuth", "RespondToAuthChallenge"}
)
_REFRESHES = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})
"""The flows of a sign-in that ask for new tokens."""
_GRANTS: Mapping[str, Requested] = {"authorization_code": "SignIn", "refresh_token": "TokenRefresh"}
"""What the token endpoint is asked for."""


class _SignInAnswer(msgspec.Struct, frozen=True):
    ChallengeName: str | None = None


_sign_in_answer = msgspec.json.Decoder(_SignInAnswer)


def install(publish: Publish) -> None:
    """Tell `publish` of each answer from now on; it may be called from any thread."""
    cloudfront.handle_viewer_request = observed_viewers(cloudfront.handle_viewer_request, publish)
    cognito._dispatch_idp = observed_calls(cognito._dispatch_idp, publish)  # noqa: SLF001
    cognito._oauth2_token = observed_tokens(cognito._oauth2_token, publish)  # noqa: SLF001


def observed_viewers(serve: Callable[..., Awaitable[Any]], publish: Publish) -> Callable[..., Awaitable[Any]]:
    """CloudFront's answers to viewers."""

    async def handle_viewer_request(distribution: Mapping[str, Any], *request: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
        status, headers, content = await serve(distribution, *request)
        body = next((part for part in request if isinstance(part, bytes)), b"")
        publish(ViewerServed(distribution["Id"], status, len(body), len(content or b"")))
        return status, headers, content

    return handle_viewer_request


def observed_calls(
    dispatch: Callable[..., Awaitable[Any]], publish: Publish
) -> Callable[..., Awaitable[Any]]:
    """Cognito's API: sign-ups, sign-ins and refreshes."""

    async def dispatch_idp(action: str, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        status, headers, content = await dispatch(action, data)
        requested = _requested(action, data)
        if requested is not None and not _is_challenged(requested, status, content):
            client = _ADMINISTRATOR if action == "AdminCreateUser" else str(data.get("ClientId"))
            pool = data.get("UserPoolId") or _pool_of(client)
            if pool:
                publish(UserPoolAnswered(pool, client, requested, status == _OK))
        return status, headers, content

    return dispatch_idp


def observed_tokens(answer: Callable[..., Any], publish: Publish) -> Callable[..., Any]:
    """Cognito's token endpoint: a code is a sign-in, a refresh token a refresh."""

    def oauth2_token(data: object, query: object, body: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        status, answered, content = answer(data, query, body, headers)
        form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
        client, _secret = cognito._authenticate_client(headers, form)  # noqa: SLF001
        pool = _pool_of(client)
        requested = _GRANTS.get(form.get("grant_type", ""))
        if requested is not None and pool:
            publish(UserPoolAnswered(pool, client, requested, status == _OK))
        return status, answered, content

    return oauth2_token


def _requested(action: str, data: Mapping[str, Any]) -> Requested | None:
    """What an action asks for; None where it counts as nothing."""
    if action in _SIGN_UPS:
        return "SignUp"
    if action == "GetTokensFromRefreshToken":
        return "TokenRefresh"
    if action in _SIGN_INS:
        return "TokenRefresh" if data.get("AuthFlow") in _REFRESHES else "SignIn"
    return None


def _is_challenged(requested: Requested, status: int, content: bytes) -> bool:
    """Whether an answer only asks for more: a sign-in counts when it ends."""
    if requested != "SignIn" or status != _OK:
        return False
    return _sign_in_answer.decode(content).ChallengeName is not None


def _pool_of(client: str) -> str:
    """The pool of a client; empty where there is no such client. MiniStack's own would change the scope."""
    for (_account, _region, pool_id), pool in cognito._user_pools.all_items():  # noqa: SLF001
        if client in pool["_clients"]:
            return str(pool_id)
    return ""
