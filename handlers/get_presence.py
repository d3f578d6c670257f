"""Answers getPresence: who of a chat's other members is online."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from chat.bootstrap import handlers, users
from chat.protocol.client_frames import GetPresence
from chat.protocol.server_frames import Presences

if TYPE_CHECKING:
    from chat.websocket import Caller

board = users.presence_board()


def answer(caller: Caller, frame: GetPresence) -> Presences:
    """Look who is there."""
    return Presences(**structs.asdict(board(caller.user_id, frame.chat_id)))


handler = handlers.route(GetPresence, answer)
