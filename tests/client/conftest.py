"""The pretended service, for every test of the driver and of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.fake_service import FakeService, running_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    """Run a service for one test."""
    async with running_service() as running:
        yield running
