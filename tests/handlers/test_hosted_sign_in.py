"""The user pool's OAuth 2.0 endpoints as the app client asks them: what is sent, what answers mean."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from chat.adapters.hosted_sign_in import HostedSignIn, SignInFaultError
from chat.ports.web_sessions import AccessToken, SignedIn, TokensRefusedError
from tests.handlers.support.scripted_server import Last, ScriptedServer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Mapping

POOL, CLIENT, SECRET = "us-east-1_Pool", "web", "se/cr+et"


def answer(body: object, status: str = "200 OK") -> bytes:
    """An HTTP answer of JSON, the connection's last: no test leaves one open."""
    encoded = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(encoded)}\r\n\r\n"
    return Last(head.encode() + encoded)


def token(**claims: str) -> str:
    """A token that says this; its signature is another's business."""
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.x"


def form_of(request: bytes) -> dict[str, str]:
    """The form that a request sends."""
    return dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode()))


class FakeUserPools:
    """The API of user pools, as far as the adapter goes."""

    def __init__(self, url: str) -> None:
        self.meta = SimpleNamespace(endpoint_url=url)
        self.exceptions = SimpleNamespace(NotAuthorizedException=PermissionError)
        self.secret = SECRET
        self.calls: list[tuple[str, Mapping[str, str]]] = []

    def describe_user_pool_client(self, **asked: str) -> dict[str, Any]:
        """Tell the secret."""
        self.calls.append(("describe", asked))
        return {"UserPoolClient": {"ClientSecret": self.secret}}

    def revoke_token(self, **asked: str) -> None:
        """Note it, where the secret is right."""
        self.calls.append(("revoke", asked))
        if asked["ClientSecret"] != self.secret:
            raise PermissionError


def sign_in_at(server: ScriptedServer) -> tuple[HostedSignIn, FakeUserPools]:
    """The adapter on a server."""
    pools = FakeUserPools(server.url)
    return HostedSignIn(pools, POOL, CLIENT), pools


def discovery(port: str) -> bytes:
    """Where the token endpoint is."""
    return answer({"token_endpoint": f"{port}/oauth2/token"})


def test_code_is_exchanged_where_the_pool_says_by_client_and_verifier() -> None:
    """With the secret, read once, in the header that is made for it; who signed in is what the tokens say."""
    tokens = {
        "access_token": token(sub="ada", username="Google_1"),
        "id_token": token(name="Ada Lovelace"),
        "refresh_token": "kept",
        "expires_in": 3_600,
    }
    access_token = AccessToken(str(tokens["access_token"]), 3_600)
    with scripted_server() as server:
        server._script += [discovery(server.url), answer(tokens), answer(tokens)]  # noqa: SLF001 - its own address
        sign_in, pools = sign_in_at(server)
        signed_in = sign_in.exchange("a code", "v" * 43, "https://chat.example.com/signed-in")
        assert sign_in.refresh("kept") == access_token
    assert signed_in == SignedIn(access_token, "kept", "ada", "Google_1", "Ada Lovelace")
    found, exchanged, refreshed = server.requests
    assert found.startswith(f"GET /{POOL}/.well-known/openid-configuration ".encode())
    assert exchanged.startswith(b"POST /oauth2/token ")
    (authorization,) = [
        line for line in exchanged.split(b"\r\n") if line.startswith(b"authorization: Basic ")
    ]
    assert b64decode(authorization.split()[-1]) == b"web:se%2Fcr%2Bet"
    assert form_of(exchanged) == {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": "a code",
        "code_verifier": "v" * 43,
        "redirect_uri": "https://chat.example.com/signed-in",
    }
    assert form_of(refreshed) == {
        "grant_type": "refresh_token",
        "client_id": CLIENT,
        "refresh_token": "kept",
    }
    assert pools.calls == [("describe", {"UserPoolId": POOL, "ClientId": CLIENT})]


def test_grant_that_is_not_good_is_refused() -> None:
    """A code that is spent, a refresh token that was revoked: asking again changes nothing."""
    with scripted_server() as server:
        server._script += [discovery(server.url), answer({"error": "invalid_grant"}, "400 Bad Request")]  # noqa: SLF001
        with pytest.raises(TokensRefusedError):
            sign_in_at(server)[0].refresh("revoked")


@pytest.mark.parametrize(
    "fault",
    [
        answer({"error": "server_error"}, "500 Internal Server Error"),
        Last(b"HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 5\r\n\r\n<html"),
    ],
)
def test_fault_of_the_user_pool_ends_no_session(fault: bytes) -> None:
    """It is told apart from a refusal, and names no token."""
    with scripted_server() as server:
        server._script += [discovery(server.url), fault]  # noqa: SLF001
        with pytest.raises(SignInFaultError) as told:
            sign_in_at(server)[0].refresh("a-refresh-token")
    assert "a-refresh-token" not in str(told.value)


def test_token_is_revoked_as_the_client() -> None:
    """By the API, whose calls are tried again."""
    with scripted_server() as server:
        sign_in, pools = sign_in_at(server)
        sign_in.revoke("kept")
    assert pools.calls[-1] == ("revoke", {"Token": "kept", "ClientId": CLIENT, "ClientSecret": SECRET})


def test_secret_that_was_replaced_is_read_again() -> None:
    """Of an environment that has read it before: nobody's sign-in fails by it."""
    wrong, tokens = (
        answer({"error": "invalid_client"}, "400 Bad Request"),
        {"access_token": "a", "expires_in": 1},
    )
    with scripted_server() as server:
        server._script += [discovery(server.url), wrong, answer(tokens)]  # noqa: SLF001
        sign_in, pools = sign_in_at(server)
        assert sign_in.refresh("kept") == AccessToken("a", 1)
        pools.secret = "another"  # noqa: S105
        sign_in.revoke("kept")
    asked = [name for name, _ in pools.calls]
    assert asked == ["describe", "describe", "revoke", "describe", "revoke"]
    assert pools.calls[-1][1]["ClientSecret"] == "another"


def test_secret_that_is_wrong_however_often_it_is_read_is_a_fault() -> None:
    """Of ours: it ends no session."""
    wrong = answer({"error": "invalid_client"}, "400 Bad Request")
    with scripted_server() as server:
        server._script += [discovery(server.url), wrong, wrong]  # noqa: SLF001
        with pytest.raises(SignInFaultError, match="invalid_client"):
            sign_in_at(server)[0].refresh("kept")
