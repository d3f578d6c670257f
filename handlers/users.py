"""Answers GET /users, GET /users/{userId} and GET and PATCH /users/me: profiles."""

from __future__ import annotations

from chat.bootstrap import handlers, users
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_users import UpdateUser, UserPath, UsersQuery

directory = users.user_directory()
search = users.user_search()
update_profile = users.update_profile()


def search_users(request: Request) -> Response:
    """Find users by how their names begin."""
    query = request.parse_query(UsersQuery)
    return Response(search(request.identity.user_id, query.q, query.limit))


def get_user(request: Request) -> Response:
    """Give a user's profile."""
    request.parse_query(NoQuery)
    return Response(directory.get(request.parse_path(UserPath).user_id))


def get_me(request: Request) -> Response:
    """Give the caller's own profile."""
    request.parse_query(NoQuery)
    return Response(directory.get(request.identity.user_id))


def update_me(request: Request) -> Response:
    """Change the caller's own profile."""
    request.parse_query(NoQuery)
    body = request.parse_body(UpdateUser)
    return Response(update_profile(request.identity.user_id, body.changes()))


handler = handlers.http_routes(
    {
        "GET /users": search_users,
        "GET /users/{userId}": get_user,
        "GET /users/me": get_me,
        "PATCH /users/me": update_me,
    }
)
