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
    integration_latency, integration_status = (
        _whole(request.integration_ms),
        _whole(request.integration_status),
    )
    context = {
        "apiId": connection.api_id,
        "authorizer.latency": _whole(request.authorizer_ms),
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
        "integration.latency": integration_latency,
        "integration.status": integration_status,
        "integrationLatency": integration_latency,
        "integrationStatus": integration_status,
        "messageId": request.message_id,
        "requestId": request.request_id,
        "requestTime": common_log_time(request.arrived_at),
        "requestTimeEpoch": _whole(request.arrived_at * 1000),
        "routeKey": request.route_key,
        "stage": connection.stage.stage_name,
        "status": str(status),
    }
    context |= {f"authorizer.{name}": value for name, value in (authorizer or {}).items()}
    return {name: value for name, value in context.items() if value}


def _whole(number: float | None) -> str:
    return "" if number is None else str(int(number))
