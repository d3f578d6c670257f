"""A whole process of a run, with Locust and gevent in it, against a service that is only pretended."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from harness import paths
from harness.outputs import Outputs
from loadtest.history import Connected, Disconnected, Kind, Measured, Record, Run, Workload, files_of
from loadtest.outcome import OUTCOME, Outcome, read_outcome
from loadtest.population import Person, Plan, Population
from loadtest.processes import PASSWORD
from loadtest.settings import Settings
from loadtest.verdict import judge_directory
from tests.client.fake_service import CHAT, FakeService, access_token, running_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PEOPLE = ("ann", "bob")
SECRET = "the password of all"  # noqa: S105
PATIENCE = 120.0
"""Seconds within which a process has ended, however busy the machine is."""


class OnePasswordService(FakeService):
    """A service whose users all have the run's password."""

    def _sign_in(self, parameters: dict[str, str]) -> tuple[int, object]:
        """Answer Cognito's InitiateAuth."""
        if parameters["PASSWORD"] != SECRET:
            return 400, {"__type": "NotAuthorizedException", "message": "Incorrect username or password."}
        tokens = {"AccessToken": access_token(parameters["USERNAME"]), "ExpiresIn": 3600}
        return 200, {"AuthenticationResult": tokens}


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    """Run a service for one test."""
    async with running_service(OnePasswordService()) as running:
        yield running


def plan_of(service: FakeService, settings: Settings) -> Plan:
    """Have ann and bob take part, who have a chat with each other."""
    people = tuple(Person(name, name, (CHAT,)) for name in PEOPLE)
    outputs = Outputs(
        web_socket_url=service.endpoints.websocket_url,
        http_api_url=service.endpoints.http_api_url,
        web_url="",
        user_pool_id="pool",
        user_pool_client_id="client",
        region="us-east-1",
        endpoint=service.endpoints.http_api_url,
    )
    return Plan(settings, outputs, Population(people))


@asynccontextmanager
async def local_process(folder: Path, plan: Plan) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a run in one process; it is gone after the block."""
    (folder / "plan.json").write_bytes(msgspec.json.encode(plan))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.process", "local"),
        *("--folder", str(folder), "--plan", str(folder / "plan.json")),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), PASSWORD: SECRET},
        cwd=paths.ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def end_of(process: asyncio.subprocess.Process, folder: Path) -> tuple[Outcome, list[Record]]:
    """Wait until the run is over; what it found, and all that it recorded."""
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    outcome = read_outcome(folder / OUTCOME)
    assert outcome is not None
    return outcome, [record for file in files_of(folder) for record in file.records()]


def everything_in(folder: Path) -> bytes:
    """Read all files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_users_who_are_cut_off_come_back_and_have_lost_nothing(
    service: FakeService, tmp_path: Path
) -> None:
    """One storm, and one ticket that is refused for a moment: all is recorded, and all promises are kept."""
    service.limited_tickets = 1
    settings = Settings(scenario="storm", users=2, duration=3.0, rounds=1, think=0.1, patience=60.0)
    async with local_process(tmp_path, plan_of(service, settings)) as process:
        outcome, records = await end_of(process, tmp_path)
    verdict = judge_directory(tmp_path)
    assert verdict.kept
    assert verdict.acked > 0
    assert verdict.shown == 2 * verdict.acked == 2 * len(service.model.logs[CHAT])
    assert outcome.findings["storms"][0]["back"] == 2
    assert sum(isinstance(record, Disconnected) for record in records) == 2
    assert sum(isinstance(record, Connected) for record in records) == 4
    measured = [record for record in records if isinstance(record, Measured)]
    assert sum(record.kind is Kind.SYNC for record in measured) == 2
    refused = [record.error for record in measured if record.kind is Kind.CONNECT and record.error]
    assert refused == ["too_many_requests"]
    acked = next(row for row in outcome.rows if row.name == Kind.ACK)
    assert acked.count == verdict.acked


async def test_secret_stands_in_no_file_of_a_run_and_is_not_printed(
    service: FakeService, tmp_path: Path
) -> None:
    """Neither the password nor a ticket or token; the plan and the history name users and chats alone."""
    settings = Settings(scenario="direct", users=2, duration=1.0, rate=20.0, patience=60.0)
    async with local_process(tmp_path, plan_of(service, settings)) as process:
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
    kept = said + everything_in(tmp_path)
    assert b"send to ack" in kept
    for secret in (SECRET, "ticket-", access_token("ann").split(".")[1][:20]):
        assert secret.encode() not in kept
    runs = [record for file in files_of(tmp_path) for record in file.records() if isinstance(record, Run)]
    assert [run.workload for run in runs] == [Workload.OPEN]


async def test_interrupted_run_stops_sending_and_settles_what_was_sent(
    service: FakeService, tmp_path: Path
) -> None:
    """What Ctrl-C does: the run ends long before its time, and everything sent is judged."""
    settings = Settings(scenario="direct", users=2, duration=3_600.0, think=0.1, patience=60.0)
    async with local_process(tmp_path, plan_of(service, settings)) as process:
        async with asyncio.timeout(PATIENCE):
            assert process.stdout is not None
            while not (await process.stdout.readline()).startswith(b"sending"):
                assert process.returncode is None
        process.terminate()
        outcome, _ = await end_of(process, tmp_path)
    assert outcome.interrupted
    verdict = judge_directory(tmp_path)
    assert verdict.kept
    assert verdict.not_ended == 0


async def test_users_who_cannot_connect_make_the_run_worth_nothing(
    service: FakeService, tmp_path: Path
) -> None:
    """They never get a ticket: nothing is sent, and the reason is said."""
    plan = plan_of(service, Settings(scenario="direct", users=2, stragglers=2.0, patience=1.0))
    service.limited_tickets = 1_000
    async with local_process(tmp_path, plan) as process:
        outcome, _ = await end_of(process, tmp_path)
    assert "Only 0 of 2 users were online" in outcome.failure
