"""Channels: found by anyone, and joined by whoever wants to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from chat.codec import encode
from chat.domain import CHANNEL, kind_of, timestamp
from chat.errors import ChatError
from chat.protocol.http_chats import ChannelsBody
from chat.protocol.server_frames import Joined

if TYPE_CHECKING:
    from chat.domain import Chat
    from chat.ports.changes import Changes
    from chat.ports.chats import Channels
    from chat.ports.clock import Clock
    from chat.service.chats import ChatDirectory
    from chat.service.deliver import Deliver


class ChannelDirectory:
    """All channels, by name."""

    def __init__(self, channels: Channels) -> None:
        """Ask `channels`."""
        self._channels = channels

    def search(self, prefix: str | UnsetType, limit: int) -> ChannelsBody:
        """Find channels whose name begins with the prefix, in any case; UNSET: all."""
        channels, has_more = self._channels.search("" if prefix is UNSET else prefix, limit)
        return ChannelsBody(channels=channels, has_more=has_more)


class Join:
    """Lets anyone join channels."""

    def __init__(
        self, channels: Channels, changes: Changes, directory: ChatDirectory, deliver: Deliver, clock: Clock
    ) -> None:
        """Keep members in `channels`; `changes` say since which of them somebody is in one."""
        self._channels = channels
        self._changes = changes
        self._directory = directory
        self._deliver = deliver
        self._clock = clock

    def __call__(self, user_id: str, chat_id: str, connection_id: str | None = None) -> Chat:
        """Have the user be a member of the channel; the chat as it is to them.

        Nobody joins another chat, but who is in one is told of it.

        Args:
            user_id: who joins, by the verified token.
            chat_id: the chat.
            connection_id: the connection it came by, which gets an answer and so no push.

        Raises:
            ChatError: `unknown_chat`, for a chat of others too.
        """
        if kind_of(chat_id) != CHANNEL:
            return self._directory.get(user_id, chat_id)
        since = self._changes.tail(chat_id)
        if not self._channels.join(chat_id, user_id, timestamp(self._clock.now()), since):
            raise ChatError("unknown_chat", chat_id=chat_id)
        chat = self._directory.get(user_id, chat_id)
        self._deliver([user_id], [encode(Joined(chat=chat))], connection_id)
        return chat
