"""Answers POST /sign-out: ends the caller's sessions on every device."""

from __future__ import annotations

from chat.bootstrap import accounts, handlers
from chat.http import Request, Response
from chat.protocol.http_common import Done, NoQuery
from chat.protocol.http_sessions import SignOut

sign_out = accounts.sign_out()


def sign_out_everywhere(request: Request) -> Response:
    """Sign out on every device, this one too."""
    request.parse_query(NoQuery)
    request.parse_body(SignOut)
    sign_out(request.identity)
    return Response(Done())


handler = handlers.http_routes({"POST /sign-out": sign_out_everywhere})
