"""What all commands of the terminal chat share: the open chat, people by their names, numbered messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .driver import ChatClient
    from .people import People
    from .terminal import TerminalChat
    from .values import ChatSummary


class Misuse(ValueError):  # noqa: N818 - says what happened, as an answer
    """A command was typed in a way that it cannot be carried out; the message says how to type it."""


class CommandGroup:
    """Commands about one subject."""

    help = ""
    """What /help says about them."""

    def __init__(self, chat: TerminalChat, client: ChatClient, people: People) -> None:
        """Serve the person at `chat`."""
        self._chat = chat
        self._client = client
        self._people = people

    def table(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """Give each command's name and what it does with what follows the name."""
        raise NotImplementedError

    def _open(self) -> ChatSummary:
        if self._chat.open is None:
            raise Misuse("No chat is open, /chat NAME opens one.")
        return self._chat.open

    async def _user(self, name: str) -> str:
        if not name:
            raise Misuse("Say who: a name follows the command.")
        user_id = await self._people.find(name) if len(name) > 1 else None
        if user_id is None:
            raise Misuse(f"{name} is not known yet: people appear when they first sign in.")
        return user_id


def path_of(name: str, usage: str) -> Path:
    """Return the file that a person names; Misuse when they name none."""
    if not name:
        raise Misuse(f"Type it so: {usage}.")
    return Path(name).expanduser()


def numbered(argument: str, usage: str, *, needs_text: bool = True) -> tuple[int, str]:
    """Return the message's number and what follows it."""
    number, _, text = argument.partition(" ")
    if not number.isdecimal() or (needs_text and not text.strip()):
        raise Misuse(f"Type it so: {usage}.")
    return int(number), text.strip()
