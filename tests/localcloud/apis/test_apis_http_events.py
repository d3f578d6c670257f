"""The events of HTTP APIs' functions are byte for byte those in golden/: payload formats 2.0 and 1.0."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from localcloud.apis.addresses import Address
from localcloud.apis.http import events, events_1_0
from localcloud.apis.http.context import Authorized, RequestContext, with_forwarding_headers
from localcloud.apis.http.routes import Match
from localcloud.apis.resources import Stage
from localcloud.interfaces import Request
from tests.localcloud.apis.apis_fakes import NOW, route
from tests.localcloud.apis.http_world import World

if TYPE_CHECKING:
    from types import ModuleType

GOLDEN = Path(__file__).parent / "golden"
TRACE = b"Root=1-5e272390-8c398be037738dc042009320"
CLAIMS = Authorized("jwt", {"claims": {"sub": "u1", "exp": "1795227220"}, "scopes": None})
MATCH = Match(route("POST /chats/{chatId}/messages"), {"chatId": "dm:a:b"})


def golden(name: str) -> bytes:
    """The golden event, without the white space that makes it readable."""
    return msgspec.json.encode(msgspec.json.decode((GOLDEN / name).read_bytes()))


def context_of(request: Request, authorized: Authorized, **variables: str) -> RequestContext:
    """A request to ``/dev/chats/dm:a:b/messages``."""
    return RequestContext(
        request=request,
        forwarded=with_forwarding_headers(request, "http", NOW),
        address=Address("abc123", "/dev/chats/dm%3Aa%3Ab/messages", "127.0.0.1:4566/_aws/execute-api/abc123"),
        stage=Stage("dev", variables),
        raw_path="/chats/dm%3Aa%3Ab/messages",
        account_id="000000000000",
        execute_api_arn="arn:aws:execute-api:us-east-1:000000000000:abc123",
        request_id="JtGlfEW7IAMFpRQ=",
        received_at=NOW,
        started=0.0,
        match=MATCH,
        authorized=authorized,
    )


def post(body: bytes, content_type: bytes) -> Request:
    """A POST with repeated headers, cookies and a repeated query parameter."""
    return Request(
        "POST",
        "/_aws/execute-api/abc123/dev/chats/dm:a:b/messages",
        b"/_aws/execute-api/abc123/dev/chats/dm%3Aa%3Ab/messages",
        b"tag=a&tag=b&q=x%20y",
        (
            (b"host", b"127.0.0.1:4566"),
            (b"content-type", content_type),
            (b"user-agent", b"tester"),
            (b"x-amzn-trace-id", TRACE),
            (b"x-twice", b"one"),
            (b"x-twice", b"two"),
            (b"cookie", b"a=1; b=2"),
        ),
        body,
    )


def event_of(form: ModuleType, request: Request, authorized: Authorized | None = None) -> Any:
    """The event of a request, read back."""
    return msgspec.json.decode(form.request_event(context_of(request, authorized or Authorized()), MATCH))


@pytest.mark.parametrize(
    ("form", "name"), [(events, "http_request.json"), (events_1_0, "http_request_1_0.json")]
)
def test_http_event_is_golden(form: ModuleType, name: str) -> None:
    """Format 2.0 joins repeated values and sets cookies apart; 1.0 has both, single and multiple values."""
    request = post('{"text":"hé"}'.encode(), b"application/json; charset=utf-8")
    assert form.request_event(context_of(request, CLAIMS), MATCH) == golden(name)


@pytest.mark.parametrize("form", [events, events_1_0])
@pytest.mark.parametrize("content_type", [b"application/octet-stream", b"application/x-www-form-urlencoded"])
def test_http_event_encodes_other_bodies_in_base64(form: ModuleType, content_type: bytes) -> None:
    """Only text types arrive as text."""
    event = event_of(form, post(b"a=1", content_type))
    assert (event["body"], event["isBase64Encoded"]) == ("YT0x", True)


def test_http_event_2_0_without_body_query_or_cookies_leaves_them_out() -> None:
    """AWS sends no nulls in format 2.0."""
    event = event_of(events, Request("GET", "/x", b"/x", b"", ((b"host", b"h"),)))
    assert not {"body", "queryStringParameters", "cookies", "stageVariables"} & set(event)


def test_http_event_1_0_without_body_or_query_has_nulls() -> None:
    """As a REST API's event."""
    event = event_of(events_1_0, Request("GET", "/x", b"/x", b"", ((b"host", b"h"),)))
    missing = ("body", "queryStringParameters", "multiValueQueryStringParameters", "stageVariables")
    assert [event[name] for name in missing] == [None] * 4
    assert event["requestContext"]["authorizer"] == {"claims": None, "scopes": None}


def test_http_event_1_0_has_a_lambda_authorizers_context_flat() -> None:
    """Beside the principal, without a key of its kind."""
    event = event_of(events_1_0, post(b"", b"text/plain"), Authorized("lambda", {"user": "u1"}, "p1"))
    assert event["requestContext"]["authorizer"] == {"user": "u1", "principalId": "p1"}


async def test_event_has_the_headers_that_the_gateway_adds() -> None:
    """X-Amzn-Trace-Id, and the client's address, port and protocol."""
    world = World()
    world.deploy({"routeKey": "GET /me", "function": "me"})
    await world.client.get("/me")
    headers = world.event()["headers"]
    assert headers["x-amzn-trace-id"].startswith(f"Root=1-{int(NOW):08x}-")
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert (headers["x-forwarded-port"], headers["x-forwarded-proto"]) == ("4566", "http")


async def test_clients_own_trace_and_proxies_are_kept() -> None:
    """The trace goes on; the client's address joins those before it."""
    world = World()
    world.deploy({"routeKey": "GET /me", "function": "me"})
    trace = {"x-amzn-trace-id": TRACE.decode(), "x-forwarded-for": "10.0.0.7", "x-forwarded-proto": "gopher"}
    await world.client.get("/me", headers=trace)
    headers = world.event()["headers"]
    assert headers["x-amzn-trace-id"] == TRACE.decode()
    assert headers["x-forwarded-for"] == "10.0.0.7, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"


async def test_stage_variables_reach_the_event_and_name_the_function() -> None:
    """``${stageVariables.name}`` in the integration's URI."""
    world = World()
    stages = [{"stageName": "$default", "stageVariables": {"function": "me"}}]
    world.deploy({"routeKey": "GET /me", "function": "${stageVariables.function}"}, stages=stages)
    assert (await world.client.get("/me")).status_code == 200
    assert world.event()["stageVariables"] == {"function": "me"}
