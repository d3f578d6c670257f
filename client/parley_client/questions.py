"""What a client asks the service over its WebSocket and waits for: a method a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from . import client_frames as ask
from . import server_frames as server
from .bodies import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from .values import Change, ChatSummary, Presence, User
    from .waiting import Waiting

_Frame = TypeVar("_Frame", bound=server.ServerFrame)


class Questions:
    """Asks, and gives the answers; repeating any of it does no harm.

    Each method raises RequestRefused, with the service's reason, or NotReachable when no answer comes.
    """

    def __init__(self, put: Callable[[ask.Query], None], waiting: Waiting) -> None:
        """Ask through `put`; the answers come to `waiting`."""
        self._put = put
        self._waiting = waiting
        self._query_count = 0

    async def history(
        self,
        chat_id: str,
        *,
        after: int | None = None,
        before: int | None = None,
        around: int | None = None,
        limit: int | None = None,
    ) -> Page:
        """Return the messages that follow `after`, precede `before`, lie `around`, or else the newest."""
        query = ask.GetMessages(
            request_id=self._next_id(),
            chat_id=chat_id,
            after=after,
            before=before,
            around=around,
            limit=limit,
        )
        answer = await self._ask(query, server.MessagesFrame)
        return Page(messages=answer.messages, has_more=answer.has_more)

    async def users(self, q: str) -> tuple[User, ...]:
        """Return the users whose name begins with `q`, of two characters at least."""
        answer = await self._ask(ask.GetUsers(request_id=self._next_id(), q=q), server.UsersFrame)
        return answer.users

    async def presence(self, chat_id: str) -> tuple[Presence, ...]:
        """Return who of a direct chat's or group's other members is online."""
        query = ask.GetPresence(request_id=self._next_id(), chat_id=chat_id)
        return (await self._ask(query, server.PresenceFrame)).users

    async def edit(self, chat_id: str, seq: int, text: str) -> Change:
        """Give one of this user's messages another text."""
        return await self._change(
            ask.EditMessage(request_id=self._next_id(), chat_id=chat_id, seq=seq, text=text)
        )

    async def delete(self, chat_id: str, seq: int) -> Change:
        """Empty a message: one's own, or as an owner or admin anyone's; its number stays."""
        return await self._change(ask.DeleteMessage(request_id=self._next_id(), chat_id=chat_id, seq=seq))

    async def react(self, chat_id: str, seq: int, emoji: str | None) -> Change:
        """Set this user's reaction to a message; None: take it back."""
        return await self._change(
            ask.React(request_id=self._next_id(), chat_id=chat_id, seq=seq, emoji=emoji)
        )

    async def join(self, chat_id: str) -> ChatSummary:
        """Join a channel and return it."""
        query = ask.JoinChat(request_id=self._next_id(), chat_id=chat_id)
        return (await self._ask(query, server.ChatFrame)).chat

    async def leave(self, chat_id: str) -> None:
        """Leave a group or a channel."""
        await self._ask(ask.LeaveChat(request_id=self._next_id(), chat_id=chat_id), server.LeftFrame)

    async def _change(self, query: ask.Query) -> Change:
        return (await self._ask(query, server.ChangedFrame)).change

    async def _ask(self, query: ask.Query, kind: type[_Frame]) -> _Frame:
        return await self._waiting.for_answer(query.request_id, kind, lambda: self._put(query))

    def _next_id(self) -> str:
        self._query_count += 1
        return f"q{self._query_count}"
