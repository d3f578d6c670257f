"""Answers GET /users/me/blocks and PUT and DELETE /users/me/blocks/{userId}: whom the caller has blocked."""

from __future__ import annotations

from chat.bootstrap import handlers, users
from chat.http import Request, Response
from chat.protocol.http_blocks import BlocksQuery
from chat.protocol.http_common import Done, NoQuery
from chat.protocol.http_users import UserPath

blocks = users.block_list()


def list_blocks(request: Request) -> Response:
    """Give a page of those whom the caller has blocked."""
    query = request.parse_query(BlocksQuery)
    return Response(blocks.list(request.identity.user_id, query.cursor, query.limit))


def block(request: Request) -> Response:
    """Block a user."""
    request.parse_query(NoQuery)
    return Response(blocks.block(request.identity.user_id, request.parse_path(UserPath).user_id))


def unblock(request: Request) -> Response:
    """Lift a block."""
    request.parse_query(NoQuery)
    blocks.unblock(request.identity.user_id, request.parse_path(UserPath).user_id)
    return Response(Done())


handler = handlers.http_routes(
    {
        "GET /users/me/blocks": list_blocks,
        "PUT /users/me/blocks/{userId}": block,
        "DELETE /users/me/blocks/{userId}": unblock,
    }
)
