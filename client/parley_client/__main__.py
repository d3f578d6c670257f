"""Runs the terminal chat: `python -m parley_client --as alice`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx
import msgspec

from .api import tls_context
from .cognito import PasswordSignIn
from .driver import ChatClient, Endpoints
from .errors import ParleyError
from .policy import Policy
from .screens import InteractiveScreen, PlainScreen
from .shown import PAGE
from .state_file import StateFile
from .terminal import TerminalChat

if TYPE_CHECKING:
    from collections.abc import Sequence

_Content = TypeVar("_Content")

PATIENCE = 10.0
"""Seconds that piped messages get to be sent before the end; the rest is kept for next time."""


class Outputs(msgspec.Struct, frozen=True, rename="pascal"):
    """The stack's outputs that a client needs."""

    web_socket_url: str
    http_api_url: str
    user_pool_client_id: str
    region: str
    endpoint: str | None = None

    @property
    def user_pool_url(self) -> str:
        """Where Cognito answers."""
        return self.endpoint or f"https://cognito-idp.{self.region}.amazonaws.com/"


class UnusableFile(ParleyError):  # noqa: N818 - says what happened, as an answer
    """A file named on the command line does not serve."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Chat in this terminal until the person leaves; return the exit status."""
    parser = argparse.ArgumentParser(prog="parley_client", description="Chat in this terminal.")
    parser.add_argument("--as", dest="username", required=True, metavar="NAME", help="who you are")
    parser.add_argument("--with", dest="wanted", default="", metavar="NAME", help="whom to talk with")
    parser.add_argument(
        "--outputs",
        type=Path,
        default=Path(".localcloud/outputs.json"),
        help="the stack's outputs, a JSON file",
    )
    parser.add_argument(
        "--users",
        type=Path,
        help='passwords by name, a JSON file: {"alice": "..."}; without it you are asked',
    )
    parser.add_argument(
        "--data-directory",
        type=Path,
        help="where unsent messages are kept; the outputs' directory unless given",
    )
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_chat(options))
    except ParleyError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _chat(options: argparse.Namespace) -> None:
    outputs = _read(options.outputs, Outputs)
    password, others = _password(options.users, options.username)
    directory = options.data_directory or options.outputs.parent
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    screen = InteractiveScreen(options.username) if interactive else PlainScreen(sys.stdin, sys.stdout)
    with StateFile(directory / f"chat-{options.username}.json") as state:
        async with httpx.AsyncClient(timeout=10, verify=tls_context()) as http:
            sign_in = PasswordSignIn(
                url=outputs.user_pool_url,
                client_id=outputs.user_pool_client_id,
                username=options.username,
                password=password,
                http=http,
                ask=screen.ask if isinstance(screen, InteractiveScreen) else None,
            )
            client = ChatClient(
                endpoints=Endpoints(outputs.web_socket_url, outputs.http_api_url),
                tokens=sign_in,
                snapshot=state.load(),
                policy=Policy(backlog=PAGE),
                wait=False,
            )
            chat = TerminalChat(
                client,
                screen,
                username=options.username,
                wanted=options.wanted or (others[0] if len(others) == 1 else ""),
                save=lambda: state.save(client.snapshot()),
                forget_session=sign_in.forget,
            )
            if isinstance(screen, InteractiveScreen):
                screen.typing = chat.typing
            try:
                await _converse(client, chat, patience=0 if interactive else PATIENCE)
            finally:
                state.save(client.snapshot())
    if chat.pending.unsent:
        print("What was not sent is kept and sent next time.")


async def _converse(client: ChatClient, chat: TerminalChat, *, patience: float) -> None:
    """Run the chat until the person leaves, and then let piped messages be sent."""
    if hasattr(signal, "SIGCONT"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, client.probe)
    async with client:
        running = {asyncio.create_task(chat.watch()), asyncio.create_task(_speak(chat, patience))}
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in running:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault


async def _speak(chat: TerminalChat, patience: float) -> None:
    await chat.obey()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await chat.pending.all_sent()


def _password(users: Path | None, username: str) -> tuple[str, list[str]]:
    """Return the person's password, and who else is in the file."""
    if users is None:
        return getpass.getpass(f"{username}'s password: "), []
    passwords = _read(users, dict[str, str])
    if username not in passwords:
        raise UnusableFile(f"{users} has no {username!r}: choose one of {', '.join(passwords)}.")
    return passwords[username], [name for name in passwords if name != username]


def _read(path: Path, type_: type[_Content]) -> _Content:
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except FileNotFoundError as error:
        raise UnusableFile(f"{path} is not there: `nox -s up` makes it.") from error
    except msgspec.DecodeError as error:
        raise UnusableFile(f"{path} cannot be read: {error}.") from error


if __name__ == "__main__":
    sys.exit(main())
