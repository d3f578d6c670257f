"""Fixtures of the data planes' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localcloud.apis.websocket_world import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.localcloud.apis.websocket_world import Served


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A WebSocket API with routes of every kind, served on a free port, under AWS's own quotas."""
    async with serving() as state:
        yield state
