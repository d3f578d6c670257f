"""Answers DELETE /users/me and POST and GET /users/me/export: the caller's account as a whole."""

from __future__ import annotations

from chat.bootstrap import accounts, handlers, limits
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery

request_deletion = accounts.request_deletion()
exports = accounts.request_export()
limit = limits.limiter("export")


def delete_me(request: Request) -> Response:
    """Have the caller's account deleted."""
    request.parse_query(NoQuery)
    return Response(request_deletion(request.identity.user_id), 202)


def request_export(request: Request) -> Response:
    """Have an archive made of what the caller has written."""
    request.parse_query(NoQuery)
    limit(request.identity.user_id)
    return Response(exports.request(request.identity.user_id), 202)


def get_export(request: Request) -> Response:
    """Tell where the caller's archive is."""
    request.parse_query(NoQuery)
    return Response(exports.get(request.identity.user_id))


handler = handlers.http_routes(
    {
        "DELETE /users/me": delete_me,
        "POST /users/me/export": request_export,
        "GET /users/me/export": get_export,
    }
)
