"""WebSocket APIs over ASGI: upgrades become sessions, HTTP requests reach @connections."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from localcloud.apis.exchange import JSON, Receive, Scope, Send, json_response
from localcloud.apis.identifiers import new_identifier, new_trace_id
from localcloud.apis.policies import INVOKE, Refused
from localcloud.apis.websocket.connections import Connections
from localcloud.apis.websocket.events import Connection, Handshake, error_text
from localcloud.apis.websocket.lifecycle import Lifecycle
from localcloud.apis.websocket.limits import MAXIMUM_MESSAGE_BYTES, MAXIMUM_URL_CHARACTERS
from localcloud.apis.websocket.management import Management, error_response
from localcloud.apis.websocket.opening import THROTTLED
from localcloud.apis.websocket.session import Session
from localcloud.http import TooLarge, read_request, send_response
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.apis.addresses import Address
    from localcloud.apis.catalog import Catalog
    from localcloud.apis.integrations import Invoker
    from localcloud.apis.resources import Api, Stage
    from localcloud.apis.throttling import Throttles
    from localcloud.interfaces import Clock, ControlPlane, Faults, Response
    from localcloud.observations import Observations

MANAGEMENT = "/@connections/"


class WebSocketServer:
    """The data plane of every WebSocket API."""

    def __init__(
        self,
        control_plane: ControlPlane,
        catalog: Catalog,
        invoker: Invoker,
        clock: Clock,
        throttles: Throttles,
        observations: Observations,
        faults: Faults,
    ) -> None:
        """Serve what ``catalog`` knows, by ``invoker``."""
        self._control_plane = control_plane
        self._catalog = catalog
        self._invoker = invoker
        self._clock = clock
        self._throttles = throttles
        self._observations = observations
        self._faults = faults
        self.connections = Connections()
        self._management = Management(control_plane, self.connections, throttles, faults)

    async def serve_upgrade(
        self, scope: Scope, receive: Receive, send: Send, address: Address, api: Api
    ) -> None:
        """Serve an ASGI ``websocket`` scope from the upgrade to the connection's end."""
        named = address.stage_of(api)
        if named is None or named[1] != "/":
            await reject_upgrade(receive, send, 403, "Forbidden")
            return
        lifecycle = self._lifecycle(scope, address, api, named[0])
        session = Session(
            lifecycle,
            self._catalog,
            self._invoker,
            self._clock,
            self._faults,
            self._observations,
            self.connections.remove,
        )
        self.connections.add(session)
        await session.run(receive, send, self._refused(scope, api, lifecycle.connection))

    async def serve_request(
        self, scope: Scope, receive: Receive, send: Send, address: Address, api: Api
    ) -> None:
        """Serve an ASGI ``http`` scope: the management API, or the advice to upgrade."""
        await send_response(send, await self._answer(scope, receive, address, api))

    async def close(self) -> None:
        """Stop looking at the clock."""
        await self.connections.close()

    async def _answer(self, scope: Scope, receive: Receive, address: Address, api: Api) -> Response:
        try:
            request = await read_request(scope, receive, largest_bytes=MAXIMUM_MESSAGE_BYTES)
        except TooLarge:
            return error_response(413, "PayloadTooLargeException", "A message may have at most 131072 bytes.")
        named = address.stage_of(api)
        if named is None:
            return error_response(403, "ForbiddenException", "Forbidden")
        stage, raw_path = named
        path = unquote(raw_path)
        if path.startswith(MANAGEMENT):
            return await self._management.answer(request, api, stage, path.removeprefix(MANAGEMENT))
        if request.method == "GET" and path == "/":
            return json_response(426, {"message": "Upgrade Required"}, (b"upgrade", b"websocket"))
        return error_response(403, "ForbiddenException", "Forbidden")

    def _refused(self, scope: Scope, api: Api, connection: Connection) -> Refused | None:
        """What speaks against an upgrade before its route is looked at, or IAM's no to that route."""
        request = _upgrade_request(scope)
        path_and_query = request.raw_path + b"?" + request.query_string
        if len("wss://") + len(connection.host) + len(path_and_query) > MAXIMUM_URL_CHARACTERS:
            return Refused(414, "URI Too Long")
        if not self._throttles.admit_connection():
            return THROTTLED
        route = api.routes_of(connection.stage).get("$connect")
        if route is not None and route.authorization_type == "AWS_IAM":
            resource = connection.method_arn("$connect")
            if self._control_plane.authorize(request, "execute-api", INVOKE, resource):
                return Refused(403, "Forbidden")
        return None

    def _lifecycle(self, scope: Scope, address: Address, api: Api, stage: Stage) -> Lifecycle:
        now = self._clock.now()
        handshake = _handshake(scope, now)
        account = f"{self._control_plane.region}:{self._control_plane.account_id}"
        connection = Connection(
            connection_id=new_identifier(),
            api_id=api.api_id,
            stage=stage,
            domain_name=address.domain_name,
            host=handshake.header("host") or "",
            connected_at=now,
            source_ip=(scope.get("client") or ("127.0.0.1", 0))[0],
            user_agent=handshake.header("user-agent") or "",
            execute_api_arn=f"arn:aws:execute-api:{account}:{api.api_id}",
        )
        return Lifecycle(connection, handshake, api, self._throttles, self._observations)


async def reject_upgrade(receive: Receive, send: Send, status: int, message: str) -> None:
    """Refuse an upgrade that reaches no stage."""
    await receive()
    body = error_text(message, new_identifier(), new_identifier())
    await send({"type": "websocket.http.response.start", "status": status, "headers": [JSON]})
    await send({"type": "websocket.http.response.body", "body": body.encode()})
    # The end of the response, then that of the TCP connection: see Session.run.
    await receive()
    await receive()


def _upgrade_request(scope: Scope) -> Request:
    """The upgrade as the HTTP request that it is, for its signature."""
    path: str = scope["path"]
    return Request(
        method="GET",
        path=path,
        raw_path=scope.get("raw_path") or path.encode(),
        query_string=scope.get("query_string", b""),
        headers=tuple((name.lower(), value) for name, value in scope["headers"]),
        client_host=(scope.get("client") or ("127.0.0.1", 0))[0],
    )


def _handshake(scope: Scope, now: float) -> Handshake:
    """The upgrade request, with the headers that AWS's front end adds in place of the client's own."""
    client, port = scope.get("client") or ("127.0.0.1", 0)
    server = scope.get("server") or ("127.0.0.1", port)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    sent = {name.lower(): value for name, value in headers}
    before = sent.get("x-forwarded-for")
    added = {
        "X-Amzn-Trace-Id": sent.get("x-amzn-trace-id") or new_trace_id(now),
        "X-Forwarded-For": f"{before}, {client}" if before else client,
        "X-Forwarded-Port": str(server[1]),
        "X-Forwarded-Proto": "https" if scope.get("scheme") == "wss" else "http",
    }
    replaced = {name.lower() for name in added}
    kept = [header for header in headers if header[0].lower() not in replaced]
    query_string = scope.get("query_string", b"").decode("latin-1")
    return Handshake((*kept, *added.items()), query_string, tuple(scope.get("subprotocols", ())))
