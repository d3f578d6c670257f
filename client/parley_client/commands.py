"""What a person can type in the terminal chat: all commands, and what /help says."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from .command_group import Misuse
from .message_commands import MessageCommands
from .people_commands import PeopleCommands
from .room_commands import RoomCommands

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .driver import ChatClient
    from .people import People
    from .terminal import TerminalChat

HELP = f"""\
{RoomCommands.help}
{MessageCommands.help}
{PeopleCommands.help}
/quit                leave; what is not sent yet is kept and sent next time
Anything else is sent; begin with // to send a line that begins with /."""


class Commands:
    """Carries out what begins with a slash."""

    def __init__(self, chat: TerminalChat, client: ChatClient, people: People) -> None:
        """Serve the person at `chat`."""
        self._chat = chat
        self._table: dict[str, Callable[[str], Awaitable[None]]] = {"/help": self._help}
        for group in (RoomCommands, MessageCommands, PeopleCommands):
            self._table.update(group(chat, client, people).table())

    async def obey(self, line: str) -> None:
        """Carry out a command; Misuse, or the client's own errors, when that cannot be done."""
        name, _, argument = line.partition(" ")
        if name not in self._table:
            near = get_close_matches(name, [*self._table, "/quit"], 1)
            raise Misuse(
                f"There is no command {name}: {f'try {near[0]}, ' if near else ''}/help lists them all."
            )
        await self._table[name](argument.strip())

    async def _help(self, _: str) -> None:
        self._chat.say(HELP)
