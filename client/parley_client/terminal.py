"""The terminal chat: what a person is shown, over a ChatClient and a Screen; what they type: commands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text

from . import lines
from .commands import Commands
from .elsewhere import Elsewhere
from .errors import ParleyError, RequestRefused
from .events import (
    CaughtUp,
    ChatChanged,
    ChatFound,
    ChatLeft,
    ConnectionChanged,
    ConnectionState,
    Event,
    HistoryReset,
    MessageChanged,
    MessageReceived,
    MessageRefused,
    MessageSent,
    PresenceChanged,
)
from .known_chats import KnownChats
from .lines import title
from .pending import Pending
from .people import People
from .shown import Shown
from .working import Working

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .driver import ChatClient
    from .screens import Screen
    from .values import AttachmentDraft, ChatSummary, Message


class TerminalChat:
    """One person's terminal: one chat is open at a time, the others announce themselves."""

    def __init__(
        self,
        client: ChatClient,
        screen: Screen,
        *,
        username: str,
        wanted: str,
        save: Callable[[], None],
        forget_session: Callable[[], None],
    ) -> None:
        """Show `client`'s chats on `screen`.

        Args:
            client: the client, entered by the caller.
            screen: where the person is.
            username: who the person is.
            wanted: with whom they want to talk; empty: with whoever writes first.
            save: keeps the client's snapshot; called whenever it may have changed.
            forget_session: has the client sign in anew when it connects next.
        """
        self._client = client
        self._screen = screen
        self.username = username
        """Who the person is."""
        self._wanted = wanted
        self._save = save
        self._forget_session = forget_session
        self._people = People(client)
        self.chats = KnownChats(client, self._people)
        """The person's chats."""
        self.shown = Shown(client, screen, self._people)
        """The messages on the screen."""
        self._commands = Commands(self, client, self._people)
        self._elsewhere = Elsewhere(client, screen)
        self.pending = Pending(client.snapshot().outbox)
        """The person's messages that are on their way."""
        self.working = Working(self._refresh)
        """What the person waits for."""
        self._status = Text()
        self._leaves = False
        self._caught_up = False

    async def watch(self) -> None:
        """Show what happens until the client is closed."""
        async for event in self._client.events():
            await self._happened(event)
            self._settle()

    async def obey(self) -> None:
        """Do what the person types, one thing after the other, until they leave; meanwhile they type on."""
        typed: asyncio.Queue[str | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(typed))
        try:
            while not self._leaves and (line := await typed.get()) is not None:
                if line:
                    with self.working.on(line.partition(" ")[0] if line.startswith("/") else "asking"):
                        await self._try(self._typed(line))
                self._settle()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, typed: asyncio.Queue[str | None]) -> None:
        while (line := await self._screen.read()) is not None and line.strip() != "/quit":
            typed.put_nowait(line.strip())
        typed.put_nowait(None)

    @property
    def open(self) -> ChatSummary | None:
        """The chat that the person is in."""
        return self.chats.open

    def leave(self) -> None:
        """End what the person does here."""
        self._leaves = True

    def sign_in(self) -> None:
        """Begin a session on this device, in place of one that was ended."""
        self._forget_session()
        self._client.probe()

    def _settle(self) -> None:
        self._save()
        self._refresh()

    def _refresh(self) -> None:
        standing = [*self.pending.lines, *self.working.lines, *self._standing()]
        self._screen.refresh(self._status, standing)

    def _standing(self) -> list[Text]:
        view = self._client.chat(self.open.chat_id) if self.open is not None else None
        shown = lines.standing(view, self._client.user_id, self._people) if view is not None else []
        return [*shown, *self._elsewhere.counts(self.chats.others())]

    async def _try(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except RequestRefused as refused:
            self.say(refused.message, "red")
        except (ParleyError, ValueError) as error:
            self.say(str(error), "yellow" if isinstance(error, ValueError) else "red")

    def say(self, text: str, style: str = "") -> None:
        """Show a text that nobody has written."""
        self.show(lines.said(text, style))

    def show(self, line: Text) -> None:
        """Show a line."""
        self._screen.show(line)

    def typing(self) -> None:
        """The person has typed something into the line that they are writing."""
        if self.open is not None:
            self._client.typing(self.open.chat_id)

    # What the person does.

    async def _typed(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            await self._commands.obey(line)
            return
        if self.open is None and self._wanted:
            await self.talk_with(self._wanted)
        if self.open is None:
            self.say("Not sent: no chat is open, /chat NAME opens one.", "yellow")
            return
        self.send(line[1:] if line.startswith("//") else line)

    def send(
        self, text: str, *, reply_to: int | None = None, attachment: AttachmentDraft | None = None
    ) -> None:
        """Send a message to the open chat; ValueError when there is none."""
        if self.open is None:
            raise ValueError("No chat is open, /chat NAME opens one.")
        mentions = self._people.mentioned(text)
        message_id = self._client.enqueue(
            self.open.chat_id, text, reply_to=reply_to, mentions=mentions, attachment=attachment
        )
        if self._client.state is ConnectionState.RECONNECTING:
            self._client.probe()  # somebody waits: try now, not when the delay is over
        self.pending.add(message_id, text, attachment)

    async def talk_with(self, name: str) -> None:
        """Open the chat of this name; with a person there is always one."""
        self._wanted = name
        if (chat := self.chats.called(name)) is None:
            await self.chats.learn()
            chat = self.chats.called(name)
        if chat is None and (user_id := await self._people.find(name)) is not None:
            chat = await self._client.create_direct_chat(user_id)
        if chat is None:
            self.say(f"{name} is not known yet: people appear when they first sign in.", "yellow")
        elif not self.chats.is_open(chat.chat_id):
            await self.enter(chat)

    async def enter(self, chat: ChatSummary) -> None:
        """Open a chat: what was said before, then what waits unread, then what comes."""
        self.chats.enter(chat)
        self.say(f"--- {self.username} and {title(chat)}", "bold")
        waiting = self._elsewhere.take(chat.chat_id)
        held = self._client.snapshot().cursors.get(chat.chat_id, 0)
        first = waiting[0].seq if waiting else held + 1
        await self._try(self.shown.open(chat, first))
        await self.shown.messages(chat, waiting)
        self._client.mark_read(chat.chat_id, held)

    # What happens.

    async def _happened(self, event: Event) -> None:
        match event:
            case MessageReceived(chat_id=chat_id, message=message):
                self.pending.received(message.id)
                await self._received(chat_id, message)
            case MessageSent(message=message):
                self.pending.sent(message)
            case MessageRefused(id=message_id, message=why):
                self.say(f"Not sent: {self.pending.refused(message_id)}\n{why}", "red")
            case ConnectionChanged(state=state, reason=reason):
                catching_up = "catching up" if state is ConnectionState.ONLINE else ""
                self._status = lines.status(state, reason or catching_up)
                if state is ConnectionState.REFUSED:
                    self.say("You are not signed in: /signin signs you in again.", "yellow")
                if self._client.user_id:
                    self._people.know_own(self._client.user_id, self.username)
                if state is ConnectionState.ONLINE and self.open is None and self._wanted:
                    await self._try(self.talk_with(self._wanted))
            case _:
                await self._changed(event)

    async def _changed(self, event: Event) -> None:
        """Show what became of chats and of messages shown earlier."""
        match event:
            case CaughtUp():
                self._caught_up = True
                self._status = lines.status(self._client.state, "")
            case ChatFound(chat=chat):
                self.chats.know(chat)
                if self._caught_up and chat.kind == "group" and chat.role != "owner":
                    self.say(f"You are in {title(chat)} now: /chat {title(chat)}", "yellow")
            case MessageChanged(chat_id=chat_id, change=change) if (
                self.chats.is_open(chat_id) and change.message
            ):
                await self._people.learn([change.by])
                self._screen.show(lines.message_change(change, change.message, self._people.name(change.by)))
            case ChatChanged(chat_id=chat_id):
                await self._chat_changed(event)
            case ChatLeft(chat_id=chat_id):
                self._left(chat_id)
            case PresenceChanged(chat_id=chat_id, users=users) if self.chats.is_open(chat_id):
                for user in users:
                    state = "online" if user.online else "away"
                    self.say(f"--- {self._people.name(user.user_id)} is {state}", "dim")
            case HistoryReset(chat_id=chat_id):
                self.shown.forget(chat_id)
                self.say("--- the service has lost this chat's history; what it has follows", "red")

    async def _chat_changed(self, event: ChatChanged) -> None:
        change = event.change
        await self._people.learn([change.by, *(member.user_id for member in change.members), *change.removed])
        if change.name is not None:
            self.chats.rename(event.chat_id, change.name)
        if self.chats.is_open(event.chat_id):
            self._screen.show(lines.chat_change(change, self._people))

    def _left(self, chat_id: str) -> None:
        if self.chats.is_open(chat_id):
            self._wanted = ""
            self.say(f"--- you are not in {self.chats.title_of(chat_id)} any more", "yellow")
        self.chats.forget(chat_id)
        self._elsewhere.take(chat_id)
        self.shown.forget(chat_id)

    async def _received(self, chat_id: str, message: Message) -> None:
        if self.chats.get(chat_id) is None:
            await self._try(self.chats.learn())
        chat = self.chats.get(chat_id)
        if chat is not None and self.chats.is_open(chat_id):
            await self.shown.messages(chat, [message])
            self._client.mark_read(chat_id, message.seq)
            return
        self._client.mark_delivered(chat_id, message.seq)
        self._elsewhere.keep(chat_id, message)
        if chat is not None and self.open is None and self._wanted in {"", title(chat)}:
            await self.enter(chat)
        elif chat is not None:
            self._elsewhere.announce(chat, message)
