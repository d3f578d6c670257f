"""HTTP APIs: routes, responses, CORS and JWT authorization, through the gateway's ASGI interface."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from localcloud.apis import Gateway
from localcloud.interfaces import NoFaults
from localcloud.observations import Observations
from tests.localcloud.apis.apis_fakes import NOW, FakeClock, FakeControlPlane, FakeFunctions, HandlerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from localcloud.interfaces import Invocation

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
AUTHORIZER = {
    "authorizerId": "a1",
    "authorizerType": "JWT",
    "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": ISSUER, "audience": ["client1"]},
}
GUARDED = {"routeKey": "GET /me", "function": "me", "authorizationType": "JWT", "authorizerId": "a1"}
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class World:
    """A gateway over fakes, and a client that calls it in this process."""

    def __init__(self) -> None:
        """Nothing is deployed yet."""
        self.control_plane, self.clock = FakeControlPlane(), FakeClock()
        self.functions = FakeFunctions({"me": lambda event: {"statusCode": 200, "body": event["routeKey"]}})
        gateway = Gateway(
            self.control_plane, self.functions, self.clock, "127.0.0.1:4566", Observations(), NoFaults()
        )
        base_url = "http://127.0.0.1:4566/_aws/execute-api/http1"
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=base_url)

    def deploy(self, *routes: Mapping[str, Any], **extra: Any) -> None:
        """Deploy an HTTP API with the stage ``$default``."""
        self.control_plane.deploy("http1", "HTTP", routes, **{"stages": [{"stageName": "$default"}], **extra})

    def answer(self, value: Any) -> None:
        """Let the function ``me`` return ``value``."""
        self.functions.handlers["me"] = lambda _: value


@pytest.fixture
def world() -> World:
    """A gateway over fakes."""
    return World()


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/chats", "GET /chats"),
        ("DELETE", "/chats", "ANY /chats"),
        ("GET", "/chats/c1", "GET /chats/{chatId}"),
        ("GET", "/chats/mine", "GET /chats/mine"),
        ("GET", "/chats/c1/more/still", "ANY /chats/{proxy+}"),
        ("POST", "/chats/c1", "ANY /chats/{proxy+}"),
        ("GET", "/elsewhere", "$default"),
        ("GET", "/", "$default"),
    ],
)
async def test_route_of_highest_priority_is_taken(world: World, method: str, path: str, key: str) -> None:
    """A full match before a greedy one, literals before parameters, a method before ANY, then $default."""
    keys = (
        "$default",
        "ANY /chats/{proxy+}",
        "GET /chats/{chatId}",
        "GET /chats/mine",
        "ANY /chats",
        "GET /chats",
    )
    world.deploy(*({"routeKey": key, "function": "me"} for key in keys))
    assert (await world.client.request(method, path)).text == key


async def test_request_without_route_is_404(world: World) -> None:
    """AWS's words for it."""
    world.deploy({"routeKey": "GET /chats", "function": "me"})
    response = await world.client.get("/elsewhere")
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


async def test_api_that_is_not_there_is_404(world: World) -> None:
    """Nor is there a gateway without APIs."""
    assert (await world.client.get("/chats")).status_code == 404


async def test_named_stage_stays_in_the_raw_path(world: World) -> None:
    """The stage selects nothing but stands in the event's paths; an unknown one is 404."""
    world.deploy({"routeKey": "GET /chats/{chatId}", "function": "me"}, stages=[{"stageName": "v1"}])
    assert (await world.client.get("/v1/chats/dm%3Aa%2Fb")).status_code == 200
    event = world.functions.seen("me")[0]
    assert event["rawPath"] == "/v1/chats/dm:a/b"
    assert event["pathParameters"] == {"chatId": "dm:a/b"}
    assert event["requestContext"]["stage"] == "v1"
    assert (await world.client.get("/v2/chats/x")).status_code == 404


async def test_structured_response_has_status_headers_cookies_and_body(world: World) -> None:
    """Header names in any case, cookies as one Set-Cookie each, base64 decoded."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "X-Count": 7},
            "multiValueHeaders": {"x-many": ["a", "b"]},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "isBase64Encoded": True,
            "body": base64.b64encode(b"\x00\xff").decode(),
        }
    )
    response = await world.client.get("/me")
    assert (response.status_code, response.content) == (201, b"\x00\xff")
    assert response.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]
    assert response.headers["content-type"] == "image/png"
    assert (response.headers["x-count"], response.headers["x-many"]) == ("7", "a,b")


@pytest.mark.parametrize("value", ["hello", {"ok": True}, [1], None])
async def test_plain_json_is_the_body_of_a_200(world: World, value: Any) -> None:
    """Without a statusCode the function's JSON is the response."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(value)
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (200, value)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "many"},
        {"statusCode": 42},
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
    ],
)
async def test_malformed_response_is_500(world: World, value: Any) -> None:
    """What is no response makes an internal error."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.answer(value)
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


async def test_crashing_function_is_500(world: World) -> None:
    """The function's error stays in its logs."""

    def crash(_: Any) -> None:
        raise HandlerError("secret")

    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.handlers["me"] = crash
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


async def test_function_that_outlasts_the_timeout_is_503_and_runs_on(world: World) -> None:
    """The integration's timeout ends the wait, not the function."""
    ended, release = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> None:
        await release.wait()
        ended.set()

    world.deploy({"routeKey": "GET /me", "function": "me", "timeoutInMillis": 50})
    world.functions.handlers["me"] = slow
    response = await world.client.get("/me")
    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
    release.set()
    async with asyncio.timeout(5):
        await ended.wait()


async def test_throttled_function_is_503(world: World) -> None:
    """No environment to be had."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.throttled = True
    assert (await world.client.get("/me")).status_code == 503


async def test_missing_function_is_500(world: World) -> None:
    """A route to a function that was deleted."""
    world.deploy({"routeKey": "GET /me", "function": "gone"})
    assert (await world.client.get("/me")).status_code == 500


async def test_body_above_10_mb_is_413(world: World) -> None:
    """Exactly 10 MB passes."""
    world.deploy({"routeKey": "POST /me", "function": "me"})
    most = b"x" * (10 * 1024 * 1024)
    assert (await world.client.post("/me", content=most)).status_code == 200
    assert (await world.client.post("/me", content=most + b"x")).status_code == 413


async def test_unserved_authorization_never_stands_open(world: World) -> None:
    """A route with IAM authorization answers 500 and not with its function."""
    world.deploy({"routeKey": "GET /me", "function": "me", "authorizationType": "AWS_IAM"})
    assert (await world.client.get("/me")).status_code == 500
    assert not world.functions.events


async def test_change_of_the_api_is_served_at_once(world: World) -> None:
    """The cache goes when the control plane's generation grows, and not before."""
    world.deploy({"routeKey": "GET /me", "function": "me"})
    await world.client.get("/me")
    reads = len(world.control_plane.reads)
    await world.client.get("/me")
    assert len(world.control_plane.reads) == reads
    world.deploy({"routeKey": "GET /you", "function": "me"})
    assert (await world.client.get("/you")).status_code == 200
    assert (await world.client.get("/me")).status_code == 404


async def test_fault_of_the_execution_plane_is_500_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Not the function's fault, but whoever waits is answered."""

    async def broken(function: str, payload: bytes) -> Invocation:
        raise OSError(f"no memory for {function} and {len(payload)} bytes")

    world.deploy({"routeKey": "GET /me", "function": "me"})
    world.functions.invoke = broken  # type: ignore[method-assign]
    assert (await world.client.get("/me")).status_code == 500
    assert "no memory for" in caplog.text


CORS = {
    "allowOrigins": ["https://app.example"],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["authorization"],
    "exposeHeaders": ["x-total"],
    "maxAge": 300,
    "allowCredentials": True,
}
PREFLIGHT = {"origin": "https://app.example", "access-control-request-method": "POST"}


async def test_preflight_is_answered_without_a_route_or_token(world: World) -> None:
    """The gateway answers, whatever guards the route."""
    world.deploy(GUARDED, corsConfiguration=CORS, authorizers=[AUTHORIZER])
    response = await world.client.options("/me", headers=PREFLIGHT)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://app.example"
    assert response.headers["access-control-allow-methods"] == "GET,POST"
    assert response.headers["access-control-allow-headers"] == "authorization"
    assert response.headers["access-control-max-age"] == "300"
    assert response.headers["access-control-allow-credentials"] == "true"


async def test_preflight_of_another_origin_gets_no_permission(world: World) -> None:
    """No CORS header, so the browser refuses."""
    world.deploy(GUARDED, corsConfiguration=CORS, authorizers=[AUTHORIZER])
    response = await world.client.options("/me", headers={**PREFLIGHT, "origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control-")]


async def test_response_carries_the_apis_cors_and_not_the_functions(world: World) -> None:
    """Also a 401 does, so that a page can read it."""
    open_route = {"routeKey": "GET /open", "function": "me"}
    world.deploy(GUARDED, open_route, corsConfiguration=CORS, authorizers=[AUTHORIZER])
    world.answer({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}})
    response = await world.client.get("/open", headers={"origin": "https://app.example"})
    assert response.headers.get_list("access-control-allow-origin") == ["https://app.example"]
    assert response.headers["access-control-expose-headers"] == "x-total"
    refused = await world.client.get("/me", headers={"origin": "https://app.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://app.example"


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
        unsigned,
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


@pytest.mark.parametrize(("scope", "status"), [("chat.read other", 200), ("other", 403), (None, 403)])
async def test_route_scopes_ask_for_one_of_them(guarded: World, scope: str | None, status: int) -> None:
    """A valid token that is not wide enough is forbidden."""
    scopes = ["chat.read", "chat.write"]
    guarded.deploy({**GUARDED, "authorizationScopes": scopes}, authorizers=[AUTHORIZER])
    response = await get_me(guarded, token(scope=scope))
    assert response.status_code == status
    for event in guarded.functions.seen("me"):
        assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == scopes


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
