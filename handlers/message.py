"""Answers PATCH and DELETE /chats/{chatId}/messages/{seq}, and PUT and DELETE .../reaction on it."""

from __future__ import annotations

from msgspec import UNSET

from chat.bootstrap import handlers, limits, messages
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_messages import MessagePath, PatchMessage, PutReaction

limit = limits.limiter("send")
change_message = messages.change_message()


def edit(request: Request) -> Response:
    """Give one of the caller's messages another text."""
    request.parse_query(NoQuery)
    path, body = request.parse_path(MessagePath), request.parse_body(PatchMessage)
    limit(request.identity.user_id)
    return Response(change_message.edit(request.identity.user_id, path.chat_id, path.seq, body.text))


def delete(request: Request) -> Response:
    """Empty a message."""
    request.parse_query(NoQuery)
    path = request.parse_path(MessagePath)
    limit(request.identity.user_id)
    return Response(change_message.delete(request.identity.user_id, path.chat_id, path.seq))


def react(request: Request) -> Response:
    """Set the caller's reaction to a message."""
    request.parse_query(NoQuery)
    path, body = request.parse_path(MessagePath), request.parse_body(PutReaction)
    limit(request.identity.user_id)
    return Response(change_message.react(request.identity.user_id, path.chat_id, path.seq, body.emoji))


def take_back(request: Request) -> Response:
    """Take the caller's reaction back."""
    request.parse_query(NoQuery)
    path = request.parse_path(MessagePath)
    limit(request.identity.user_id)
    return Response(change_message.react(request.identity.user_id, path.chat_id, path.seq, UNSET))


handler = handlers.http_routes(
    {
        "PATCH /chats/{chatId}/messages/{seq}": edit,
        "DELETE /chats/{chatId}/messages/{seq}": delete,
        "PUT /chats/{chatId}/messages/{seq}/reaction": react,
        "DELETE /chats/{chatId}/messages/{seq}/reaction": take_back,
    }
)
