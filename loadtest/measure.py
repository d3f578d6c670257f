"""Measures direct chats on a running local stack: send to ack, send to delivered, messages per second.

Every sender is one user with one connection who sends as soon as the last message is acked: a closed loop.
Its figures say what flows, not what an arrival rate would suffer. All share this process's clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from harness.errors import HarnessError
from harness.local_files import LocalFiles
from harness.outputs import Outputs, load_outputs
from harness.targets import target_named
from harness.users import UserPool, make_password
from parley_client.driver import ChatClient, Endpoints
from parley_client.events import MessageReceived

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXAMPLES = """\
examples:
  nox -s up -- --detach && nox -s measure
  nox -s measure -- --senders 1 --senders 50 --seconds 20 --json build/measure.json
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured; times in milliseconds."""

    senders: int
    messages: int
    messages_per_second: float
    ack_p50: float
    ack_p99: float
    delivered_p50: float
    delivered_p99: float
    undelivered: int
    """Acked messages that had not reached the other user five seconds after the run: all but 0 is a fault."""


@dataclass(slots=True)
class _Records:
    """When each message, known by its text, was sent, acked and delivered: seconds of one monotonic clock."""

    sent: dict[str, float] = field(default_factory=dict)
    acked: dict[str, float] = field(default_factory=dict)
    delivered: dict[str, float] = field(default_factory=dict)

    def figures(self, senders: int, seconds: float) -> Figures:
        acks = sorted((at - self.sent[text]) * 1_000 for text, at in self.acked.items())
        arrived = self.delivered.keys() & self.sent.keys()
        deliveries = sorted((self.delivered[text] - self.sent[text]) * 1_000 for text in arrived)
        return Figures(
            senders=senders,
            messages=len(acks),
            messages_per_second=round(len(acks) / seconds, 1),
            ack_p50=round(statistics.median(acks), 1),
            ack_p99=round(_percentile(acks, 0.99), 1),
            delivered_p50=round(statistics.median(deliveries), 1),
            delivered_p99=round(_percentile(deliveries, 0.99), 1),
            undelivered=len(self.acked.keys() - self.delivered.keys()),
        )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Person:
    """A new user of the stack, with a token."""

    def __init__(self, pool: UserPool) -> None:
        self.username, password = f"measure-{secrets.token_hex(6)}", make_password()
        pool.sign_up(self.username, password)
        self._token = pool.sign_in(self.username, password).access_token

    async def token(self) -> str:
        return self._token


async def _note_deliveries(client: ChatClient, username: str, records: _Records) -> None:
    """Note when others' messages arrive; one's own are received too, and begin with one's name."""
    async for event in client.events():
        if isinstance(event, MessageReceived) and not event.message.text.startswith(username):
            records.delivered[event.message.text] = time.perf_counter()


async def _send_until(client: ChatClient, username: str, chat_id: str, end: float, records: _Records) -> None:
    while time.perf_counter() < end:
        text = f"{username} {secrets.token_hex(16)}"
        records.sent[text] = time.perf_counter()
        await client.send(chat_id, text)
        records.acked[text] = time.perf_counter()


async def measure(outputs: Outputs, people: Sequence[_Person], senders: int, seconds: float) -> Figures:
    """Let the first `senders` people send to one neighbour each, for so many seconds."""
    endpoints = Endpoints(websocket_url=outputs.web_socket_url, http_api_url=outputs.http_api_url)
    async with AsyncExitStack() as stack:
        chosen = people[: max(2, senders + senders % 2)]
        clients = [
            await stack.enter_async_context(ChatClient(endpoints=endpoints, tokens=person.token))
            for person in chosen
        ]
        chats = await _direct_chats(clients, chosen)
        sending = list(zip(clients, chosen, chats, strict=True))[:senders]
        for client, person, chat in sending:  # environments and caches are warm after this
            await client.send(chat, f"{person.username} warms up")
        records = _Records()
        listeners = [
            asyncio.create_task(_note_deliveries(client, person.username, records))
            for client, person in zip(clients, chosen, strict=True)
        ]
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for client, person, chat in sending:
                group.create_task(_send_until(client, person.username, chat, start + seconds, records))
        elapsed = time.perf_counter() - start
        await _until(lambda: records.acked.keys() <= records.delivered.keys(), 5)
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
        return records.figures(senders, elapsed)


async def _direct_chats(clients: Sequence[ChatClient], people: Sequence[_Person]) -> list[str]:
    """One chat for each two neighbours; gives every client's chat."""
    chats: list[str] = []
    for client, other in zip(clients[::2], people[1::2], strict=True):
        found = next(user for user in await client.users(other.username) if user.username == other.username)
        chat = await client.create_direct_chat(found.user_id)
        chats += [chat.chat_id, chat.chat_id]
    return chats


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until the condition holds, at most so many seconds."""
    end = time.perf_counter() + seconds
    while not condition() and time.perf_counter() < end:  # noqa: ASYNC110 - two clients' deliveries, no one event
        await asyncio.sleep(0.02)


def _table(results: Sequence[Figures]) -> Table:
    table = Table(title="Direct chats, a closed loop a sender; p50 / p99 in milliseconds")
    for column in ("senders", "messages", "messages/s", "send to ack", "send to delivered", "lost"):
        table.add_column(column, justify="right")
    for result in results:
        table.add_row(
            str(result.senders),
            str(result.messages),
            str(result.messages_per_second),
            f"{result.ack_p50} / {result.ack_p99}",
            f"{result.delivered_p50} / {result.delivered_p99}",
            str(result.undelivered),
        )
    return table


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="nox -s measure --",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--senders", type=int, action="append", help="how many send at once; repeatable (1 and 50)"
    )
    parser.add_argument("--seconds", type=float, default=10, help="of each run (default: %(default)s)")
    parser.add_argument("--outputs", type=Path, default=LocalFiles().outputs, help="default: %(default)s")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parsed = parser.parse_args()
    try:
        outputs = load_outputs(parsed.outputs)
        pool = UserPool.of(target_named("embedded", endpoint_url=outputs.endpoint), outputs)
        runs = parsed.senders or [1, 50]
        console = Console()
        with console.status("Making users"):
            people = [_Person(pool) for _ in range(max(2, max(runs) + 1))]
        results = []
        for senders in runs:
            with console.status(f"{senders} senders, {parsed.seconds:g} s"):
                results.append(asyncio.run(measure(outputs, people, senders, parsed.seconds)))
    except HarnessError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    console.print(_table(results))
    if parsed.json:
        parsed.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return 1 if any(result.undelivered for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
