"""Answers PUT /chats/{chatId}/watermarks and GET /unread: how far the caller has got, over HTTP."""

from __future__ import annotations

from chat.bootstrap import handlers, receipts
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_receipts import SetWatermarks

count = receipts.unread_counts()
mark = receipts.mark_receipts()


def put_watermarks(request: Request) -> Response:
    """Move the caller's marks in a chat: what markDelivered and markRead do."""
    request.parse_query(NoQuery)
    body = request.parse_body(SetWatermarks)
    return Response(mark(request.identity.user_id, request.path["chatId"], body.marks))


def get_unread(request: Request) -> Response:
    """Count what the caller has not read, in all of the caller's chats."""
    request.parse_query(NoQuery)
    return Response(count(request.identity.user_id))


handler = handlers.http_routes({"PUT /chats/{chatId}/watermarks": put_watermarks, "GET /unread": get_unread})
