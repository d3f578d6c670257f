"""The JWT authorizer of HTTP APIs: which tokens pass, with which claims, and whose keys verify them."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.localcloud.apis.apis_fakes import NOW
from tests.localcloud.apis.http_world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
AUTHORIZER = {
    "authorizerId": "a1",
    "authorizerType": "JWT",
    "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": ISSUER, "audience": ["client1"]},
}
GUARDED = {"routeKey": "GET /me", "function": "me", "authorizationType": "JWT", "authorizerId": "a1"}
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


@pytest.fixture
def world() -> World:
    """A gateway over fakes."""
    return World()


def token(key: RSAPrivateKey = KEY, kid: str = "k1", **changes: object) -> str:
    """An access token as Cognito makes it, with claims changed; None removes one."""
    claims = {
        "iss": ISSUER,
        "client_id": "client1",
        "sub": "u1",
        "exp": int(NOW) + 3600,
        "iat": int(NOW),
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm="RS256", headers={"kid": kid})


def key_set(**keys: RSAPrivateKey) -> dict[str, Any]:
    """A JSON Web Key Set."""
    algorithm = jwt.algorithms.RSAAlgorithm
    return {
        "keys": [
            {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} for kid, key in keys.items()
        ]
    }


@pytest.fixture
def guarded(world: World) -> World:
    """A gateway with a route behind a JWT authorizer."""
    world.deploy(GUARDED, authorizers=[AUTHORIZER])
    world.control_plane.key_sets[ISSUER] = key_set(k1=KEY)
    return world


async def get_me(world: World, authorization: str | None) -> httpx.Response:
    """GET /me with an Authorization header."""
    headers = {} if authorization is None else {"authorization": authorization}
    return await world.client.get("/me", headers=headers)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", ""])
async def test_valid_token_passes_with_its_claims_as_strings(guarded: World, scheme: str) -> None:
    """Numbers, booleans and lists become strings, as on AWS."""
    claims: dict[str, Any] = {"cognito:groups": ["a", "b"], "email_verified": True}
    response = await get_me(guarded, scheme + token(**claims))
    assert response.status_code == 200
    [event] = guarded.functions.seen("me")
    assert event["requestContext"]["authorizer"] == {
        "jwt": {
            "claims": {
                "iss": ISSUER,
                "client_id": "client1",
                "sub": "u1",
                "exp": str(int(NOW) + 3600),
                "iat": str(int(NOW)),
                "cognito:groups": "[a b]",
                "email_verified": "true",
            },
            "scopes": None,
        }
    }


def unsigned() -> str:
    """A token with the algorithm none."""
    claims = {"iss": ISSUER, "client_id": "client1", "exp": int(NOW) + 3600}
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})


def without_algorithm() -> str:
    """A token whose header names no algorithm."""
    head = base64.urlsafe_b64encode(b'{"kid":"k1"}').rstrip(b"=").decode()
    return f"{head}.{token().partition('.')[2]}"


def confused() -> str:
    """A token signed by HMAC with the public key for its secret."""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (
            {"alg": "HS256", "kid": "k1"},
            {"iss": ISSUER, "client_id": "client1", "exp": int(NOW) + 3600},
        )
    )
    return f"{head}.{body}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        lambda: "Bearer ",
        lambda: "Bearer nonsense",
        lambda: token(OTHER_KEY),
        lambda: token(kid="k9"),
        lambda: token(iss="https://evil.example"),
        lambda: token(client_id="client2"),
        lambda: token(client_id=None),
        lambda: token(aud="other"),
        lambda: token(exp=int(NOW)),
        lambda: token(exp=None),
        lambda: token(nbf=int(NOW) + 60),
        lambda: token(iat=int(NOW) + 60),
        lambda: token(client_id=["client1x", {"client": 1}]),
        lambda: token(client_id={"client": 1}),
        unsigned,
        without_algorithm,
        confused,
    ],
)
async def test_bad_token_is_401(guarded: World, make: Any) -> None:
    """None reaches the function, each with a challenge."""
    response = await get_me(guarded, make())
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert not guarded.functions.events


async def test_audience_claim_is_enough(guarded: World) -> None:
    """An id token names the client in aud, one or several."""
    assert (await get_me(guarded, token(client_id=None, aud=["x", "client1"]))).status_code == 200


@pytest.mark.parametrize(
    ("scope", "status"),
    [("chat.read other", 200), (["chat.read"], 200), ("other", 403), (None, 403), (7, 403)],
)
async def test_route_scopes_ask_for_one_of_them(guarded: World, scope: object, status: int) -> None:
    """A valid token that is not wide enough is forbidden."""
    scopes = ["chat.read", "chat.write"]
    guarded.deploy({**GUARDED, "authorizationScopes": scopes}, authorizers=[AUTHORIZER])
    response = await get_me(guarded, token(scope=scope))
    assert response.status_code == status
    for event in guarded.functions.seen("me"):
        assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == scopes


async def test_scopes_may_stand_in_the_claim_scp(guarded: World) -> None:
    """Where the token has no scope."""
    guarded.deploy({**GUARDED, "authorizationScopes": ["chat.read"]}, authorizers=[AUTHORIZER])
    assert (await get_me(guarded, token(scp=["chat.read"]))).status_code == 200
    assert (await get_me(guarded, token(scp="other"))).status_code == 403


async def test_rotated_key_is_found_by_its_new_id(guarded: World) -> None:
    """An unknown key id makes the gateway look again."""
    assert (await get_me(guarded, token())).status_code == 200
    guarded.control_plane.key_sets[ISSUER] = key_set(k2=OTHER_KEY)
    assert (await get_me(guarded, token(OTHER_KEY, "k2"))).status_code == 200


class Issuer(ThreadingHTTPServer):
    """A foreign issuer on the web."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _IssuerRequest)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.keys: dict[str, Any] = key_set(k1=KEY)
        self.fetches = 0

    def answer(self, path: str) -> dict[str, Any] | None:
        """The document at a path."""
        if path == "/keys":
            self.fetches += 1
            return self.keys
        return {"jwks_uri": f"{self.url}/keys"} if path == "/.well-known/openid-configuration" else None


class _IssuerRequest(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        """Answer with the issuer's document."""
        document = self.server.answer(self.path)
        self.send_response(404 if document is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def issuer(world: World) -> Iterator[Issuer]:
    """A foreign issuer that the API's authorizer trusts."""
    with Issuer() as foreign:
        thread = threading.Thread(target=foreign.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        configuration = {"issuer": foreign.url, "audience": ["client1"]}
        world.deploy(GUARDED, authorizers=[{**AUTHORIZER, "jwtConfiguration": configuration}])
        yield foreign
        foreign.shutdown()
        thread.join()


async def test_foreign_issuers_keys_are_fetched_once(world: World, issuer: Issuer) -> None:
    """By its OpenID configuration, and kept."""
    for _ in range(2):
        assert (await get_me(world, token(iss=issuer.url))).status_code == 200
    assert issuer.fetches == 1


async def test_foreign_issuers_keys_are_fetched_again_after_two_hours(world: World, issuer: Issuer) -> None:
    """So that a key which the issuer has withdrawn stops to count."""
    assert (await get_me(world, token(iss=issuer.url, exp=int(NOW) + 9000))).status_code == 200
    issuer.keys = key_set(k2=OTHER_KEY)
    world.clock.time += 7199
    assert (await get_me(world, token(iss=issuer.url, exp=int(NOW) + 9000))).status_code == 200
    world.clock.time += 1
    assert (await get_me(world, token(iss=issuer.url, exp=int(NOW) + 9000))).status_code == 401


async def test_made_up_key_ids_do_not_make_the_gateway_fetch(world: World, issuer: Issuer) -> None:
    """A foreign issuer is asked again only after a while; then its rotated key is found."""
    assert (await get_me(world, token(iss=issuer.url))).status_code == 200
    issuer.keys = key_set(k2=OTHER_KEY)
    rotated = token(OTHER_KEY, "k2", iss=issuer.url)
    assert (await get_me(world, rotated)).status_code == 401
    assert issuer.fetches == 1
    world.clock.time += 11
    assert (await get_me(world, rotated)).status_code == 200


async def test_silent_foreign_issuer_is_500(world: World) -> None:
    """Nobody can be told apart without keys."""
    configuration = {"issuer": "http://127.0.0.1:1", "audience": ["client1"]}
    world.deploy(GUARDED, authorizers=[{**AUTHORIZER, "jwtConfiguration": configuration}])
    assert (await get_me(world, token(iss="http://127.0.0.1:1"))).status_code == 500


async def test_foreign_issuer_that_takes_longer_than_1500_ms_is_500(world: World) -> None:
    """It takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        configuration = {"issuer": url, "audience": ["client1"]}
        world.deploy(GUARDED, authorizers=[{**AUTHORIZER, "jwtConfiguration": configuration}])
        async with asyncio.timeout(4):
            assert (await get_me(world, token(iss=url))).status_code == 500


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
async def test_rsa_signatures_of_each_length_pass(guarded: World, algorithm: str) -> None:
    """API Gateway knows RSA with SHA-256, -384 and -512, and nothing else."""
    claims = {"iss": ISSUER, "client_id": "client1", "exp": int(NOW) + 60}
    signed = jwt.encode(claims, KEY, algorithm=algorithm, headers={"kid": "k1"})
    assert (await get_me(guarded, signed)).status_code == 200


async def test_token_may_stand_in_the_query_string(world: World) -> None:
    """Where the identity source says so."""
    world.deploy(GUARDED, authorizers=[{**AUTHORIZER, "identitySource": ["$request.querystring.token"]}])
    world.control_plane.key_sets[ISSUER] = key_set(k1=KEY)
    assert (await world.client.get("/me", params={"token": token()})).status_code == 200
    assert (await get_me(world, token())).status_code == 401


async def test_refused_token_is_named_in_the_access_log_and_never_written(guarded: World) -> None:
    """``$context.authorizer.error`` says why; no variable has the token."""
    secret = token(exp=int(NOW))
    await get_me(guarded, secret)
    variables = guarded.variables()
    assert variables["authorizer.error"] == "the token has expired"
    assert (variables["status"], variables["error.message"]) == ("401", "Unauthorized")
    assert not any(secret in value for value in variables.values())


async def test_claims_are_variables_of_the_access_log(guarded: World) -> None:
    """``$context.authorizer.claims.sub`` is the caller."""
    await get_me(guarded, token())
    assert guarded.variables()["authorizer.claims.sub"] == "u1"
