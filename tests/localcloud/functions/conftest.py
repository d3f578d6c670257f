"""Lambda over the control plane of the tests: functions in real processes, events, event source mappings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from localcloud.functions import ExecutionPlane
from localcloud.functions.asynchronous import AsynchronousInvocations, EventQueue
from localcloud.functions.event_sources import EventSources
from localcloud.interfaces import NoFaults
from localcloud.observations import Observations
from tests.localcloud.functions.deployment import Deployment
from tests.localcloud.functions.functions_fakes import RealClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.ministack.control_plane import MiniStack
    from tests.localcloud.in_process_aws import InProcessAws

RETRY_SECONDS = 0.01


@pytest.fixture
async def deployment(ministack: MiniStack, aws: InProcessAws, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Where to deploy functions; whatever is to invoke them does."""
    from localcloud.ministack import invocation_bridge  # noqa: PLC0415 - after MiniStack is configured

    clock = RealClock()
    plane = ExecutionPlane(
        ministack, clock, tmp_path / "work", "http://127.0.0.1:4566", 4, Observations(), NoFaults()
    )
    events = EventQueue(tmp_path / "events.sqlite")
    asynchronous = AsynchronousInvocations(plane, ministack, ministack.roles, events, clock, 4, RETRY_SECONDS)
    sources = EventSources(ministack, plane, ministack.queues, ministack.roles, 4)
    invocation_bridge.install(plane, asyncio.get_running_loop())
    invocation_bridge.install_asynchronous(asynchronous.accept)
    await asynchronous.open()
    await sources.open()
    (tmp_path / "kept").mkdir()
    yield Deployment(aws, tmp_path / "kept")
    await sources.close()
    await asynchronous.close()
    await plane.close()
