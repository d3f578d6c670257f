"""A device: the Python client signed in as somebody, with everything it has told its application so far."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from e2e.support.deadlines import PATIENCE
from parley_client import ChatClient, Endpoints
from parley_client.events import CaughtUp, Event, MessageReceived

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    from e2e.support.people import Person
    from harness.outputs import Outputs
    from parley_client.chats import Snapshot
    from parley_client.policy import Policy
    from parley_client.values import Message

_Event = TypeVar("_Event", bound=Event)


class Device:
    """One running Python client."""

    def __init__(self, client: ChatClient) -> None:
        """Watch a client; `open_device` also reads its events."""
        self.client = client
        self.events: list[Event] = []
        """What the client told its application, in order."""
        self._arrival = asyncio.Condition()

    async def write(self, chat_id: str, texts: Iterable[str]) -> None:
        """Send texts one after the other, each once the one before is acked."""
        for text in texts:
            await self.client.send(chat_id, text)

    def shown(self, chat_id: str) -> list[Message]:
        """Give the chat's messages as the application was shown them, in that order."""
        return [event.message for event in self.of(MessageReceived) if event.chat_id == chat_id]

    def of(self, kind: type[_Event]) -> list[_Event]:
        """Give all events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    async def shows(self, chat_id: str, count: int, within: float = PATIENCE) -> list[Message]:
        """Wait until at least that many of the chat's messages were shown; give what was shown."""
        await self.until(lambda: len(self.shown(chat_id)) >= count, within)
        return self.shown(chat_id)

    async def until(self, holds: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait until what the events have come to holds."""
        async with asyncio.timeout(within), self._arrival:
            await self._arrival.wait_for(holds)

    async def listen(self) -> None:
        """Keep the client's events."""
        async for event in self.client.events():
            async with self._arrival:
                self.events.append(event)
                self._arrival.notify_all()


@asynccontextmanager
async def open_device(
    stack: Outputs,
    person: Person,
    cursors: Mapping[str, int] | None = None,
    policy: Policy | None = None,
    tokens: Callable[[], Awaitable[str]] | None = None,
    snapshot: Snapshot | None = None,
) -> AsyncIterator[Device]:
    """Run a client as a person, from the numbers it held of each chat when last closed; it is level then.

    Its access tokens come from `tokens`, or else all are the one that the person has. The snapshot of an
    earlier client takes the place of the numbers: what was not acked is sent.
    """

    async def token() -> str:
        return person.access_token

    endpoints = Endpoints(websocket_url=stack.web_socket_url, http_api_url=stack.http_api_url)
    async with ChatClient(
        endpoints=endpoints,
        tokens=tokens or token,
        cursors=dict(cursors or {}),
        snapshot=snapshot,
        policy=policy,
    ) as client:
        device = Device(client)
        listening = asyncio.create_task(device.listen())
        try:
            await device.until(lambda: bool(device.of(CaughtUp)))
            yield device
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
