"""The @connections management API: post to a connection, look at it, close it; signed and allowed by IAM."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localcloud.apis.exchange import json_response
from localcloud.apis.identifiers import iso_time, new_identifier
from localcloud.apis.websocket.lifecycle import State
from localcloud.apis.websocket.limits import (
    ConnectionGoneError,
    OutgoingBufferFullError,
    PayloadTooLargeError,
)
from localcloud.interfaces import ControlPlane, FaultEffect, FaultPoint, Faults, Request, Response

if TYPE_CHECKING:
    from localcloud.apis.resources import Api, Stage
    from localcloud.apis.throttling import Throttles
    from localcloud.apis.websocket.connections import Connections
    from localcloud.apis.websocket.session import Session

ACTION = "execute-api:ManageConnections"
_OPERATIONS = {"POST": "PostToConnection", "GET": "GetConnection", "DELETE": "DeleteConnection"}


class Management:
    """Serves ``@connections`` of every stage."""

    def __init__(
        self, control_plane: ControlPlane, connections: Connections, throttles: Throttles, faults: Faults
    ) -> None:
        """Ask ``control_plane`` who may and ``throttles`` how often; find connections in ``connections``."""
        self._control_plane = control_plane
        self._connections = connections
        self._throttles = throttles
        self._faults = faults

    async def answer(self, request: Request, api: Api, stage: Stage, connection_id: str) -> Response:
        """Carry out one request on the connection ``connection_id`` of a stage.

        The error bodies and headers make an AWS SDK raise the exceptions that the service's model declares.
        """
        if refused := self._refused(request, api, stage, connection_id):
            return refused
        if self._faults.armed and (disturbed := await self._disturbed(request, api, connection_id)):
            return disturbed
        session = self._connections.find(api.api_id, stage.stage_name, connection_id)
        try:
            return self._carry_out(request, session)
        except ConnectionGoneError:
            return error_response(410, "GoneException", "The connection is gone.")
        except PayloadTooLargeError:
            return error_response(413, "PayloadTooLargeException", "A message may have at most 131072 bytes.")
        except OutgoingBufferFullError:
            return error_response(
                429, "LimitExceededException", "The client does not read what was sent to it."
            )

    def _refused(self, request: Request, api: Api, stage: Stage, connection_id: str) -> Response | None:
        if not self._throttles.admit_callback():
            return error_response(429, "LimitExceededException", "Too Many Requests")
        resource = self._arn(api, stage, request.method, connection_id)
        if denied := self._control_plane.authorize(request, "execute-api", ACTION, resource):
            return error_response(403, "ForbiddenException", denied.message)
        return None

    def _carry_out(self, request: Request, session: Session | None) -> Response:
        if session is None or session.lifecycle.state is not State.OPEN:
            raise ConnectionGoneError
        match request.method:
            case "POST":
                session.post(request.body)
                return Response(200, (_request_id(),))
            case "GET":
                return json_response(200, _described(session), _request_id())
            case "DELETE":
                session.delete()
                return Response(204, (_request_id(),))
            case _:
                return error_response(403, "ForbiddenException", "Forbidden")

    async def _disturbed(self, request: Request, api: Api, connection_id: str) -> Response | None:
        """The answer of a fault on purpose; None where the request is to be carried out after all."""
        operation = _OPERATIONS.get(request.method, "")
        fault = self._faults.strike(FaultPoint("execute-api", operation, api.api_id, connection_id))
        if fault is None:
            return None
        if fault.effect is FaultEffect.DELAY:
            await asyncio.sleep(fault.delay_ms / 1000)
            return None
        if fault.effect is FaultEffect.LOSE:
            return Response(200, (_request_id(),))
        return error_response(fault.status, fault.code, f"A fault on purpose: rule {fault.rule}.")

    def _arn(self, api: Api, stage: Stage, method: str, connection_id: str) -> str:
        account = f"{self._control_plane.region}:{self._control_plane.account_id}"
        path = f"{api.api_id}/{stage.stage_name}/{method}/@connections/{connection_id}"
        return f"arn:aws:execute-api:{account}:{path}"


def error_response(status: int, code: str, message: str) -> Response:
    """An error that an AWS SDK raises as the modeled exception ``code``."""
    error_type = (b"x-amzn-errortype", code.encode("ascii"))
    return json_response(status, {"message": message, "__type": code}, error_type, _request_id())


def _described(session: Session) -> dict[str, object]:
    connection = session.lifecycle.connection
    return {
        "connectedAt": iso_time(connection.connected_at),
        "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
        "lastActiveAt": iso_time(session.lifecycle.last_active_at),
    }


def _request_id() -> tuple[bytes, bytes]:
    return (b"x-amzn-requestid", new_identifier().encode("ascii"))
