"""Creates groups and channels, under ids that their creators make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from chat.codec import encode
from chat.domain import CHANNEL, GROUP, Chat, timestamp
from chat.errors import ChatError
from chat.protocol.server_frames import Joined
from chat.roster import Place, Roster
from chat.service.chats import describe, newcomer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.ports.chats import Chats
    from chat.ports.clock import Clock
    from chat.ports.users import Users
    from chat.service.chats import ChatDirectory
    from chat.service.deliver import Deliver


class Creation:
    """Creates chats; a repeated request finds what the first one created."""

    def __init__(
        self, chats: Chats, users: Users, directory: ChatDirectory, deliver: Deliver, clock: Clock
    ) -> None:
        """Keep chats in `chats`; `deliver` tells everyone who is in one."""
        self._chats = chats
        self._users = users
        self._directory = directory
        self._deliver = deliver
        self._clock = clock

    def group(
        self, user_id: str, id_: str, name: str, member_ids: Sequence[str], history: str
    ) -> tuple[Chat, bool]:
        """Create a group that the user owns, with these members; the chat, and whether it is new.

        Raises:
            ChatError: `own_chat` when nobody else is named, `unknown_user`, `chat_id_taken`.
        """
        others = sorted(set(member_ids) - {user_id})
        if not others:
            raise ChatError("own_chat")
        if len(self._users.get_all(others)) < len(others):
            raise ChatError("unknown_user")
        places = {user_id: Place("owner", 0, 0), **dict.fromkeys(others, Place("member", 0, 0))}
        return self._create(f"g:{id_}", GROUP, name, history, user_id, places)

    def channel(self, user_id: str, id_: str, name: str) -> tuple[Chat, bool]:
        """Create a channel that the user owns; the chat, and whether it is new.

        Raises:
            ChatError: `chat_id_taken`.
        """
        return self._create(f"c:{id_}", CHANNEL, name, "start", user_id, {user_id: Place("owner", 0, 0)})

    def _create(
        self, chat_id: str, kind: str, name: str, history: str, owner: str, places: dict[str, Place]
    ) -> tuple[Chat, bool]:
        wanted = Roster(
            chat_id=chat_id,
            kind=kind,
            name=name,
            history=history,
            created_by=owner,
            created_at=timestamp(self._clock.now()),
            places=places,
        )
        found = self._chats.create(wanted)
        if found is not wanted:
            if found.created_by != owner or self._chats.standing(chat_id, owner) is None:
                raise ChatError("chat_id_taken")
            return self._directory.get(owner, chat_id), False
        owned = describe(newcomer(chat_id, "owner"), name, UNSET, None, 0)
        self._deliver([owner], [encode(Joined(chat=owned))], None)
        if others := [user_id for user_id in places if user_id != owner]:
            joined = msgspec.structs.replace(owned, role="member")
            self._deliver(others, [encode(Joined(chat=joined))], None)
        return owned, True
