"""Signing in at a Cognito user pool with a password, over its public API, without AWS keys."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx
import msgspec

from .errors import AuthenticationFailed, NotReachable, cause

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RENEW_BEFORE = 60.0
"""Seconds before its end at which an access token is renewed."""


class _Result(msgspec.Struct, frozen=True, rename="pascal"):
    access_token: str
    expires_in: float
    refresh_token: str | None = None


class _Answer(msgspec.Struct, frozen=True, rename="pascal"):
    authentication_result: _Result | None = None
    challenge_name: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    type: str = msgspec.field(name="__type", default="")
    message: str = ""


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Sign in at the user pool endpoint `url` through the client `client_id`; `clock` counts seconds."""
        self._url = url
        self._client_id = client_id
        self._username = username
        self._password = password
        self._http = http
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._access_token = ""
        self._refresh_token: str | None = None
        self._ends = float("-inf")

    async def __call__(self) -> str:
        """Return an access token that is valid for a while.

        Raises:
            AuthenticationFailed: Cognito does not know this name and password.
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
                result = await self._initiate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": self._refresh_token})
            except AuthenticationFailed:
                self._refresh_token = (
                    None  # it has ended or was revoked: the password still speaks for the user
                )
        if result is None:
            result = await self._initiate(
                "USER_PASSWORD_AUTH", {"USERNAME": self._username, "PASSWORD": self._password}
            )
        self._access_token = result.access_token
        self._refresh_token = result.refresh_token or self._refresh_token
        self._ends = self._clock() + result.expires_in

    async def _initiate(self, flow: str, parameters: Mapping[str, str]) -> _Result:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        }
        body = {"AuthFlow": flow, "ClientId": self._client_id, "AuthParameters": parameters}
        try:
            response = await self._http.post(self._url, headers=headers, content=msgspec.json.encode(body))
            if response.is_success:
                answer = msgspec.json.decode(response.content, type=_Answer)
                if answer.authentication_result is not None:
                    return answer.authentication_result
                raise AuthenticationFailed(
                    f"Cognito asks {self._username} for {answer.challenge_name} first."
                )
            refusal = msgspec.json.decode(response.content, type=_Refusal)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NotReachable(f"{self._url} does not answer: {cause(error)}") from error
        except msgspec.DecodeError as error:
            raise NotReachable(f"{self._url} does not answer as Cognito does: {error}") from error
        if response.is_server_error or "TooManyRequests" in refusal.type:
            raise NotReachable(f"Cognito cannot sign {self._username} in now: {refusal.message}")
        raise AuthenticationFailed(f"Cognito does not sign {self._username} in: {refusal.message}")
