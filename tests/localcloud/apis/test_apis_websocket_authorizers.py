"""REQUEST authorizers of ``$connect``: what they let through, what they add, how they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.localcloud.apis.apis_fakes import HandlerError, function_uri, policy
from tests.localcloud.apis.websocket_world import (
    AUTHORIZER,
    DEFAULT_RESPONSE,
    GUARDED,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


async def test_authorizer_context_stands_on_every_later_event(served: Served) -> None:
    """The authorizer's context, as strings and with principalId, is on CONNECT, MESSAGE and DISCONNECT."""
    served.control_plane.deploy(
        "ws1",
        "WEBSOCKET",
        [
            {
                "routeKey": "$connect",
                "function": "connect",
                "authorizationType": "CUSTOM",
                "authorizerId": "a1",
            },
            {"routeKey": "$disconnect", "function": "disconnect"},
            {"routeKey": "$default", "function": "echo", "routeResponses": DEFAULT_RESPONSE},
        ],
        authorizers=[
            {
                "authorizerId": "a1",
                "authorizerType": "REQUEST",
                "authorizerUri": function_uri("authorizer"),
                "identitySource": ["route.request.querystring.ticket"],
            }
        ],
    )
    served.functions.handlers["authorizer"] = lambda _: policy("Allow", userId="u1", n=7, yes=True)
    with pytest.raises(InvalidStatus) as raised:
        await served.connect()
    assert raised.value.response.status_code == 401
    client = await served.connect("?ticket=t1")
    await client.send("hello")
    await client.recv()
    await client.close()
    await until(lambda: served.functions.seen("disconnect"))
    expected = {"userId": "u1", "n": "7", "yes": "true", "principalId": "user-1"}
    for name in ("connect", "echo", "disconnect"):
        assert served.functions.seen(name)[-1]["requestContext"]["authorizer"] == expected


async def test_authorizer_is_asked_about_connect_of_the_stage(served: Served) -> None:
    """Its event names the stage and ``$connect``; a policy of another stage allows nothing here."""
    arn = "arn:aws:execute-api:us-east-1:000000000000:ws1/dev/$connect"
    served.functions.handlers["authorizer"] = lambda event: policy("Allow", event["methodArn"])
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    await served.connect("?ticket=t1")
    event = served.functions.seen("authorizer")[-1]
    assert (event["type"], event["methodArn"]) == ("REQUEST", arn)
    served.functions.handlers["authorizer"] = lambda _: policy("Allow", arn.replace("/dev/", "/prod/"))
    assert await served.refusal("?ticket=t1") == 403


@pytest.mark.parametrize("missing", ["header", "variable", "query"])
async def test_authorizer_wants_every_identity_source(served: Served, missing: str) -> None:
    """Of the header, the stage variable and the query parameter each; ``context`` is always there."""
    served.functions.handlers["authorizer"] = lambda _: policy("Allow")
    sources = [
        "route.request.header.X-Key",
        "stageVariables.tenant",
        "route.request.querystring.room",
        "context.identity.sourceIp",
    ]
    variables = {} if missing == "variable" else {"tenant": "t1"}
    stages = [{"stageName": "dev", "stageVariables": variables}]
    served.deploy(GUARDED, authorizers=[{**AUTHORIZER, "identitySource": sources}], stages=stages)
    query = "" if missing == "query" else "?room=a"
    headers = {} if missing == "header" else {"x-key": "k"}
    assert await served.refusal(query, additional_headers=headers) == 401
    assert not served.functions.seen("authorizer")
    served.deploy(
        GUARDED,
        authorizers=[{**AUTHORIZER, "identitySource": sources}],
        stages=[{"stageName": "dev", "stageVariables": {"tenant": "t1"}}],
    )
    await served.connect("?room=a", additional_headers={"x-key": "k"})


async def test_authorizer_is_asked_at_every_connect(served: Served) -> None:
    """WebSocket APIs keep no authorizer's result, even for the same identity."""
    served.functions.handlers["authorizer"] = lambda _: policy("Allow")
    served.deploy(GUARDED, authorizers=[{**AUTHORIZER, "authorizerResultTtlInSeconds": 300}])
    await served.connect("?ticket=t1")
    await served.connect("?ticket=t1")
    assert len(served.functions.seen("authorizer")) == 2


async def test_authorizer_that_denies_explicitly_among_allows_is_403(served: Served) -> None:
    """Every statement counts, and ``$connect`` never runs."""
    answer = policy("Allow")
    answer["policyDocument"]["Statement"] += policy("Deny")["policyDocument"]["Statement"]
    served.functions.handlers["authorizer"] = lambda _: answer
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    assert await served.refusal("?ticket=t1") == 403
    assert not served.functions.seen("connect")


@pytest.mark.parametrize(("message", "status"), [("Unauthorized", 401), ("boom", 500)])
async def test_authorizer_that_raises_is_401_or_500(served: Served, message: str, status: int) -> None:
    """Only the message ``Unauthorized`` is a 401."""

    def refuse(_: Any) -> None:
        raise HandlerError(message)

    served.functions.handlers["authorizer"] = refuse
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    assert await served.refusal("?ticket=t1") == status


async def test_authorizer_result_over_8_kb_is_500(served: Served) -> None:
    """The whole result counts."""
    served.functions.handlers["authorizer"] = lambda _: policy("Allow", big="x" * 8192)
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    assert await served.refusal("?ticket=t1") == 500


async def test_authorizer_that_api_gateway_may_not_invoke_is_500(served: Served) -> None:
    """The function's policy is asked about the authorizer's own ARN."""
    served.functions.handlers["authorizer"] = lambda _: policy("Allow")
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    served.control_plane.not_permitted.add("authorizer")
    assert await served.refusal("?ticket=t1") == 500
    assert not served.functions.seen("authorizer")
    arn = "arn:aws:execute-api:us-east-1:000000000000:ws1/authorizers/a1"
    assert served.control_plane.invocation_sources == [("authorizer", arn)]
