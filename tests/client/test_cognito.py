"""Signing in at a pretended user pool: tokens are fetched once, renewed in time, and refused clearly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from parley_client import AuthenticationFailed, NotReachable
from parley_client.cognito import PasswordSignIn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LASTING = {"RefreshToken": "refresh"}


class Pool:
    """A user pool that knows ann's password and whose access tokens last an hour."""

    def __init__(self) -> None:
        """Accept the password and every refresh token."""
        self.now = 1_000.0
        self.flows: list[str] = []
        self.refresh_works = True
        self.status = 200
        self.code = ""
        """What ann's authenticator app shows; empty where she has none."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer InitiateAuth, and RespondToAuthChallenge."""
        operation = request.headers["x-amz-target"].removeprefix("AWSCognitoIdentityProviderService.")
        body = json.loads(request.content)
        assert body["ClientId"] == "app"
        if operation == "RespondToAuthChallenge":
            return self._code(body)
        assert operation == "InitiateAuth"
        self.flows.append(body["AuthFlow"])
        if self.status != 200:
            return httpx.Response(self.status, json={"__type": "InternalErrorException", "message": "later"})
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH" and self.refresh_works:
            assert body["AuthParameters"] == {"REFRESH_TOKEN": "refresh"}
            return self._tokens({})
        if body["AuthParameters"] == {"USERNAME": "ann", "PASSWORD": "right"}:
            challenge = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "of ann"}
            return httpx.Response(200, json=challenge) if self.code else self._tokens(LASTING)
        return httpx.Response(
            400, json={"__type": "NotAuthorizedException", "message": "Incorrect username or password."}
        )

    def _code(self, body: dict[str, Any]) -> httpx.Response:
        self.flows.append("code")
        assert (body["ChallengeName"], body["Session"]) == ("SOFTWARE_TOKEN_MFA", "of ann")
        given = body["ChallengeResponses"]
        if given == {"USERNAME": "ann", "SOFTWARE_TOKEN_MFA_CODE": self.code}:
            return self._tokens(LASTING)
        late = "too late" in given.values()
        refusal = "NotAuthorizedException" if late else "CodeMismatchException"
        return httpx.Response(400, json={"__type": refusal, "message": "Invalid session for the user."})

    def _tokens(self, more: dict[str, str]) -> httpx.Response:
        result = {"AccessToken": f"token {len(self.flows)}", "ExpiresIn": 3600, "IdToken": "x", **more}
        return httpx.Response(200, json={"AuthenticationResult": result, "ChallengeParameters": {}})

    def sign_in(
        self,
        password: str = "right",  # noqa: S107 - pretended
        ask: Callable[[str], Awaitable[str]] | None = None,
    ) -> PasswordSignIn:
        """Return ann's sign-in."""
        return PasswordSignIn(
            url="http://cognito.test/",
            client_id="app",
            username="ann",
            password=password,
            http=httpx.AsyncClient(transport=httpx.MockTransport(self.answer)),
            ask=ask,
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


async def test_code_is_asked_for_until_it_is_right() -> None:
    """Who has an authenticator app gives its code; the refresh token needs none."""
    pool, codes, questions = Pool(), iter(["000000", " 123456 "]), list[str]()
    pool.code = "123456"

    async def ask(question: str) -> str:
        questions.append(question)
        return next(codes)

    sign_in = pool.sign_in(ask=ask)
    assert await sign_in() == "token 3"
    assert ["not right" in question for question in questions] == [False, True]
    pool.now += 3_600
    assert await sign_in() == "token 4"
    assert len(questions) == 2


@pytest.mark.parametrize("answers", [[], ["too late"]])
async def test_code_that_cannot_be_had_raises_authentication_failed(answers: list[str]) -> None:
    """Where nobody can be asked, and where the challenge has ended before the answer."""
    pool = Pool()
    pool.code = "123456"

    async def ask(_: str) -> str:
        return answers[0]

    with pytest.raises(AuthenticationFailed, match="SOFTWARE_TOKEN_MFA" if not answers else "session"):
        await pool.sign_in(ask=ask if answers else None)()


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
