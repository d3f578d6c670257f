"""A device that comes and goes, and keeps what it was shown as an application does."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from parley_client import (
    CaughtUp,
    ChatClient,
    ChatFound,
    ChatLeft,
    ConnectionState,
    Endpoints,
    HistoryReset,
    MessageChanged,
    MessageReceived,
    MessageRefused,
    MessageSent,
    NotReachable,
    Policy,
    RequestRefused,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.support.people import Person
    from harness.outputs import Outputs
    from parley_client import Event, Message

POLICY = Policy(
    request_timeout=5.0,
    ping_interval=3.0,
    pings_per_listing=1,
    gap_patience=0.1,
    reconnect_base=0.2,
    reconnect_cap=2.0,
)
"""A client that notices within seconds what others notice within minutes."""


class RovingDevice:
    """One device over all the lives of its client; what one life leaves is where the next begins."""

    def __init__(self, stack: Outputs, person: Person, name: str) -> None:
        """Be a person's device that is closed."""
        self.person = person
        self.name = name
        self.client: ChatClient
        self.messages: dict[str, dict[int, Message]] = {}
        """What the device holds, by chat and number: each message in its latest version."""
        self.seen: dict[str, dict[str, float]] = {}
        """When each message was first shown, by chat and message id; kept after the chat is left."""
        self.fates: dict[str, Message | MessageRefused] = {}
        """What became of this device's messages, by id."""
        self.settled_at: dict[str, float] = {}
        self.complaints: list[str] = []
        """What the client told and never should have."""
        self._endpoints = Endpoints(websocket_url=stack.web_socket_url, http_api_url=stack.http_api_url)
        self._snapshot = Snapshot()
        self._news = asyncio.Condition()
        self._stale: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.away = True

    async def open(self) -> None:
        """Start a client from where the last one ended."""

        async def token() -> str:
            return self.person.access_token

        self.client = ChatClient(
            endpoints=self._endpoints, tokens=token, snapshot=self._snapshot, policy=POLICY, wait=False
        )
        await self.client.__aenter__()
        self.away = False
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._list_members())]

    async def close(self) -> None:
        """Close the client, and keep what the next one needs."""
        if self.away:
            return
        self.away = True
        listening, listing = self._tasks
        listing.cancel()
        await asyncio.gather(listing, return_exceptions=True)
        await self.client.close()
        await listening
        self._snapshot = self.client.snapshot()

    @property
    def is_quiet(self) -> bool:
        """Whether the device is online and nothing of it waits to be sent."""
        snapshot = self.client.snapshot()
        online = not self.away and self.client.state is ConnectionState.ONLINE
        return online and not snapshot.outbox and not snapshot.marks and not self._stale

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        """Wait until what was told has come to hold."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(holds)

    async def _listen(self) -> None:
        async for event in self.client.events():
            async with self._news:
                self._take(event)
                self._note_stale(event)
                self._news.notify_all()

    def _take(self, event: Event) -> None:
        match event:
            case MessageReceived(chat_id=chat_id, message=message):
                self._show(chat_id, message)
            case MessageChanged(chat_id=chat_id, change=change) if change.message is not None:
                held = self.messages.setdefault(chat_id, {})
                was = held.get(change.message.seq)
                if was is None or was.change < change.message.change:
                    held[change.message.seq] = change.message
            case ChatFound(chat=chat):
                held = self.messages.setdefault(chat.chat_id, {})
                self.messages[chat.chat_id] = {
                    seq: message for seq, message in held.items() if seq > chat.visible_after
                }
            case ChatLeft(chat_id=chat_id):
                self.messages.pop(chat_id, None)
            case HistoryReset(chat_id=chat_id):
                self.complaints.append(f"{self.name} was told that the service lost {chat_id}")
            case MessageSent(message=message):
                self._settle(message.id, message)
            case MessageRefused(id=message_id):
                self._settle(message_id, event)

    def _note_stale(self, event: Event) -> None:
        """Note of which chats the members are to be listed again."""
        match event:
            case ChatFound(chat=chat):
                self._stale.add(chat.chat_id)
            case CaughtUp():
                self._stale.update(self.messages)

    def _show(self, chat_id: str, message: Message) -> None:
        held = self.messages.setdefault(chat_id, {})
        if held and message.seq <= max(held):
            self.complaints.append(f"{self.name} was shown {chat_id} {message.seq} after {max(held)}")
        held[message.seq] = message
        self.seen.setdefault(chat_id, {}).setdefault(message.id, time.monotonic())
        if message.sender_id != self.person.user_id and not self.away:
            self.client.mark_delivered(chat_id, message.seq)

    def _settle(self, message_id: str, fate: Message | MessageRefused) -> None:
        if message_id in self.fates:
            self.complaints.append(f"{self.name} was told twice what became of {message_id}")
        self.fates[message_id] = fate
        self.settled_at[message_id] = time.monotonic()

    async def _list_members(self) -> None:
        """List who is in a chat when it is met, and after a time away, in which marks may have moved."""
        while True:
            async with self._news:
                await self._news.wait_for(lambda: bool(self._stale))
            for chat_id in tuple(self._stale):
                self._stale.discard(chat_id)
                try:
                    await self.client.members(chat_id)
                except NotReachable:
                    self._stale.add(chat_id)
                except RequestRefused:
                    continue  # left meanwhile, of which an event tells
