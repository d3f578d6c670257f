"""People who go on writing while things happen to the stack."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from e2e.support.deadlines import PATIENCE
from e2e.support.promises import IMPATIENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from e2e.support.devices import Device

UNDAUNTED = msgspec.structs.replace(IMPATIENT, reconnect_cap=1.0, retry_cap=1.0)
"""A client that goes on trying every second, so that a test need not wait for it."""


@asynccontextmanager
async def writing(device: Device, chat_id: str, name: str) -> AsyncIterator[list[str]]:
    """Have a device send text after text, each once the one before is acked, for as long as the block lasts.

    Gives the texts that were acked, in that order; when the block is over, those are all that were sent.
    """
    acked: list[str] = []
    over = asyncio.Event()

    async def write() -> None:
        while not over.is_set():
            text = f"{name} {len(acked) + 1}"
            await device.client.send(chat_id, text)
            acked.append(text)

    task = asyncio.create_task(write())
    try:
        yield acked
        over.set()
        async with asyncio.timeout(PATIENCE):
            await task
    finally:
        task.cancel()
