"""A terminal whose person is the test: what it types, and what it is shown."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from parley_client import ChatClient, Endpoints, Policy, Snapshot
from parley_client.terminal import TerminalChat
from tests.client.fake_service import access_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from rich.text import Text

PATIENCE = 20.0
QUICK = Policy(reconnect_base=0.02, reconnect_cap=0.05, backlog=20)


class TypedScreen:
    """A screen whose person is the test."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.lines: list[str] = []
        self.status = ""
        self.standing: list[str] = []
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._changed = asyncio.Event()

    def show(self, line: Text) -> None:
        """Keep a line."""
        self.lines.append(line.plain)
        self._changed.set()

    def refresh(self, status: Text, standing: list[Text]) -> None:
        """Keep how things stand."""
        self.status, self.standing = status.plain, [line.plain for line in standing]
        self._changed.set()

    async def read(self) -> str | None:
        """Return what the test types."""
        return await self._typed.get()

    def type(self, line: str) -> None:
        """Type a line."""
        self._typed.put_nowait(line)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the screen shows something."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def shows(self, part: str) -> str:
        """Wait until a line contains a text and return the line."""
        await self.until(lambda: any(part in line for line in self.lines))
        return next(line for line in self.lines if part in line)


@asynccontextmanager
async def terminal_of(
    endpoints: Endpoints, user: str, *, wanted: str = "", snapshot: Snapshot | None = None
) -> AsyncIterator[tuple[TypedScreen, ChatClient]]:
    """Run a person's terminal; each sign-in gives another token."""
    sessions = [access_token(user)]

    async def tokens() -> str:
        return sessions[-1]

    def forget_session() -> None:
        sessions.append(access_token(user, lifetime=3600 + len(sessions)))

    screen = TypedScreen()
    client = ChatClient(endpoints=endpoints, tokens=tokens, policy=QUICK, snapshot=snapshot, wait=False)
    chat = TerminalChat(
        client, screen, username=user, wanted=wanted, save=lambda: None, forget_session=forget_session
    )
    async with client:
        running = [asyncio.create_task(chat.watch()), asyncio.create_task(chat.obey())]
        try:
            yield screen, client
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
