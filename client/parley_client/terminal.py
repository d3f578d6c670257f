"""The terminal chat: what a person types and what they are shown, over a ChatClient and a Screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

from .errors import ParleyError
from .events import (
    ConnectionChanged,
    ConnectionState,
    Event,
    HistoryReset,
    MessageReceived,
    MessageRefused,
    MessageSent,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from .driver import ChatClient
    from .values import ChatSummary, Message

HISTORY = 20
"""Messages shown of a chat that is opened, and by each /history."""

HELP = """\
/chat NAME    talk with someone
/chats        whom you talk with
/users NAME   find people whose name begins so
/history      what was said before
/quit         leave; what is not sent yet is kept and sent next time
Anything else is sent; begin with // to send a line that begins with /."""

_HARMLESS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")
"""Control characters in a text could take over the terminal of who reads it."""

_STATUS = {
    ConnectionState.OFFLINE: ("○ offline", "red"),
    ConnectionState.CONNECTING: ("○ connecting", "yellow"),
    ConnectionState.ONLINE: ("● online", "green"),
    ConnectionState.RECONNECTING: ("○ reconnecting", "yellow"),
    ConnectionState.REFUSED: ("○ not signed in", "red"),
}


class Screen(Protocol):
    """Where a person reads and types."""

    def show(self, line: Text) -> None:
        """Add a line for good."""

    def refresh(self, status: Text, pending: list[Text]) -> None:
        """Show how things stand now: the connection, and this person's messages that are on their way."""

    async def read(self) -> str | None:
        """Return the next line typed, or None when there are no more."""


class TerminalChat:
    """One person's terminal: one chat is open at a time, the others announce themselves."""

    def __init__(
        self, client: ChatClient, screen: Screen, *, username: str, wanted: str, save: Callable[[], None]
    ) -> None:
        """Show `client`'s chats on `screen`.

        Args:
            client: the client, entered by the caller.
            screen: where the person is.
            username: who the person is.
            wanted: with whom they want to talk; empty: with whoever writes first.
            save: keeps the client's snapshot; called whenever it may have changed.
        """
        self._client = client
        self._screen = screen
        self._username = username
        self._wanted = wanted
        self._save = save
        self._open: ChatSummary | None = None
        self._chats: dict[str, ChatSummary] = {}
        self._unread: dict[str, list[Message]] = {}
        self._first_shown: dict[str, int] = {}
        self._pending = {entry.id: _line("sending … ", entry.text) for entry in client.snapshot().outbox}
        self._unsent = set(self._pending)
        self._all_sent = asyncio.Event()
        self._status = Text()

    @property
    def has_unsent(self) -> bool:
        """Whether messages wait to be sent."""
        return bool(self._unsent)

    async def all_sent(self) -> None:
        """Wait until nothing waits to be sent."""
        while self._unsent:
            self._all_sent.clear()
            await self._all_sent.wait()

    async def watch(self) -> None:
        """Show what happens until the client is closed."""
        async for event in self._client.events():
            await self._happened(event)
            self._settle()

    async def obey(self) -> None:
        """Do what the person types until they leave."""
        while (line := await self._screen.read()) is not None:
            line = line.strip()
            if line == "/quit":
                return
            if line:
                await self._try(self._command(line))
            self._settle()

    def _settle(self) -> None:
        self._save()
        if not self._unsent:
            self._all_sent.set()
        self._screen.refresh(self._status, list(self._pending.values()))

    async def _try(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except (ParleyError, ValueError) as error:
            self._say(str(error), "red")

    def _say(self, text: str, style: str = "") -> None:
        self._screen.show(Text(text.translate(_HARMLESS), style=style))

    # What the person types.

    async def _command(self, line: str) -> None:
        name, _, argument = line.partition(" ")
        commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "/chat": self._talk_with,
            "/chats": self._list_chats,
            "/users": self._find_users,
            "/history": self._show_earlier,
            "/help": self._help,
        }
        if name in commands:
            await commands[name](argument.strip())
        elif line.startswith("/") and not line.startswith("//"):
            self._say(f"There is no command {name}.\n{HELP}", "yellow")
        else:
            await self._send(line[1:] if line.startswith("//") else line)

    async def _send(self, text: str) -> None:
        if self._open is None and self._wanted:
            await self._talk_with(self._wanted)
        if self._open is None:
            self._say("Not sent: no chat is open, /chat NAME opens one.", "yellow")
            return
        message_id = self._client.enqueue(self._open.chat_id, text)
        if self._client.state is ConnectionState.RECONNECTING:
            self._client.probe()  # somebody waits: try now, not when the delay is over
        self._pending[message_id] = _line("sending … ", text)
        self._unsent.add(message_id)

    async def _talk_with(self, name: str) -> None:
        self._wanted = name
        if (chat := self._chat_with(name)) is None:
            await self._learn_chats()
            chat = self._chat_with(name)
        if chat is None:
            for user in await self._client.users(name):
                if user.username == name:
                    chat = await self._client.create_direct_chat(user.user_id)
                    self._chats[chat.chat_id] = chat
        if chat is None:
            self._say(f"{name} is not known yet: people appear when they first sign in.", "yellow")
        elif self._open is None or self._open.chat_id != chat.chat_id:
            await self._enter(chat)

    async def _list_chats(self, _: str) -> None:
        await self._learn_chats()
        for chat in self._chats.values():
            self._say(f"{_other(chat)}  ({chat.last_seq} messages)")
        if not self._chats:
            self._say("No chats yet: /users finds people, /chat NAME opens a chat.", "yellow")

    async def _find_users(self, query: str) -> None:
        users = await self._client.users(query)
        for user in users:
            self._say(f"{user.username}  {user.display_name or ''}".rstrip())
        if not users:
            self._say(f"Nobody's name begins with {query!r}.", "yellow")

    async def _show_earlier(self, _: str) -> None:
        if self._open is None:
            self._say("No chat is open, /chat NAME opens one.", "yellow")
            return
        chat_id = self._open.chat_id
        first = self._first_shown.get(chat_id, self._client.snapshot().cursors.get(chat_id, 0) + 1)
        if first <= 1:
            self._say("--- this is the beginning", "dim")
            return
        page = await self._client.history(chat_id, before=first, limit=HISTORY)
        self._say("--- earlier" if page.has_more else "--- from the beginning", "dim")
        self._show_messages(self._open, page.messages)
        self._say(f"--- up to {first - 1}", "dim")

    async def _help(self, _: str) -> None:
        self._say(HELP)

    # What happens.

    async def _happened(self, event: Event) -> None:
        match event:
            case MessageReceived(chat_id=chat_id, message=message):
                self._pending.pop(message.id, None)
                await self._received(chat_id, message)
            case MessageSent(message=message):
                self._unsent.discard(message.id)
                if message.id in self._pending:
                    self._pending[message.id] = _line("sent ✓ ", message.text)
            case MessageRefused(id=message_id, message=why):
                self._unsent.discard(message_id)
                refused = self._pending.pop(message_id, Text())
                self._say(f"Not sent, {why} ({refused.plain})", "red")
            case ConnectionChanged(state=ConnectionState.ONLINE):
                self._connection_changed(event)
                if self._open is None and self._wanted:
                    await self._try(self._talk_with(self._wanted))
            case ConnectionChanged():
                self._connection_changed(event)
            case HistoryReset(chat_id=chat_id):
                self._first_shown.pop(chat_id, None)
                self._say("--- the service has lost this chat's history; what it has follows", "red")

    def _connection_changed(self, event: ConnectionChanged) -> None:
        label, style = _STATUS[event.state]
        why = f" ({event.reason})" if event.reason else ""
        self._status = Text(label + why, style=style)

    async def _received(self, chat_id: str, message: Message) -> None:
        if chat_id not in self._chats:
            await self._try(self._learn_chats())
        chat = self._chats.get(chat_id)
        if self._open is not None and self._open.chat_id == chat_id:
            self._show_messages(self._open, [message])
            return
        waiting = self._unread.setdefault(chat_id, [])
        waiting.append(message)
        if chat is not None and self._open is None and self._wanted in {"", _other(chat)}:
            await self._enter(chat)
        elif chat is not None and len(waiting) == 1:
            self._say(f"{_other(chat)} has written: /chat {_other(chat)}", "yellow")

    async def _enter(self, chat: ChatSummary) -> None:
        """Open a chat: what was said before, then what waits unread, then what comes."""
        self._open = chat
        self._say(f"--- {self._username} and {_other(chat)}", "bold")
        waiting = self._unread.pop(chat.chat_id, [])
        held = self._client.snapshot().cursors.get(chat.chat_id, 0)
        first = waiting[0].seq if waiting else held + 1
        if first > 1 and chat.chat_id not in self._first_shown:
            await self._try(self._show_before(chat, first))
        self._show_messages(chat, waiting)

    async def _show_before(self, chat: ChatSummary, first: int) -> None:
        page = await self._client.history(chat.chat_id, before=first, limit=HISTORY)
        self._show_messages(chat, page.messages)

    async def _learn_chats(self) -> None:
        self._chats.update({chat.chat_id: chat for chat in await self._client.chats()})

    def _chat_with(self, name: str) -> ChatSummary | None:
        return next((chat for chat in self._chats.values() if _other(chat) == name), None)

    def _show_messages(self, chat: ChatSummary, messages: Iterable[Message]) -> None:
        for message in messages:
            shown = self._first_shown.get(chat.chat_id, message.seq)
            self._first_shown[chat.chat_id] = min(shown, message.seq)
            theirs = chat.other_member is not None and message.sender_id == chat.other_member.user_id
            self._screen.show(
                Text.assemble(
                    (f"{message.sent_at.astimezone():%H:%M} ", "dim"),
                    (_other(chat) if theirs else self._username, "bold cyan" if theirs else "bold green"),
                    f"  {message.text.translate(_HARMLESS)}",
                    (f"  {'' if theirs else '✓ '}{message.seq}", "dim"),
                )
            )


def _line(label: str, text: str) -> Text:
    return Text.assemble((label, "dim"), text.translate(_HARMLESS))


def _other(chat: ChatSummary) -> str:
    """Return who is at the other end of a chat, or its id if the service does not say."""
    return chat.other_member.username if chat.other_member and chat.other_member.username else chat.chat_id
