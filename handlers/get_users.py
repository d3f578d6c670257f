"""Answers getUsers: users whose name begins as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.bootstrap import handlers, users
from chat.protocol.client_frames import GetUsers
from chat.protocol.server_frames import Users

if TYPE_CHECKING:
    from chat.websocket import Caller

search = users.user_search()


def answer(caller: Caller, frame: GetUsers) -> Users:
    """Search."""
    found = search(caller.user_id, frame.q, frame.limit)
    return Users(users=found.users, has_more=found.has_more)


handler = handlers.route(GetUsers, answer)
