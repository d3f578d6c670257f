"""Answers PATCH /chats/{chatId} and PUT /chats/{chatId}/mute: a chat's name, and whether it is muted."""

from __future__ import annotations

from chat.bootstrap import chats, handlers
from chat.http import Request, Response
from chat.protocol.http_chats import MuteChat, UpdateChat
from chat.protocol.http_common import NoQuery

rename = chats.rename()
mute = chats.mute()


def update_chat(request: Request) -> Response:
    """Give a group or channel another name."""
    request.parse_query(NoQuery)
    body = request.parse_body(UpdateChat)
    return Response(rename(request.identity.user_id, request.path["chatId"], body.name))


def mute_chat(request: Request) -> Response:
    """Mute a chat for the caller alone, or no longer."""
    request.parse_query(NoQuery)
    body = request.parse_body(MuteChat)
    return Response(mute(request.identity.user_id, request.path["chatId"], body.until))


handler = handlers.http_routes({"PATCH /chats/{chatId}": update_chat, "PUT /chats/{chatId}/mute": mute_chat})
