"""Saving a handler is deploying it: messages run it as soon as it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.support.deadlines import eventually
from e2e.support.own_stack import copy_handlers
from e2e.support.parley import ping
from e2e.support.scenes import ask
from harness.live_code import run_from

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Socket

pytestmark = pytest.mark.embedded_only("only localcloud runs functions from a directory")

PONG = 'tag="pong"'


@pytest.fixture
def handlers(account: Account, folder: Path) -> Iterator[Path]:
    """Give a copy of the handlers from which the stack's functions run, until the test is over."""
    handlers = copy_handlers(folder)
    run_from(account.target, account.stack_name, handlers)
    yield handlers
    with httpx.Client(base_url=f"{account.target.endpoint_url}/_localcloud", trust_env=False) as control:
        for function in account.of_type("AWS::Lambda::Function").values():
            control.delete(f"/code/{function}").raise_for_status()


@pytest.fixture
async def socket(parley: Parley, alice: Person) -> AsyncIterator[Socket]:
    """Open a socket."""
    async with parley.socket(alice) as socket:
        assert await answered(socket) == "pong"
        yield socket


async def answered(socket: Socket) -> str:
    """Ping; give the type of the answer, or what API Gateway says in place of one."""
    socket.frames.clear()
    answer = await ask(socket, ping())
    return str(answer.get("type") or answer["message"])


async def reloaded(socket: Socket, wanted: str) -> None:
    """Ping until the answer is the wanted one, and see that it stays."""
    await eventually(lambda: answered(socket), lambda seen: seen == wanted)
    assert [await answered(socket) for _ in range(10)] == [wanted] * 10


def save(file: Path, old: str, new: str) -> None:
    """Change a file as an editor does."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


async def test_saved_entry_answers_the_next_message(handlers: Path, socket: Socket) -> None:
    """A change of a function's own file is there without a deployment, and so is its undoing."""
    file = handlers / "default.py"
    save(file, '.action != "ping"', '.action == "ping"')
    await reloaded(socket, "error")
    save(file, '.action == "ping"', '.action != "ping"')
    await reloaded(socket, "pong")


async def test_saved_module_that_handlers_share_answers_the_next_message(
    handlers: Path, socket: Socket
) -> None:
    """So is a change of what all functions import."""
    save(handlers / "chat" / "protocol" / "server_frames.py", PONG, 'tag="gnop"')
    await reloaded(socket, "gnop")


async def test_saved_nonsense_is_told_and_logged_until_it_is_mended(
    account: Account, handlers: Path, socket: Socket
) -> None:
    """A file that Python cannot read is an internal error and a line in the log, until it is mended."""
    file = handlers / "chat" / "protocol" / "server_frames.py"
    save(file, PONG, "tag=")
    await reloaded(socket, "Internal server error")
    group = account.of_type("AWS::Logs::LogGroup")["DefaultLogs"]

    async def logged() -> list[str]:
        events = account.logs.filter_log_events(logGroupName=group, filterPattern='"SyntaxError"')["events"]
        return [event["message"] for event in events]

    assert "server_frames.py" in "".join(await eventually(logged))
    save(file, "tag=)", f"{PONG})")
    await reloaded(socket, "pong")
