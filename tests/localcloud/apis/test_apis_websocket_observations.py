"""What is told of WebSocket connections and requests: for metrics, access logs and the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.observations import ConnectionClosed as Closed
from localcloud.observations import ConnectionOpened, MessageSent, RequestServed
from tests.localcloud.apis.apis_fakes import HandlerError, policy
from tests.localcloud.apis.websocket_world import (
    AUTHORIZER,
    GUARDED,
    until,
)

if TYPE_CHECKING:
    from tests.localcloud.apis.websocket_world import Served


def told(served: Served) -> list[RequestServed]:
    """The requests that were told."""
    return [request for request in served.observed if isinstance(request, RequestServed)]


def requests(served: Served) -> list[tuple[str, str, int]]:
    """Event type, route and status of every request that was told."""
    return [(request.event_type, request.route_key, request.status) for request in told(served)]


async def test_connections_life_is_told_from_connect_to_disconnect(served: Served) -> None:
    """Each request once, each message, the opening and the end."""
    client = await served.connect()
    await served.ask(client)
    await served.ask(client, '{"action":"nothing"}')
    await served.post("hällo".encode())
    await client.recv()
    await client.close(4001, "bye")
    await until(lambda: ("DISCONNECT", "$disconnect", 200) in requests(served))
    assert requests(served) == [
        ("CONNECT", "$connect", 200),
        ("MESSAGE", "echo", 200),
        ("MESSAGE", "", 403),
        ("DISCONNECT", "$disconnect", 200),
    ]
    place = ("ws1", "dev", served.connection_id())
    assert [seen for seen in served.observed if isinstance(seen, ConnectionOpened)] == [
        ConnectionOpened(*place)
    ]
    assert [seen for seen in served.observed if isinstance(seen, Closed)] == [Closed(*place, 4001, "bye")]
    sent = [seen.size for seen in served.observed if isinstance(seen, MessageSent)]
    assert (sent[0], sent[2]) == (17, 6)
    assert len(sent) == 3


async def test_refused_upgrade_is_told_with_its_status(served: Served) -> None:
    """No connection is told of."""
    served.functions.handlers["connect"] = lambda _: {"statusCode": 403}
    await served.refusal()
    assert requests(served) == [("CONNECT", "$connect", 403)]
    assert len(served.observed) == 1


async def test_failed_integration_is_told_as_such_with_its_latency(served: Served) -> None:
    """A crash is a 500 of the integration; the time it took is on the injected clock."""

    def crash(_: Any) -> None:
        served.clock.time += 0.25
        raise HandlerError("boom")

    served.functions.handlers["echo"] = crash
    client = await served.connect()
    assert await served.ask_for_error(client) == "Internal server error"
    message = told(served)[-1]
    assert (message.status, message.integration_failed, message.protocol) == (500, True, "WEBSOCKET")
    assert (message.latency_ms, message.integration_latency_ms) == (250.0, 250.0)


async def test_access_log_context_has_awss_variables(served: Served) -> None:
    """Those of a message, with the authorizer's; what has no value is left out."""
    served.functions.handlers["authorizer"] = lambda _: policy("Allow", userId="u1")
    served.functions.handlers["echo"] = lambda _: {"statusCode": 201, "body": "made"}
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    client = await served.connect("?ticket=secret", user_agent_header="tester")
    await served.ask(client)
    message = told(served)[-1]
    event = served.functions.seen("echo")[-1]["requestContext"]
    assert message.context() == {
        "apiId": "ws1",
        "authorizer.principalId": "user-1",
        "authorizer.userId": "u1",
        "connectedAt": str(event["connectedAt"]),
        "connectionId": served.connection_id(),
        "domainName": event["domainName"],
        "eventType": "MESSAGE",
        "extendedRequestId": event["requestId"],
        "identity.sourceIp": "127.0.0.1",
        "identity.userAgent": "tester",
        "integration.integrationStatus": "200",
        "integration.latency": "0",
        "integration.status": "201",
        "integrationLatency": "0",
        "integrationStatus": "200",
        "messageId": event["messageId"],
        "requestId": event["requestId"],
        "requestTime": event["requestTime"],
        "requestTimeEpoch": str(event["requestTimeEpoch"]),
        "routeKey": "echo",
        "stage": "dev",
        "status": "201",
    }


async def test_access_log_context_of_a_refusal_says_why(served: Served) -> None:
    """The authorizer's status, and what the client was told."""
    served.functions.handlers["authorizer"] = lambda _: policy("Deny")
    served.deploy(GUARDED, authorizers=[AUTHORIZER])
    assert await served.refusal("?ticket=secret") == 403
    context = told(served)[-1].context()
    assert (context["authorizer.status"], context["status"]) == ("403", "403")
    assert context["error.messageString"] == f'"{context["error.message"]}"'
    assert "secret" not in str(context)
