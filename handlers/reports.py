"""Answers POST /reports: shows a message to those who run the service."""

from __future__ import annotations

from chat.bootstrap import handlers, limits, users
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_reports import CreateReport

limit = limits.limiter("report")
file_report = users.file_report()


def create_report(request: Request) -> Response:
    """Report a message: 201, or 200 when the caller has reported it before."""
    request.parse_query(NoQuery)
    body = request.parse_body(CreateReport)
    limit(request.identity.user_id)
    report, first = file_report(request.identity.user_id, body)
    return Response(report, 201 if first else 200)


handler = handlers.http_routes({"POST /reports": create_report})
