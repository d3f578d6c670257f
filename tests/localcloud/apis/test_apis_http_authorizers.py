"""Lambda authorizers and IAM routes of HTTP APIs: events, answers, identity sources and what is cached."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.interfaces import Denied
from tests.localcloud.apis.apis_fakes import HandlerError, function_uri, policy
from tests.localcloud.apis.http_world import World

GUARDED = {"routeKey": "GET /me", "function": "me", "authorizationType": "CUSTOM", "authorizerId": "a1"}
HEADERS = {"x-key": "secret", "x-tenant": "t1"}
ARN = "arn:aws:execute-api:us-east-1:000000000000:http1/$default/GET"


def authorizer(**changes: Any) -> dict[str, Any]:
    """A REQUEST authorizer on two headers with simple responses, as GetAuthorizers lists it."""
    fields = {
        "authorizerId": "a1",
        "authorizerType": "REQUEST",
        "authorizerUri": function_uri("guard"),
        "identitySource": ["$request.header.X-Key", "$request.header.X-Tenant"],
        "authorizerPayloadFormatVersion": "2.0",
        "authorizerResultTtlInSeconds": 0,
        "enableSimpleResponses": True,
    }
    return fields | changes


def guarded_world(answer: Any, *routes: dict[str, Any], **changes: Any) -> World:
    """A gateway whose authorizer's function returns ``answer``."""
    world = World()
    world.deploy(*(routes or (GUARDED,)), authorizers=[authorizer(**changes)])
    world.functions.handlers["guard"] = lambda _: answer
    return world


async def status(world: World, path: str = "/me", **headers: str) -> int:
    """The status of a GET with these headers, or those of a known caller."""
    return (await world.client.get(path, headers=headers or HEADERS)).status_code


async def test_simple_response_admits_with_its_context_as_it_is() -> None:
    """Payload 2.0: numbers, lists and maps stay what they are below ``authorizer.lambda``."""
    context = {"user": "u1", "level": 3, "tags": ["a"], "more": {"deep": True}}
    world = guarded_world({"isAuthorized": True, "context": context})
    assert await status(world) == 200
    assert world.event()["requestContext"]["authorizer"] == {"lambda": context}
    assert world.variables()["authorizer.user"] == "u1"


async def test_simple_refusal_is_403() -> None:
    """AWS's words, and the function is not called."""
    world = guarded_world({"isAuthorized": False})
    response = await world.client.get("/me", headers=HEADERS)
    assert (response.status_code, response.json()) == (403, {"message": "Forbidden"})
    assert not world.functions.seen("me")


async def test_policy_decides_by_the_method_arn() -> None:
    """An authorizer without simple responses answers a policy; no allow is a refusal."""
    answer = policy("Allow", f"{ARN}/me", user="u1")
    other = {**GUARDED, "routeKey": "GET /other"}
    world = guarded_world(answer, GUARDED, other, enableSimpleResponses=False)
    assert await status(world) == 200
    assert world.event()["requestContext"]["authorizer"] == {"lambda": {"user": "u1"}}
    assert await status(world, "/other") == 403


async def test_policy_with_an_explicit_deny_is_403() -> None:
    """Though another statement allows."""
    answer = policy("Allow")
    answer["policyDocument"]["Statement"].append(policy("Deny")["policyDocument"]["Statement"][0])
    assert await status(guarded_world(answer, enableSimpleResponses=False)) == 403


@pytest.mark.parametrize("headers", [{"x-key": "secret"}, {"x-key": "secret", "x-tenant": ""}])
async def test_missing_identity_source_is_401_without_asking(headers: dict[str, str]) -> None:
    """Missing or empty, the authorizer's function is not called."""
    world = guarded_world({"isAuthorized": True})
    response = await world.client.get("/me", headers=headers)
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
    assert not world.functions.events


@pytest.mark.parametrize(
    "answer",
    [None, "yes", {}, {"isAuthorized": "true"}, {"isAuthorized": True, "context": {"x": "y" * 9000}}],
)
async def test_result_without_its_form_is_500(answer: Any) -> None:
    """Also one of more than 8 KB."""
    world = guarded_world(answer)
    response = await world.client.get("/me", headers=HEADERS)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(("message", "expected"), [("Unauthorized", 401), ("anything else", 500)])
async def test_authorizer_that_raises_is_500_but_for_unauthorized(message: str, expected: int) -> None:
    """The word ``Unauthorized`` alone makes a 401."""

    def fail(_: Any) -> None:
        raise HandlerError(message)

    world = guarded_world(None)
    world.functions.handlers["guard"] = fail
    assert await status(world) == expected


async def test_event_of_payload_2_0_names_route_and_identity() -> None:
    """routeArn, identitySource in order, and the request without its body."""
    world = guarded_world({"isAuthorized": True})
    await world.client.get("/me?a=1&a=2", headers=HEADERS)
    event = world.functions.seen("guard")[0]
    assert (event["version"], event["type"], event["routeArn"]) == ("2.0", "REQUEST", f"{ARN}/me")
    assert event["identitySource"] == ["secret", "t1"]
    assert (event["routeKey"], event["rawPath"], event["rawQueryString"]) == ("GET /me", "/me", "a=1&a=2")
    assert event["queryStringParameters"] == {"a": "1,2"}
    assert event["requestContext"]["http"]["method"] == "GET"
    assert not {"body", "isBase64Encoded"} & set(event)


async def test_event_of_payload_1_0_names_method_and_token() -> None:
    """methodArn, and the identity sources joined by commas; its answer is a policy, never simple."""
    world = guarded_world(policy("Allow", user="u1"), authorizerPayloadFormatVersion="1.0")
    assert await status(world) == 200
    event = world.functions.seen("guard")[0]
    assert (event["version"], event["type"], event["methodArn"]) == ("1.0", "REQUEST", f"{ARN}/me")
    assert (event["identitySource"], event["authorizationToken"]) == ("secret,t1", "secret,t1")
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/me", "/me", "GET")


async def test_result_is_kept_for_the_same_identity_and_lifetime() -> None:
    """AuthorizerResultTtlInSeconds by the clock; another identity is asked for anew."""
    world = guarded_world({"isAuthorized": True}, authorizerResultTtlInSeconds=60)
    for _ in range(3):
        assert await status(world) == 200
    assert len(world.functions.seen("guard")) == 1
    await status(world, **{**HEADERS, "x-tenant": "t2"})
    assert len(world.functions.seen("guard")) == 2
    world.clock.time += 60
    await status(world)
    assert len(world.functions.seen("guard")) == 3


async def test_lifetime_from_a_templates_parameter_is_text() -> None:
    """MiniStack keeps it as it came."""
    settings = {"authorizerResultTtlInSeconds": "60", "enableSimpleResponses": "true"}
    world = guarded_world({"isAuthorized": True}, **settings)
    assert [await status(world), await status(world)] == [200, 200]
    assert len(world.functions.seen("guard")) == 1


async def test_refusal_is_kept_too() -> None:
    """Who was refused stays refused for the lifetime."""
    world = guarded_world({"isAuthorized": False}, authorizerResultTtlInSeconds=60)
    assert [await status(world), await status(world)] == [403, 403]
    assert len(world.functions.seen("guard")) == 1


async def test_kept_policy_is_applied_to_each_route_anew() -> None:
    """The pitfall of AWS's cache: a policy for one method refuses the next route."""
    other = {**GUARDED, "routeKey": "GET /other"}
    changes = {"enableSimpleResponses": False, "authorizerResultTtlInSeconds": 60}
    world = guarded_world(policy("Allow", f"{ARN}/me"), GUARDED, other, **changes)
    assert [await status(world), await status(world, "/other")] == [200, 403]
    assert len(world.functions.seen("guard")) == 1


async def test_route_key_as_identity_source_tells_routes_apart() -> None:
    """AWS's advice for caching: ``$context.routeKey`` among the identity sources."""
    other = {**GUARDED, "routeKey": "GET /other"}
    sources = ["$request.header.X-Key", "$context.routeKey"]
    world = guarded_world(
        {"isAuthorized": True}, GUARDED, other, identitySource=sources, authorizerResultTtlInSeconds=60
    )
    await status(world)
    await status(world, "/other")
    assert [event["identitySource"][1] for event in world.functions.seen("guard")] == [
        "GET /me",
        "GET /other",
    ]


@pytest.mark.parametrize("changes", [{"authorizerResultTtlInSeconds": 0}, {"identitySource": []}])
async def test_nothing_is_kept_without_lifetime_or_identity(changes: dict[str, Any]) -> None:
    """Each request asks."""
    world = guarded_world({"isAuthorized": True}, **({"authorizerResultTtlInSeconds": 60} | changes))
    await status(world)
    await status(world)
    assert len(world.functions.seen("guard")) == 2


async def test_failure_of_the_authorizer_is_not_kept() -> None:
    """The next request asks again."""
    world = guarded_world("nonsense", authorizerResultTtlInSeconds=60)
    assert await status(world) == 500
    world.functions.handlers["guard"] = lambda _: {"isAuthorized": True}
    assert await status(world) == 200


async def test_identity_sources_from_query_and_stage_variables() -> None:
    """Each place that AWS names."""
    world = World()
    sources = ["$request.querystring.key", "$stageVariables.tenant"]
    stages = [{"stageName": "$default", "stageVariables": {"tenant": "t9"}}]
    world.deploy(GUARDED, authorizers=[authorizer(identitySource=sources)], stages=stages)
    world.functions.handlers["guard"] = lambda _: {"isAuthorized": True}
    assert (await world.client.get("/me?key=k1")).status_code == 200
    assert world.functions.seen("guard")[0]["identitySource"] == ["k1", "t9"]
    assert (await world.client.get("/me")).status_code == 401


async def test_authorizer_whose_policy_does_not_permit_the_api_is_500() -> None:
    """The source is the authorizer's ARN."""
    world = guarded_world({"isAuthorized": True})
    world.control_plane.not_permitted = {"guard"}
    assert await status(world) == 500
    arn = "arn:aws:execute-api:us-east-1:000000000000:http1/authorizers/a1"
    assert world.control_plane.invocation_sources == [("guard", arn)]


SIGNED = {"routeKey": "POST /me/{id}", "function": "me", "authorizationType": "AWS_IAM"}


async def test_iam_route_asks_for_execute_api_invoke_on_the_method() -> None:
    """The ARN has API, stage, method and path."""
    world = World()
    world.deploy(SIGNED, stages=[{"stageName": "v1"}])
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/execute-api/aws4"}
    assert (await world.client.post("/v1/me/7", headers=signed)).status_code == 200
    arn = "arn:aws:execute-api:us-east-1:000000000000:http1/v1/POST/me/7"
    assert world.control_plane.authorized == [("execute-api", "execute-api:Invoke", arn)]
    assert world.event()["requestContext"]["authorizer"]["iam"] == {
        "accessKey": "AKIDEXAMPLE",
        "accountId": "000000000000",
        "callerId": "AIDAEXAMPLE",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": "arn:aws:iam::000000000000:user/AKIDEXAMPLE",
        "userId": "AIDAEXAMPLE",
    }
    assert world.variables()["identity.userArn"] == "arn:aws:iam::000000000000:user/AKIDEXAMPLE"


async def test_iam_route_of_format_1_0_names_the_caller_in_its_identity() -> None:
    """As a REST API does; there is no authorizer."""
    world = World()
    world.deploy({**SIGNED, "payloadFormatVersion": "1.0"})
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/execute-api/aws4"}
    await world.client.post("/me/7", headers=signed)
    context = world.event()["requestContext"]
    assert context["authorizer"] == {"claims": None, "scopes": None}
    identity = context["identity"]
    assert (identity["accessKey"], identity["caller"], identity["user"]) == (
        "AKIDEXAMPLE",
        "AIDAEXAMPLE",
        "AIDAEXAMPLE",
    )
    assert identity["userArn"] == "arn:aws:iam::000000000000:user/AKIDEXAMPLE"


async def test_iam_denial_is_403() -> None:
    """Whether signature or policy, the client reads Forbidden; the reason is in the access log."""
    world = World()
    world.deploy(SIGNED)
    world.control_plane.denied = Denied("AccessDeniedException", "no policy allows it")
    response = await world.client.post("/me/7")
    assert (response.status_code, response.json()) == (403, {"message": "Forbidden"})
    assert not world.functions.events
    assert world.variables()["authorizer.error"] == "no policy allows it"
