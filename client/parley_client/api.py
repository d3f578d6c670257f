"""The HTTP API's routes as methods: tickets, chats and their members, messages, people, search."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import bodies
from .account import Account
from .avatars import Avatars
from .media import Media
from .rest import Rest, segment, tls_context
from .tokens import Claims, read_claims
from .values import ChatSummary, User

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import httpx

    from .values import NewMessage

__all__ = ["Api", "tls_context"]


class Api:
    """One user's view of the HTTP API.

    Every method raises AuthenticationFailed if the access token is not accepted, NotReachable if there is no
    answer, TooManyRequests if a limit is reached, RequestRefused for every other refusal.
    """

    def __init__(self, url: str, tokens: Callable[[], Awaitable[str]], http: httpx.AsyncClient) -> None:
        """Speak to the HTTP API at `url` with the access tokens that `tokens` returns."""
        self._rest = Rest(url, tokens, http)
        self._ask = self._rest.request
        self.media = Media(self._rest)
        """Files: uploading and downloading them."""
        self.avatars = Avatars(self._rest)
        """This user's avatar, and those of others."""
        self.account = Account(self._rest)
        """This user's own account."""

    async def create_ticket(self) -> tuple[bodies.Ticket, Claims]:
        """Return a ticket for one WebSocket connection, and the claims of the token that it stands for."""
        token = await self._rest.tokens()
        return await self._ask(bodies.Ticket, "POST", "/tickets", token=token), read_claims(token)

    # Chats and members.

    async def create_direct_chat(self, user_id: str) -> ChatSummary:
        """Return the direct chat with a user, new or as it is."""
        return await self._ask(ChatSummary, "POST", "/chats", body={"kind": "direct", "userId": user_id})

    async def create_group(
        self, ulid: str, name: str, member_ids: Sequence[str], *, history: str = "start"
    ) -> ChatSummary:
        """Return a group of this user and others, new or as it is; `ulid` makes a retry safe.

        Args:
            ulid: a new ULID; a repeated call with it returns the same group.
            name: what the group is called.
            member_ids: the others; one at least.
            history: whether who joins later sees everything ("start") or what follows ("joining").
        """
        body = {"kind": "group", "id": ulid, "name": name, "memberIds": member_ids, "history": history}
        return await self._ask(ChatSummary, "POST", "/chats", body=body)

    async def create_channel(self, ulid: str, name: str) -> ChatSummary:
        """Return a channel that this user owns, new or as it is; `ulid`, a new ULID, makes a retry safe."""
        return await self._ask(
            ChatSummary, "POST", "/chats", body={"kind": "channel", "id": ulid, "name": name}
        )

    async def chats(self) -> tuple[ChatSummary, ...]:
        """Return all chats of this user."""
        page = await self._ask(bodies.Chats, "GET", "/chats", query={"limit": 100})
        chats = page.chats
        while page.next is not None:
            page = await self._ask(bodies.Chats, "GET", "/chats", query={"limit": 100, "cursor": page.next})
            chats += page.chats
        return chats

    async def chat(self, chat_id: str) -> ChatSummary:
        """Return one chat."""
        return await self._ask(ChatSummary, "GET", f"/chats/{segment(chat_id)}")

    async def rename_chat(self, chat_id: str, name: str) -> ChatSummary:
        """Give a group or channel another name."""
        return await self._ask(ChatSummary, "PATCH", f"/chats/{segment(chat_id)}", body={"name": name})

    async def mute(self, chat_id: str, until: datetime | None) -> ChatSummary:
        """Mute a chat for this user until then; None: mute it no longer."""
        body = {} if until is None else {"until": _moment(until)}
        return await self._ask(ChatSummary, "PUT", f"/chats/{segment(chat_id)}/mute", body=body)

    async def members(self, chat_id: str) -> bodies.Members:
        """Return who is in a group, or who owns and administers a channel, and as of which change."""
        return await self._ask(bodies.Members, "GET", f"/chats/{segment(chat_id)}/members")

    async def set_member(self, chat_id: str, user_id: str, role: str | None = None) -> None:
        """Add a user to a group, or give a member another role."""
        path = f"/chats/{segment(chat_id)}/members/{segment(user_id)}"
        await self._ask(bodies.Done, "PUT", path, body={} if role is None else {"role": role})

    async def remove_member(self, chat_id: str, user_id: str) -> None:
        """Remove a member; oneself: leave."""
        await self._ask(bodies.Done, "DELETE", f"/chats/{segment(chat_id)}/members/{segment(user_id)}")

    async def channels(self, q: str = "") -> tuple[bodies.Channel, ...]:
        """Return channels whose name begins with `q`."""
        return (await self._ask(bodies.Channels, "GET", "/channels", query={"q": q or None})).channels

    async def presence(self, chat_id: str) -> bodies.Presences:
        """Return who of a chat's other members is online."""
        return await self._ask(bodies.Presences, "GET", f"/chats/{segment(chat_id)}/presence")

    # Messages.

    async def messages(
        self,
        chat_id: str,
        *,
        after: int | None = None,
        before: int | None = None,
        around: int | None = None,
        limit: int | None = None,
    ) -> bodies.Page:
        """Return the messages that follow `after`, precede `before`, lie `around`, or else the newest."""
        query = {"after": after, "before": before, "around": around, "limit": limit}
        return await self._ask(bodies.Page, "GET", f"/chats/{segment(chat_id)}/messages", query=query)

    async def send(self, chat_id: str, after: int, messages: Sequence[NewMessage]) -> bodies.Ack:
        """Append messages above `after`; a retry repeats the call unchanged."""
        body = {"after": after, "messages": messages}
        return await self._ask(bodies.Ack, "POST", f"/chats/{segment(chat_id)}/messages", body=body)

    async def edit(self, chat_id: str, seq: int, text: str) -> bodies.Changed:
        """Give one of this user's messages another text."""
        return await self._ask(bodies.Changed, "PATCH", _message(chat_id, seq), body={"text": text})

    async def delete(self, chat_id: str, seq: int) -> bodies.Changed:
        """Empty a message; its number stays."""
        return await self._ask(bodies.Changed, "DELETE", _message(chat_id, seq))

    async def react(self, chat_id: str, seq: int, emoji: str | None) -> bodies.Changed:
        """Set this user's reaction to a message; None: take it back."""
        path = f"{_message(chat_id, seq)}/reaction"
        if emoji is None:
            return await self._ask(bodies.Changed, "DELETE", path)
        return await self._ask(bodies.Changed, "PUT", path, body={"emoji": emoji})

    async def mark(
        self, chat_id: str, *, delivered_seq: int | None = None, read_seq: int | None = None
    ) -> bodies.Watermarks:
        """Tell how far this user holds or has read a chat."""
        marks = {"deliveredSeq": delivered_seq, "readSeq": read_seq}
        body = {name: seq for name, seq in marks.items() if seq is not None}
        return await self._ask(bodies.Watermarks, "PUT", f"/chats/{segment(chat_id)}/watermarks", body=body)

    async def unread(self) -> bodies.Unread:
        """Return how much is unread, in all chats."""
        return await self._ask(bodies.Unread, "GET", "/unread")

    async def search(self, q: str, *, chat_id: str | None = None, cursor: str | None = None) -> bodies.Hits:
        """Return messages with these words, the newest first; `cursor` is the `next` of the answer before."""
        query = {"q": q, "chatId": chat_id, "cursor": cursor}
        return await self._ask(bodies.Hits, "GET", "/search", query=query)

    async def report(self, chat_id: str, seq: int, reason: str, note: str | None = None) -> bodies.Report:
        """Show a message to those who run the service.

        Args:
            chat_id: the chat.
            seq: the message's number.
            reason: "spam", "abuse", "illegal" or "other".
            note: what to say about it, if anything.
        """
        named = {"chatId": chat_id, "seq": seq, "reason": reason, "note": note}
        body = {name: value for name, value in named.items() if value is not None}
        return await self._ask(bodies.Report, "POST", "/reports", body=body)

    # People.

    async def users(self, q: str) -> tuple[User, ...]:
        """Return users whose name begins with `q`, of two characters at least."""
        return (await self._ask(bodies.Users, "GET", "/users", query={"q": q})).users

    async def user(self, user_id: str) -> User:
        """Return a user's profile."""
        return await self._ask(User, "GET", f"/users/{segment(user_id)}")

    async def me(self) -> User:
        """Return this user's profile."""
        return await self._ask(User, "GET", "/users/me")


def _message(chat_id: str, seq: int) -> str:
    return f"/chats/{segment(chat_id)}/messages/{seq}"


def _moment(time: datetime) -> str:
    """Write a time as the service does: RFC 3339, UTC, milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
