"""What is told of MiniStack's own answers: to who signs in at Cognito, and to CloudFront's viewers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.observations import Observation, UserPoolAnswered, ViewerServed

if TYPE_CHECKING:
    from tests.localcloud.in_process_aws import InProcessAws

_COGNITO = "AWSCognitoIdentityProviderService."


async def pool_and_client(aws: InProcessAws) -> tuple[str, str]:
    """A user pool and a client of it; their ids."""
    pool = (await aws.target("cognito-idp", f"{_COGNITO}CreateUserPool", {"PoolName": "told"}))["UserPool"]
    request = {"UserPoolId": pool["Id"], "ClientName": "web"}
    made = await aws.target("cognito-idp", f"{_COGNITO}CreateUserPoolClient", request)
    return pool["Id"], made["UserPoolClient"]["ClientId"]


@pytest.mark.parametrize(
    ("grant", "status", "expected"),
    [
        ("authorization_code", 200, ("SignIn", True)),
        ("authorization_code", 400, ("SignIn", False)),
        ("refresh_token", 200, ("TokenRefresh", True)),
        ("client_credentials", 200, None),
    ],
)
@pytest.mark.parametrize("is_confidential", [True, False])
async def test_token_endpoint_tells_of_sign_ins_and_refreshes_by_client(
    aws: InProcessAws, grant: str, status: int, expected: tuple[str, bool] | None, is_confidential: bool
) -> None:
    """Whether the client names itself in the form or the header; its own credentials are no sign-in."""
    from localcloud.ministack import service_observations  # noqa: PLC0415 - after MiniStack is configured

    pool, client = await pool_and_client(aws)
    told: list[Observation] = []
    answer = service_observations.observed_tokens(lambda *_: (status, {}, b"{}"), told.append)
    basic = base64.b64encode(f"{client}:secret".encode()).decode()
    headers = {"authorization": f"Basic {basic}"} if is_confidential else {}
    form = f"grant_type={grant}" + ("" if is_confidential else f"&client_id={client}")
    assert answer({}, {}, form.encode(), headers) == (status, {}, b"{}")
    assert told == ([UserPoolAnswered(pool, client, *expected)] if expected else [])  # type: ignore[arg-type]


async def test_sign_in_counts_when_it_ends_and_not_while_it_is_challenged(aws: InProcessAws) -> None:
    """A challenge is neither success nor failure; a refusal is a failure."""
    from localcloud.ministack import service_observations  # noqa: PLC0415 - after MiniStack is configured

    pool, client = await pool_and_client(aws)
    told: list[Observation] = []
    answers: list[tuple[int, dict[str, str], bytes]] = [
        (200, {}, b'{"ChallengeName":"PASSWORD_VERIFIER"}'),
        (200, {}, b'{"AuthenticationResult":{}}'),
        (400, {}, b'{"__type":"NotAuthorizedException"}'),
        (200, {}, b"{}"),
    ]

    async def answer(_action: str, _request: Any) -> Any:
        return answers.pop(0)

    call = service_observations.observed_calls(answer, told.append)
    of_client = {"ClientId": client}
    await call("InitiateAuth", {**of_client, "AuthFlow": "USER_SRP_AUTH"})
    await call("RespondToAuthChallenge", of_client)
    await call("RespondToAuthChallenge", of_client)
    await call("GetUser", of_client)
    assert told == [
        UserPoolAnswered(pool, client, "SignIn", True),
        UserPoolAnswered(pool, client, "SignIn", False),
    ]


async def test_viewers_request_is_told_with_the_bytes_of_both_bodies() -> None:
    """Whatever the status; what is answered stays as it is."""
    from localcloud.ministack import service_observations  # noqa: PLC0415 - after MiniStack is configured

    async def serve(*_request: Any) -> Any:
        return 403, {}, b"blocked"

    told: list[Observation] = []
    handle = service_observations.observed_viewers(serve, told.append)
    answered = await handle({"Id": "E1"}, "POST", "/", "/", "", {}, b"four", {}, "127.0.0.1")
    assert answered == (403, {}, b"blocked")
    assert told == [ViewerServed("E1", 403, 4, 7)]
