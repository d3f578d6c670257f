"""Parameter mapping of HTTP APIs: what reaches the integration, and what of its response the client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localcloud.apis.http_world import World


def mapped(requests: dict[str, str] | None = None, responses: dict[str, Any] | None = None) -> World:
    """A gateway whose integration maps parameters."""
    world = World()
    fields = {"requestParameters": requests or {}, "responseParameters": responses or {}}
    stages = [{"stageName": "$default", "stageVariables": {"tenant": "t9"}}]
    world.deploy({"routeKey": "ANY /me/{id}", "function": "me", "integration": fields}, stages=stages)
    return world


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("fixed", "fixed"),
        ("$request.header.X-Given", "given"),
        ("$request.querystring.q", "1,2"),
        ("$request.path", "/me/7"),
        ("$request.path.id", "7"),
        ("$request.body.user.name", "alice"),
        ("$request.body.user.missing", ""),
        ("$context.httpMethod", "POST"),
        ("$stageVariables.tenant", "t9"),
        ("${stageVariables.tenant}-${request.path.id}!", "t9-7!"),
    ],
)
async def test_request_header_takes_each_kind_of_value(value: str, expected: str) -> None:
    """Text, an expression, or text with expressions in it."""
    world = mapped({"overwrite:header.x-new": value})
    body = json.dumps({"user": {"name": "alice"}})
    await world.client.post("/me/7?q=1&q=2", content=body, headers={"x-given": "given"})
    assert world.event()["headers"]["x-new"] == expected


async def test_request_headers_are_appended_overwritten_and_removed() -> None:
    """Names in any case; what is appended is joined by a comma."""
    world = mapped(
        {"append:header.X-Both": "2", "overwrite:header.x-other": "new", "remove:header.X-Gone": "''"}
    )
    await world.client.get("/me/7", headers={"x-both": "1", "x-other": "old", "x-gone": "here"})
    headers = world.event()["headers"]
    assert (headers["x-both"], headers["x-other"]) == ("1,2", "new")
    assert "x-gone" not in headers


async def test_request_query_is_appended_overwritten_and_removed() -> None:
    """The raw query string follows."""
    world = mapped(
        {
            "append:querystring.a": "2",
            "overwrite:querystring.b": "new value",
            "remove:querystring.c": "",
        }
    )
    await world.client.get("/me/7?a=1&b=old&c=3")
    event = world.event()
    assert event["queryStringParameters"] == {"a": "1,2", "b": "new value"}
    assert event["rawQueryString"] == "a=1&a=2&b=new+value"


async def test_client_cannot_send_what_the_api_removes_by_another_case() -> None:
    """A mapping that overwrites an identity header holds against every spelling."""
    world = mapped({"overwrite:header.X-User": "$context.identity.sourceIp"})
    await world.client.get("/me/7", headers={"X-USER": "forged", "x-user": "forged"})
    assert world.event()["headers"]["x-user"] == "127.0.0.1"


@pytest.mark.parametrize(
    "parameters",
    [
        {
            "overwrite:statuscode": "202",
            "append:header.x-from": "$response.body.id",
            "remove:header.x-secret": "",
            "overwrite:header.x-kept": "${response.header.x-kept}!",
        },
        {
            "ResponseParameters": [
                {"Destination": "overwrite:statuscode", "Source": "202"},
                {"Destination": "append:header.x-from", "Source": "$response.body.id"},
                {"Destination": "remove:header.x-secret", "Source": ""},
                {"Destination": "overwrite:header.x-kept", "Source": "${response.header.x-kept}!"},
            ]
        },
    ],
)
async def test_response_is_changed_by_the_parameters_of_its_status(parameters: dict[str, Any]) -> None:
    """Spelled as by the API and as in a template; a response of another status stays as it is."""
    world = mapped(responses={"200": parameters})
    answer = {"statusCode": 200, "headers": {"X-Secret": "s", "X-Kept": "k"}, "body": '{"id":42}'}
    world.answer(answer)
    response = await world.client.get("/me/7")
    assert (response.status_code, response.headers["x-from"]) == (202, "42")
    assert response.headers["x-kept"] == "k!"
    assert "x-secret" not in response.headers
    world.answer({**answer, "statusCode": 201})
    other = await world.client.get("/me/7")
    assert (other.status_code, other.headers["x-secret"]) == (201, "s")


async def test_log_has_the_integrations_own_status() -> None:
    """``$context.integration.status`` before, ``$context.status`` after the mapping."""
    world = mapped(responses={"200": {"overwrite:statuscode": "418"}})
    await world.client.get("/me/7")
    assert (world.variables()["integration.status"], world.variables()["status"]) == ("200", "418")
