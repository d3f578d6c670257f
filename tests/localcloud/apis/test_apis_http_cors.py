"""CORS of HTTP APIs: answers to preflight requests, and who may read the responses."""

from __future__ import annotations

import pytest

from tests.localcloud.apis.http_world import World

AUTHORIZER = {
    "authorizerId": "a1",
    "authorizerType": "JWT",
    "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": "https://issuer.example", "audience": ["client1"]},
}
GUARDED = {"routeKey": "GET /me", "function": "me", "authorizationType": "JWT", "authorizerId": "a1"}
CORS = {
    "allowOrigins": ["https://app.example"],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["authorization"],
    "exposeHeaders": ["x-total"],
    "maxAge": 300,
    "allowCredentials": True,
}
PREFLIGHT = {"origin": "https://app.example", "access-control-request-method": "POST"}


@pytest.fixture
def world() -> World:
    """A gateway over fakes."""
    return World()


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


@pytest.mark.parametrize(
    ("allowed", "credentials", "origin", "answered"),
    [
        ("*", False, "https://app.example", "*"),
        ("*", True, "https://app.example", "https://app.example"),
        ("https://*", False, "https://app.example", "https://app.example"),
        ("https://*", False, "http://app.example", None),
        ("http://*", False, "http://localhost:5173", "http://localhost:5173"),
        ("https://*.example", False, "https://app.example", None),
    ],
)
async def test_origin_is_allowed_by_name_scheme_or_star(
    world: World, allowed: str, credentials: bool, origin: str, answered: str | None
) -> None:
    """AWS knows three wildcards and no others; a star with credentials names the origin."""
    cors = {"allowOrigins": [allowed], "allowCredentials": credentials}
    world.deploy({"routeKey": "GET /me", "function": "me"}, corsConfiguration=cors)
    response = await world.client.get("/me", headers={"origin": origin})
    assert response.headers.get("access-control-allow-origin") == answered


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


async def test_options_without_cors_reaches_its_route(world: World) -> None:
    """Only an API with a CORS configuration answers preflights by itself."""
    world.deploy({"routeKey": "OPTIONS /me", "function": "me"})
    assert (await world.client.options("/me", headers=PREFLIGHT)).text == "OPTIONS /me"
