"""Signing in at a pretended user pool: tokens are fetched once, renewed in time, and refused clearly."""

from __future__ import annotations

import json

import httpx
import pytest

from parley_client import AuthenticationFailed, NotReachable
from parley_client.cognito import PasswordSignIn


class Pool:
    """A user pool that knows ann's password and whose access tokens last an hour."""

    def __init__(self) -> None:
        """Accept the password and every refresh token."""
        self.now = 1_000.0
        self.flows: list[str] = []
        self.refresh_works = True
        self.status = 200

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer InitiateAuth."""
        assert request.headers["x-amz-target"] == "AWSCognitoIdentityProviderService.InitiateAuth"
        body = json.loads(request.content)
        assert body["ClientId"] == "app"
        self.flows.append(body["AuthFlow"])
        if self.status != 200:
            return httpx.Response(self.status, json={"__type": "InternalErrorException", "message": "later"})
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH" and self.refresh_works:
            assert body["AuthParameters"] == {"REFRESH_TOKEN": "refresh"}
            return self._tokens({})
        if body["AuthParameters"] == {"USERNAME": "ann", "PASSWORD": "right"}:
            return self._tokens({"RefreshToken": "refresh"})
        return httpx.Response(
            400, json={"__type": "NotAuthorizedException", "message": "Incorrect username or password."}
        )

    def _tokens(self, more: dict[str, str]) -> httpx.Response:
        result = {"AccessToken": f"token {len(self.flows)}", "ExpiresIn": 3600, "IdToken": "x", **more}
        return httpx.Response(200, json={"AuthenticationResult": result, "ChallengeParameters": {}})

    def sign_in(self, password: str = "right") -> PasswordSignIn:  # noqa: S107 - pretended
        """Return ann's sign-in."""
        return PasswordSignIn(
            url="http://cognito.test/",
            client_id="app",
            username="ann",
            password=password,
            http=httpx.AsyncClient(transport=httpx.MockTransport(self.answer)),
            clock=lambda: self.now,
        )


async def test_access_token_is_kept_until_a_minute_before_its_end() -> None:
    """One sign-in serves for an hour less a minute, then the refresh token does."""
    pool = Pool()
    sign_in = pool.sign_in()
    assert [await sign_in(), await sign_in()] == ["token 1", "token 1"]
    pool.now += 3_539
    assert await sign_in() == "token 1"
    pool.now += 1
    assert await sign_in() == "token 2"
    assert pool.flows == ["USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH"]


async def test_refresh_token_that_ended_falls_back_to_the_password() -> None:
    """A revoked refresh token costs one more request, not the session."""
    pool = Pool()
    sign_in = pool.sign_in()
    await sign_in()
    pool.now, pool.refresh_works = pool.now + 3_600, False
    assert await sign_in() == "token 3"
    assert pool.flows[1:] == ["REFRESH_TOKEN_AUTH", "USER_PASSWORD_AUTH"]


async def test_forgotten_session_is_followed_by_a_sign_in_with_the_password() -> None:
    """Who has signed out everywhere has neither access token nor refresh token that counts."""
    pool = Pool()
    sign_in = pool.sign_in()
    await sign_in()
    sign_in.forget()
    assert await sign_in() == "token 2"
    assert pool.flows == ["USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"]


async def test_wrong_password_raises_authentication_failed() -> None:
    """Cognito's own sentence is passed on."""
    with pytest.raises(AuthenticationFailed, match="Incorrect username or password"):
        await Pool().sign_in("wrong")()


async def test_failing_user_pool_raises_not_reachable() -> None:
    """A fault of the service is not taken for a wrong password."""
    pool = Pool()
    pool.status = 500
    with pytest.raises(NotReachable, match="later"):
        await pool.sign_in()()


async def test_challenge_raises_authentication_failed() -> None:
    """A user who must first do something, such as set a password, is told what."""

    def challenge(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"ChallengeName": "NEW_PASSWORD_REQUIRED"})

    sign_in = PasswordSignIn(
        url="http://cognito.test/",
        client_id="app",
        username="ann",
        password="right",  # noqa: S106 - pretended
        http=httpx.AsyncClient(transport=httpx.MockTransport(challenge)),
    )
    with pytest.raises(AuthenticationFailed, match="NEW_PASSWORD_REQUIRED"):
        await sign_in()
