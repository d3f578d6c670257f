"""The HTTP API's front: the web site's pages may call it, and only this user pool's tokens open it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from e2e.support.people import People, claims
from harness.users import UserPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_cognito_idp.literals import ExplicitAuthFlowsTypeType

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs

ROUTES = [
    ("POST", "/tickets"),
    ("GET", "/chats"),
    ("POST", "/chats"),
    ("GET", "/chats/dm:a:b"),
    ("GET", "/chats/dm:a:b/messages"),
    ("POST", "/chats/dm:a:b/messages"),
    ("PATCH", "/chats/dm:a:b/messages/1"),
    ("DELETE", "/chats/dm:a:b/messages/1"),
    ("PUT", "/chats/dm:a:b/messages/1/reaction"),
    ("DELETE", "/chats/dm:a:b/messages/1/reaction"),
    ("GET", "/users"),
    ("GET", "/users/me"),
    ("PATCH", "/users/me"),
]
"""Every route of the HTTP API."""


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_route_without_token_is_refused(parley: Parley, method: str, path: str) -> None:
    """No route answers somebody who is not signed in."""
    assert (await parley.rest.request(method, path)).status_code == 401


async def refused(parley: Parley, token: str) -> int:
    """Ask for one's own profile with a token that must not count; give the status."""
    response = await parley.rest.get("/users/me", headers={"Authorization": f"Bearer {token}"})
    assert "userId" not in response.text
    return response.status_code


async def test_token_signed_by_another_key_is_refused(parley: Parley, alice: Person) -> None:
    """Alice's own claims under the pool's own key id, signed by somebody else, say nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = jwt.get_unverified_header(alice.access_token)
    forged = jwt.encode(claims(alice.access_token), key, algorithm="RS256", headers={"kid": headers["kid"]})
    assert await refused(parley, forged) == 401


async def test_token_without_signature_is_refused(parley: Parley, alice: Person) -> None:
    """The algorithm "none" is no algorithm."""
    unsigned = jwt.encode(claims(alice.access_token), "", algorithm="none")
    assert await refused(parley, unsigned) == 401


async def test_token_changed_after_signing_is_refused(parley: Parley, alice: Person, mallory: Person) -> None:
    """Mallory's token with alice's id written into it is nobody's."""
    header, _, signature = mallory.access_token.split(".")
    payload = json.dumps(claims(mallory.access_token) | {"sub": alice.user_id, "username": alice.username})
    encoded = base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()
    assert await refused(parley, f"{header}.{encoded}.{signature}") == 401


@pytest.mark.parametrize("token", ["x", "x.y.z", "..", "null"])
async def test_token_that_is_none_is_refused(parley: Parley, token: str) -> None:
    """What is not a token at all is refused as one that does not count."""
    assert await refused(parley, token) == 401


PASSWORDS: list[ExplicitAuthFlowsTypeType] = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.fixture
def other_pool(account: Account) -> Iterator[UserPool]:
    """Make another user pool, with a client, beside the stack's own."""
    pool = account.cognito.create_user_pool(
        PoolName="parley-e2e-other", Policies={"PasswordPolicy": {"RequireSymbols": False}}
    )["UserPool"]["Id"]
    client = account.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="other", ExplicitAuthFlows=PASSWORDS
    )["UserPoolClient"]["ClientId"]
    yield UserPool(account.cognito, pool, client)
    account.cognito.delete_user_pool(UserPoolId=pool)


async def test_token_of_another_pool_is_refused(parley: Parley, other_pool: UserPool) -> None:
    """A good token of a pool that is not the stack's opens nothing."""
    assert await refused(parley, People(other_pool).join("stranger").access_token) == 401


@pytest.fixture
def other_client(account: Account, stack: Outputs) -> Iterator[UserPool]:
    """Make another client of the stack's own user pool."""
    client = account.cognito.create_user_pool_client(
        UserPoolId=stack.user_pool_id, ClientName="e2e-other", ExplicitAuthFlows=PASSWORDS
    )["UserPoolClient"]["ClientId"]
    yield UserPool(account.cognito, stack.user_pool_id, client)
    account.cognito.delete_user_pool_client(UserPoolId=stack.user_pool_id, ClientId=client)


async def test_token_of_another_client_is_refused(
    parley: Parley, other_client: UserPool, alice: Person
) -> None:
    """A token that the pool gave alice through another of its clients is not for this API."""
    assert await refused(parley, People(other_client).sign_in(alice.username, alice.password)) == 401


@pytest.fixture
def origin(account: Account) -> str:
    """Give the origin that the web site's pages have."""
    return account.stack_outputs["WebUrl"]


async def test_preflight_from_the_web_site_is_answered(parley: Parley, origin: str) -> None:
    """A browser on the web site learns that it may call, with its token and any method that there is."""
    for method in ("GET", "POST", "PATCH"):
        response = await parley.rest.options(
            "/chats",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        assert response.status_code in (200, 204), response.text
        assert response.headers["access-control-allow-origin"] == origin
        assert method in response.headers["access-control-allow-methods"]
        allowed = response.headers["access-control-allow-headers"].lower()
        assert "authorization" in allowed
        assert "content-type" in allowed


async def test_preflight_from_elsewhere_allows_nothing(parley: Parley) -> None:
    """A page of another origin is not let in."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    response = await parley.rest.options("/chats", headers=headers)
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("signed_in", [True, False])
async def test_answer_to_the_web_site_may_be_read_by_it(
    parley: Parley, origin: str, alice: Person, signed_in: bool
) -> None:
    """An answer names the origin, and a refusal too, lest a page take it for a dead network."""
    headers = {"Origin": origin} | (alice.authorization if signed_in else {})
    response = await parley.rest.get("/users/me", headers=headers)
    assert response.status_code == (200 if signed_in else 401)
    assert response.headers["access-control-allow-origin"] == origin
