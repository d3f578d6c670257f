"""The user pool's OAuth 2.0 endpoints, as the app client that has a secret (RFC 6749, RFC 7636).

Where they are is asked of the pool (OpenID Connect Discovery), which also tells it where AWS is not meant.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from chat.adapters.endpoint import Endpoint
from chat.ports.web_sessions import AccessToken, SignedIn, TokensRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.adapters.endpoint import Response

READ_TIMEOUT = 5
"""Seconds."""
_Claims = TypeVar("_Claims")
_OK = 200
_OTHER_SECRET = "invalid_client"  # noqa: S105 - an error's code
_REFUSED = frozenset({"invalid_grant"})
"""The answers that another attempt cannot change; anything else is a fault of ours or the pool's."""


class _Tokens(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int
    refresh_token: str = ""
    id_token: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: str


class _AccessClaims(msgspec.Struct, frozen=True):
    sub: str
    username: str


class _IdClaims(msgspec.Struct, frozen=True):
    name: str = ""


class _Discovery(msgspec.Struct, frozen=True):
    token_endpoint: str


class _TokenEndpoint(NamedTuple):
    endpoint: Endpoint
    path: str


class SignInFaultError(Exception):
    """The user pool has answered with what is neither tokens nor a refusal of what it was given."""


class HostedSignIn:
    """Serves `ports.TokenIssuer`."""

    def __init__(self, client: Any, user_pool_id: str, client_id: str) -> None:  # noqa: ANN401 - see sdk.cognito
        """Use the user pool as this app client of it."""
        self._client = client
        self._user_pool_id = user_pool_id
        self._client_id = client_id

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> SignedIn:
        """Give the tokens for a code; TokensRefusedError where it is good for none.

        They come from the pool itself, over TLS, so their signatures need no check (OpenID Connect Core,
        3.1.3.7); the API's authorizer checks the access token's whenever it is used.
        """
        form = {"code": code, "code_verifier": code_verifier, "redirect_uri": redirect_uri}
        tokens = self._ask({"grant_type": "authorization_code", **form})
        claims = _claims(tokens.access_token, _AccessClaims)
        name = _claims(tokens.id_token, _IdClaims).name if tokens.id_token else ""
        access_token = AccessToken(tokens.access_token, tokens.expires_in)
        return SignedIn(access_token, tokens.refresh_token, claims.sub, claims.username, name)

    def refresh(self, refresh_token: str) -> AccessToken:
        """Give another access token; TokensRefusedError where the refresh token has ended or was revoked."""
        tokens = self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})
        return AccessToken(tokens.access_token, tokens.expires_in)

    def revoke(self, refresh_token: str) -> None:
        """End the refresh token and all that came of it. Repeating it is harmless."""
        try:
            self._revoke(refresh_token)
        except self._client.exceptions.NotAuthorizedException:
            self._forget_secret()
            self._revoke(refresh_token)

    def _revoke(self, refresh_token: str) -> None:
        self._client.revoke_token(Token=refresh_token, ClientId=self._client_id, ClientSecret=self._secret)

    def _ask(self, form: Mapping[str, str]) -> _Tokens:
        response = self._post(form)
        if response.status != _OK and _error(response.body) == _OTHER_SECRET:
            self._forget_secret()
            response = self._post(form)
        if response.status == _OK:
            return msgspec.json.decode(response.body, type=_Tokens)
        if _error(response.body) in _REFUSED:
            raise TokensRefusedError
        raise SignInFaultError(
            f"The user pool's token endpoint answered {response.status} {_error(response.body)}."
        )

    def _post(self, form: Mapping[str, str]) -> Response:
        endpoint, path = self._token_endpoint
        # RFC 6749, 2.3.1: both are encoded as in a form before they are put together.
        credentials = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
        headers = {
            "host": endpoint.host,
            "authorization": f"Basic {b64encode(credentials.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        body = urlencode({**form, "client_id": self._client_id}).encode()
        return endpoint.exchange("POST", path, headers, body)

    def _forget_secret(self) -> None:
        """Have it read again: somebody may have replaced it since."""
        self.__dict__.pop("_secret", None)

    @cached_property
    def _secret(self) -> str:
        """The app client's, read when it is first needed: it stands in no template and in no variable."""
        described = self._client.describe_user_pool_client(
            UserPoolId=self._user_pool_id, ClientId=self._client_id
        )
        secret: str = described["UserPoolClient"]["ClientSecret"]
        return secret

    @cached_property
    def _token_endpoint(self) -> _TokenEndpoint:
        pool = Endpoint(self._client.meta.endpoint_url, READ_TIMEOUT)
        path = f"{pool.path}/{self._user_pool_id}/.well-known/openid-configuration"
        response = pool.exchange("GET", path, {"host": pool.host, "accept": "application/json"}, b"")
        pool.close()
        if response.status != _OK:
            raise SignInFaultError(f"The user pool's discovery answered {response.status}.")
        url = urlsplit(msgspec.json.decode(response.body, type=_Discovery).token_endpoint)
        return _TokenEndpoint(Endpoint(f"{url.scheme}://{url.netloc}", READ_TIMEOUT), url.path)


def _error(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except msgspec.DecodeError:
        return "without saying why"


def _claims(token: str, type_: type[_Claims]) -> _Claims:
    part = token.split(".")[1]
    return msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=type_)
