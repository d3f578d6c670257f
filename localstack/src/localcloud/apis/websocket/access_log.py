"""AWS's ``$context`` variables of a WebSocket API's access log, made only where somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.apis.identifiers import common_log_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.websocket.events import Connection
    from localcloud.apis.websocket.requests import PendingRequest


def access_log_context(
    request: PendingRequest, connection: Connection, authorizer: Mapping[str, str] | None, status: int
) -> dict[str, str]:
    """The variables that have a value, without the prefix ``$context.``."""
    authorizer_latency = _whole(request.authorizer_ms)
    integration_latency = _whole(request.integration_ms)
    # Lambda's own answer to being invoked, whatever status the function then returned.
    lambda_status = "" if request.integration_status is None or not integration_latency else "200"
    context = {
        "apiId": connection.api_id,
        "authorizer.integrationLatency": authorizer_latency,
        "authorizer.latency": authorizer_latency,
        "authorizer.status": _whole(request.authorizer_status),
        "connectedAt": _whole(connection.connected_at * 1000),
        "connectionId": connection.connection_id,
        "domainName": connection.domain_name,
        "error.message": request.error,
        "error.messageString": f'"{request.error}"' if request.error else "",
        "eventType": request.event_type,
        "extendedRequestId": request.request_id,
        "identity.sourceIp": connection.source_ip,
        "identity.userAgent": connection.user_agent,
        "integration.integrationStatus": lambda_status,
        "integration.latency": integration_latency,
        "integration.status": _whole(request.integration_status),
        "integrationLatency": integration_latency,
        "integrationStatus": lambda_status,
        "messageId": request.message_id,
        "requestId": request.request_id,
        "requestTime": common_log_time(request.arrived_at),
        "requestTimeEpoch": _whole(request.arrived_at * 1000),
        "routeKey": request.route_key,
        "stage": connection.stage.stage_name,
        "status": str(status),
    }
    of_authorizer = {f"authorizer.{name}": value for name, value in (authorizer or {}).items()}
    return of_authorizer | {name: value for name, value in context.items() if value}


def _whole(number: float | None) -> str:
    return "" if number is None else str(int(number))
