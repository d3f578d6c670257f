"""Answers GET /chats/{chatId}/presence: what getPresence does, over HTTP."""

from __future__ import annotations

from chat.bootstrap import handlers, users
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery

board = users.presence_board()


def get_presence(request: Request) -> Response:
    """Tell who of the chat's other members is online."""
    request.parse_query(NoQuery)
    return Response(board(request.identity.user_id, request.path["chatId"]))


handler = handlers.http_routes({"GET /chats/{chatId}/presence": get_presence})
