"""Answers POST /tickets: a ticket that opens one connection."""

from __future__ import annotations

from chat.bootstrap import accounts, connections, handlers, limits
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery

limit = limits.limiter("connect")
office = connections.ticket_office()
sessions = accounts.sessions()


def issue(request: Request) -> Response:
    """Issue a ticket to the caller; the request's body, if any, is not read."""
    request.parse_query(NoQuery)
    limit(request.identity.user_id)
    sessions.require(request.identity)
    return Response(office.issue(request.identity))


handler = handlers.http_routes({"POST /tickets": issue})
