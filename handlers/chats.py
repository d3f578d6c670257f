"""Answers GET and POST /chats and GET /chats/{chatId}: the caller's chats."""

from __future__ import annotations

from chat.bootstrap import chats, handlers
from chat.http import Request, Response
from chat.protocol.http_chats import ChatsQuery, CreateChannel, CreateChat, CreateDirect, CreateGroup
from chat.protocol.http_common import NoQuery

directory = chats.chat_directory()
creation = chats.creation()


def list_chats(request: Request) -> Response:
    """Give a page of the caller's chats."""
    query = request.parse_query(ChatsQuery)
    return Response(directory.list(request.identity.user_id, query.cursor, query.limit))


def create_chat(request: Request) -> Response:
    """Give a direct chat, a group or a channel: 201 when it is new, 200 when it was there."""
    request.parse_query(NoQuery)
    user_id = request.identity.user_id
    body: CreateChat = request.parse_body(CreateChat)  # type: ignore[arg-type] # a union is no type to mypy
    match body:
        case CreateDirect():
            chat, created = directory.create_direct(user_id, body.user_id)
        case CreateGroup():
            chat, created = creation.group(user_id, body.id, body.name, body.member_ids, body.history)
        case CreateChannel():
            chat, created = creation.channel(user_id, body.id, body.name)
    return Response(chat, 201 if created else 200)


def get_chat(request: Request) -> Response:
    """Describe one of the caller's chats."""
    request.parse_query(NoQuery)
    return Response(directory.get(request.identity.user_id, request.path["chatId"]))


handler = handlers.http_routes(
    {"GET /chats": list_chats, "POST /chats": create_chat, "GET /chats/{chatId}": get_chat}
)
