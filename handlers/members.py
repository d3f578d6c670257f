"""Answers GET /chats/{chatId}/members, PUT and DELETE /chats/{chatId}/members/{userId}: who is in a chat."""

from __future__ import annotations

from msgspec import UNSET

from chat.bootstrap import chats, handlers
from chat.http import Request, Response
from chat.protocol.http_chats import MemberPath, RoleBody, SetMember
from chat.protocol.http_common import Done, NoQuery

list_of = chats.member_list()
join = chats.join()
leave = chats.leave()
set_role = chats.set_member()
remove = chats.remove_member()


def list_members(request: Request) -> Response:
    """List the chat's members."""
    request.parse_query(NoQuery)
    return Response(list_of(request.identity.user_id, request.path["chatId"]))


def set_member(request: Request) -> Response:
    """Add somebody or give them a role: 201 when they were added; oneself without a role: join."""
    request.parse_query(NoQuery)
    body = request.parse_body(SetMember)
    path, user_id = request.parse_path(MemberPath), request.identity.user_id
    if path.user_id == user_id and body.role is UNSET:
        chat = join(user_id, path.chat_id)
        return Response(RoleBody(chat_id=path.chat_id, user_id=user_id, role=chat.role))
    member, added = set_role(user_id, path.chat_id, path.user_id, body.role)
    return Response(member, 201 if added else 200)


def remove_member(request: Request) -> Response:
    """Remove somebody; oneself: leave."""
    request.parse_query(NoQuery)
    path, user_id = request.parse_path(MemberPath), request.identity.user_id
    if path.user_id == user_id:
        leave(user_id, path.chat_id)
    else:
        remove(user_id, path.chat_id, path.user_id)
    return Response(Done())


handler = handlers.http_routes(
    {
        "GET /chats/{chatId}/members": list_members,
        "PUT /chats/{chatId}/members/{userId}": set_member,
        "DELETE /chats/{chatId}/members/{userId}": remove_member,
    }
)
