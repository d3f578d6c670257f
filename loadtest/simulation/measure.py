"""Storms of real clients on a running stack, for the simulation to be held against.

Every client is a ChatClient of parley_client with its own policy. They come all at once; when all are
connected, all lose their connections at once and come back. localcloud must have been started with the quota
that is named here: `LOCALCLOUD_CONNECTIONS_PER_SECOND=4 nox -s up -- --detach`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import secrets
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec

from harness.errors import HarnessError
from harness.local_files import LocalFiles
from harness.outputs import load_outputs
from harness.targets import target_named
from harness.users import UserPool, make_password
from loadtest.simulation.measured import Measured, Phase
from parley_client.api import Api
from parley_client.driver import ChatClient, Endpoints
from parley_client.errors import NotReachable
from parley_client.events import ConnectionChanged, ConnectionState
from parley_client.policy import Policy
from parley_client.websocket import open_websocket

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from harness.outputs import Outputs

_USERS = 10
_DEADLINE = 900.0
_STATUS = re.compile(r"HTTP \d{3}")


@dataclass(frozen=True, slots=True)
class _Storms:
    """What one run measured."""

    came: Phase
    returned: Phase
    ticket_seconds: float
    refusal_seconds: float


class _Watched:
    """A client of whom is noted when it is connected and why it was not."""

    def __init__(self, client: ChatClient) -> None:
        self.client = client
        self.online = asyncio.Event()
        self.at = 0.0
        self.refused: Counter[str] = Counter()

    async def watch(self) -> None:
        """Follow its connection."""
        async for event in self.client.events():
            match event:
                case ConnectionChanged(state=ConnectionState.ONLINE):
                    self.at = time.perf_counter()
                    self.online.set()
                case ConnectionChanged(state=ConnectionState.RECONNECTING, reason=reason):
                    status = _STATUS.search(reason)
                    self.refused[status.group() if status else reason] += 1


async def storms(outputs: Outputs, tokens: list[str], clients: int) -> _Storms:
    """Both storms, everybody comes and everybody comes back; before, what a ticket and a refusal take."""
    endpoints = Endpoints(websocket_url=outputs.web_socket_url, http_api_url=outputs.http_api_url)
    await _ticket_seconds(endpoints, tokens[0], clients)  # environments are warm after this
    ticket = await _ticket_seconds(endpoints, tokens[0], clients)
    refusal = await _refusal_seconds(endpoints, clients)
    async with AsyncExitStack() as stack:
        watched = [
            _Watched(ChatClient(endpoints=endpoints, tokens=_always(tokens[n % len(tokens)]), wait=False))
            for n in range(clients)
        ]
        async with asyncio.TaskGroup() as watching:
            tasks = [watching.create_task(each.watch()) for each in watched]
            began = time.perf_counter()
            for each in watched:
                await stack.enter_async_context(each.client)
            came = await _all_online(watched, began)
            # A client goes on with longer delays until a connection has lasted.
            await asyncio.sleep(2 * Policy().steady_after)
            for each in watched:
                each.online.clear()
                each.refused.clear()
            began = time.perf_counter()
            for each in watched:
                each.client.drop()
            returned = await _all_online(watched, began, lost=True)
            for task in tasks:
                task.cancel()
        return _Storms(came, returned, round(ticket, 4), round(refusal, 4))


def _always(token: str) -> Callable[[], Awaitable[str]]:
    async def tokens() -> str:
        return token

    return tokens


async def _ticket_seconds(endpoints: Endpoints, token: str, number: int) -> float:
    """What each of so many tickets takes the machine, asked for at once and on fresh connections."""
    async with httpx.AsyncClient(timeout=_DEADLINE, limits=httpx.Limits(max_keepalive_connections=0)) as http:
        api = Api(endpoints.http_api_url, _always(token), http)
        began = time.perf_counter()
        await asyncio.gather(*(api.create_ticket() for _ in range(number)))
        return (time.perf_counter() - began) / number


async def _refusal_seconds(endpoints: Endpoints, number: int) -> float:
    """What each of so many upgrades without a ticket takes the machine, all at once; none gets in."""
    began = time.perf_counter()
    attempts = (open_websocket(endpoints.websocket_url, "") for _ in range(number))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    if not all(isinstance(result, NotReachable) for result in results):
        raise HarnessError("A connection was opened without a ticket: what a refusal takes is not known.")
    return (time.perf_counter() - began) / number


async def _all_online(watched: list[_Watched], began: float, *, lost: bool = False) -> Phase:
    """Wait for everybody; how long each took, and how often they were refused, by why."""
    async with asyncio.timeout(_DEADLINE):
        for each in watched:
            await each.online.wait()
    refused: Counter[str] = sum((each.refused for each in watched), Counter())
    if lost:  # the loss itself is the first of each one's reasons
        refused = Counter({why: count for why, count in refused.items() if _STATUS.match(why)})
    return Phase(tuple(sorted(round(each.at - began, 3) for each in watched)), dict(refused.most_common()))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `nox -s simulate -- measure`."""
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument(
        "--connects-per-second", type=float, default=500, help="as localcloud was told (default: %(default)s)"
    )
    parser.add_argument("--outputs", type=Path, default=LocalFiles().outputs, help="default: %(default)s")
    parser.add_argument("--file", type=Path, required=True, help="where to write what was measured, as JSON")


def measure(parsed: argparse.Namespace) -> int:
    """Measure, write the file, say the sums; the exit code."""
    try:
        outputs = load_outputs(parsed.outputs)
        pool = UserPool.of(target_named("embedded", endpoint_url=outputs.endpoint), outputs)
        found = asyncio.run(storms(outputs, [_token(pool) for _ in range(_USERS)], parsed.clients))
    except HarnessError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    measured = Measured(
        "nox -s simulate -- measure "
        f"--clients {parsed.clients} --connects-per-second {parsed.connects_per_second:g}",
        dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        os.cpu_count() or 1,
        parsed.clients,
        parsed.connects_per_second,
        found.came,
        found.returned,
        found.ticket_seconds,
        found.refusal_seconds,
    )
    parsed.file.write_bytes(msgspec.json.encode(measured) + b"\n")
    for name, phase in (("came", found.came), ("returned", found.returned)):
        sys.stdout.write(f"{name}: all after {phase.seconds[-1]:.2f} s, refused {phase.refused}\n")
    return 0


def _token(pool: UserPool) -> str:
    """The access token of a new user."""
    username, password = f"storm-{secrets.token_hex(6)}", make_password()
    pool.sign_up(username, password)
    return pool.sign_in(username, password).access_token
