"""Signing in at a Cognito user pool with a password, and an authenticator's code, without AWS keys."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx
import msgspec

from .errors import AuthenticationFailed, NotReachable, cause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_RENEW_BEFORE = 60.0
"""Seconds before its end at which an access token is renewed."""
_CODE = "SOFTWARE_TOKEN_MFA"
"""The challenge that wants the code of an authenticator app."""
_CODE_REFUSALS = ("CodeMismatchException", "ExpiredCodeException")


class _Result(msgspec.Struct, frozen=True, rename="pascal"):
    access_token: str
    expires_in: float
    refresh_token: str | None = None


class _Answer(msgspec.Struct, frozen=True, rename="pascal"):
    authentication_result: _Result | None = None
    challenge_name: str = ""
    challenge_parameters: dict[str, str] = {}
    session: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    type: str = msgspec.field(name="__type", default="")
    message: str = ""


class _CodeRefused(AuthenticationFailed):
    """The code of an authenticator app is not right, or was used already: the next one may be."""


class PasswordSignIn:
    """The access tokens of one user, for ChatClient's `tokens`: signed in once, renewed in time."""

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        username: str,
        password: str,
        http: httpx.AsyncClient,
        ask: Callable[[str], Awaitable[str]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Sign in at the user pool endpoint `url` through the client `client_id`.

        Args:
            url: where the user pool's API answers.
            client_id: the user pool's client.
            username: who signs in.
            password: with it.
            http: used for the requests.
            ask: puts a question to the person and returns the answer, for the code of an authenticator app;
                without it, who has one cannot sign in.
            clock: counts seconds.
        """
        self._url = url
        self._client_id = client_id
        self._username = username
        self._password = password
        self._http = http
        self._ask = ask
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._access_token = ""
        self._refresh_token: str | None = None
        self._ends = float("-inf")

    async def __call__(self) -> str:
        """Return an access token that is valid for a while.

        Raises:
            AuthenticationFailed: Cognito does not know this name and password, or asks for what is not there.
            NotReachable: Cognito does not answer.
        """
        async with self._one_at_a_time:
            if self._clock() >= self._ends - _RENEW_BEFORE:
                await self._renew()
            return self._access_token

    def forget(self) -> None:
        """Sign in with the password next time, as after this user has signed out everywhere."""
        self._refresh_token = None
        self._ends = float("-inf")

    async def _renew(self) -> None:
        result = None
        if self._refresh_token is not None:
            try:
                result = await self._refresh(self._refresh_token)
            except AuthenticationFailed:
                self._refresh_token = (
                    None  # it has ended or was revoked: the password still speaks for the user
                )
        if result is None:
            result = await self._sign_in()
        self._access_token = result.access_token
        self._refresh_token = result.refresh_token or self._refresh_token
        self._ends = self._clock() + result.expires_in

    async def _refresh(self, refresh_token: str) -> _Result:
        parameters = {"REFRESH_TOKEN": refresh_token}
        return self._result(
            await self._call("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters})
        )

    async def _sign_in(self) -> _Result:
        parameters = {"USERNAME": self._username, "PASSWORD": self._password}
        answer = await self._call(
            "InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        )
        question = f"The code that {self._username}'s authenticator app shows: "
        while answer.challenge_name == _CODE and self._ask is not None:
            try:
                answer = await self._respond(answer, await self._ask(question))
            except _CodeRefused:
                question = "That code is not right, or was used already. The one that it shows now: "
        return self._result(answer)

    async def _respond(self, challenge: _Answer, code: str) -> _Answer:
        username = challenge.challenge_parameters.get("USER_ID_FOR_SRP", self._username)
        responses = {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code.strip()}
        body = {"ChallengeName": _CODE, "ChallengeResponses": responses, "Session": challenge.session}
        return await self._call("RespondToAuthChallenge", body)

    def _result(self, answer: _Answer) -> _Result:
        if answer.authentication_result is None:
            raise AuthenticationFailed(f"Cognito asks {self._username} for {answer.challenge_name} first.")
        return answer.authentication_result

    async def _call(self, operation: str, body: Mapping[str, object]) -> _Answer:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        content = msgspec.json.encode({"ClientId": self._client_id, **body})
        try:
            response = await self._http.post(self._url, headers=headers, content=content)
            if response.is_success:
                return msgspec.json.decode(response.content, type=_Answer)
            refusal = msgspec.json.decode(response.content, type=_Refusal)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NotReachable(f"{self._url} does not answer: {cause(error)}") from error
        except msgspec.DecodeError as error:
            raise NotReachable(f"{self._url} does not answer as Cognito does: {error}") from error
        if response.is_server_error or "TooManyRequests" in refusal.type:
            raise NotReachable(f"Cognito cannot sign {self._username} in now: {refusal.message}")
        refused = _CodeRefused if refusal.type.endswith(_CODE_REFUSALS) else AuthenticationFailed
        raise refused(f"Cognito does not sign {self._username} in: {refusal.message}")
