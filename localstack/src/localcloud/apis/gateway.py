"""The data planes of API Gateway as one ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.apis.access_logs import AccessLogs
from localcloud.apis.addresses import parse_address
from localcloud.apis.catalog import Catalog
from localcloud.apis.exchange import Receive, Scope, Send, json_response
from localcloud.apis.http.server import HttpServer
from localcloud.apis.integrations import Invoker
from localcloud.apis.throttling import Throttles
from localcloud.apis.websocket.server import WebSocketServer, reject_upgrade
from localcloud.http import send_response
from localcloud.settings import AccountQuotas

if TYPE_CHECKING:
    from localcloud.interfaces import Clock, ControlPlane, Faults, Functions
    from localcloud.observations import Observations

AWS_QUOTAS = AccountQuotas()


class Gateway:
    """Serves every WebSocket and HTTP API that the control plane knows, at both forms of its address."""

    def __init__(
        self,
        control_plane: ControlPlane,
        functions: Functions,
        clock: Clock,
        base_url_host: str,
        observations: Observations,
        faults: Faults,
        quotas: AccountQuotas = AWS_QUOTAS,
    ) -> None:
        """Build the data planes.

        Args:
            control_plane: what is deployed and who may do what.
            functions: what runs behind integrations and authorizers.
            clock: the time; idle and old connections are closed by it.
            base_url_host: host and port at which this server is reached, such as ``127.0.0.1:4566``.
            observations: who is told of every request and connection.
            faults: what is to go wrong on purpose.
            quotas: how many requests and connections a second the account may have.
        """
        self._base_url_host = base_url_host
        self._catalog = Catalog(control_plane)
        self._invoker = Invoker(functions, control_plane)
        self._throttles = Throttles(clock, quotas)
        self.websocket = WebSocketServer(
            control_plane, self._catalog, self._invoker, clock, self._throttles, observations, faults
        )
        self.http = HttpServer(control_plane, self._invoker, clock, self._throttles, observations)
        self._access_logs = AccessLogs(control_plane, self._catalog, clock)
        observations.listen(self._access_logs.note)

    def owns(self, scope: Scope) -> bool:
        """Whether an ASGI scope is addressed to an API."""
        return (
            scope["type"] in ("http", "websocket") and parse_address(scope, self._base_url_host) is not None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI ``http`` or ``websocket`` scope that ``owns`` said yes to."""
        address = parse_address(scope, self._base_url_host)
        api = await self._catalog.api(address.api_id) if address else None
        if scope["type"] == "websocket":
            if address is None or api is None or api.protocol != "WEBSOCKET":
                await reject_upgrade(receive, send, 403, "Forbidden")
            else:
                await self.websocket.serve_upgrade(scope, receive, send, address, api)
        elif address is None or api is None:
            await send_response(send, json_response(404, {"message": "Not Found"}))
        elif api.protocol == "WEBSOCKET":
            await self.websocket.serve_request(scope, receive, send, address, api)
        else:
            await self.http.serve(scope, receive, send, address, api)

    async def close(self) -> None:
        """Let what runs end, for a little while; call it once no connection is open any more."""
        await self.websocket.close()
        await self._invoker.close()
        await self.http.close()
        await self._access_logs.close()
