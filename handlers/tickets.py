"""Answers POST /tickets: a ticket that opens one connection."""

from __future__ import annotations

from chat import bootstrap
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery

limit = bootstrap.limiter("connect")
office = bootstrap.ticket_office()
sessions = bootstrap.sessions()


def issue(request: Request) -> Response:
    """Issue a ticket to the caller; the request's body, if any, is not read."""
    request.parse_query(NoQuery)
    limit(request.identity.user_id)
    sessions.require(request.identity)
    return Response(office.issue(request.identity))


handler = bootstrap.http_routes({"POST /tickets": issue})
