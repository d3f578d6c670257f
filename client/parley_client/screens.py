"""The screens of the terminal chat: an interactive one with a line to type on, and plain lines for pipes."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Protocol

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.formatted_text import ANSI
from rich.console import Console
from rich.text import Text

from .errors import AuthenticationFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from prompt_toolkit.buffer import Buffer


class Screen(Protocol):
    """Where a person reads and types."""

    def show(self, line: Text) -> None:
        """Add a line for good."""

    def refresh(self, status: Text, standing: list[Text]) -> None:
        """Show how things stand now: the connection; what is on its way, read, being written, unread."""

    async def read(self) -> str | None:
        """Return the next line typed, or None when there are no more."""


class InteractiveScreen:
    """What was said scrolls by; below it stay the messages on their way, the line typed, and the status."""

    def __init__(self, username: str) -> None:
        """Prompt with the person's name."""
        self._username = username
        self._status = Text()
        self._standing: list[Text] = []
        self.typing: Callable[[], None] = lambda: None
        """Called at every keystroke in a line that is no command."""
        self._prompt: PromptSession[str] = PromptSession(
            message=self._message, bottom_toolbar=self._toolbar, enable_suspend=True, erase_when_done=True
        )
        self._prompt.default_buffer.on_text_changed += self._typed

    def show(self, line: Text) -> None:
        """Add a line above what is typed."""
        print_formatted_text(ANSI(_ansi(line)))

    def refresh(self, status: Text, standing: list[Text]) -> None:
        """Redraw what stays."""
        self._status, self._standing = status, standing
        self._prompt.app.invalidate()

    async def read(self) -> str | None:
        """Return the next line typed; Ctrl-C and Ctrl-D end."""
        try:
            return await self._prompt.prompt_async()
        except (EOFError, KeyboardInterrupt):
            return None

    async def ask(self, question: str) -> str:
        """Put a question in place of the line that is typed, which comes back; return the answer.

        Raises:
            AuthenticationFailed: the person ends the input instead.
        """
        try:
            return await run_in_terminal(lambda: input(question))
        except EOFError as end:
            raise AuthenticationFailed("You are not signed in: no code was given.") from end

    def _typed(self, buffer: Buffer) -> None:
        if buffer.text and not buffer.text.startswith("/"):
            self.typing()

    def _message(self) -> ANSI:
        lines = [*self._standing, Text.assemble((self._username, "bold green"), "> ")]
        return ANSI(_ansi(Text("\n").join(lines)))

    def _toolbar(self) -> ANSI:
        return ANSI(_ansi(Text.assemble(" ", self._status, "   /help")))


class PlainScreen:
    """Lines in, lines out: for pipes and logs. What is on its way is not shown, only what became of it."""

    def __init__(self, source: TextIO, output: TextIO) -> None:
        """Read lines from `source` and write to `output`."""
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._source = source
        self._status = ""
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._reader: threading.Thread | None = None

    def show(self, line: Text) -> None:
        """Write a line."""
        self._console.print(line)

    def refresh(self, status: Text, standing: list[Text]) -> None:  # noqa: ARG002 - a screen's signature
        """Write the status when it has changed."""
        if status.plain != self._status:
            self._status = status.plain
            self.show(Text(f"* {status.plain}"))

    async def read(self) -> str | None:
        """Return the next line, None at the end; a thread reads, because not every source can be polled."""
        if self._reader is None:
            loop = asyncio.get_running_loop()
            self._reader = threading.Thread(target=self._pump, args=(loop,), daemon=True)
            self._reader.start()
        return await self._lines.get()

    def _pump(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for line in self._source:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)
        except RuntimeError:
            return  # the loop was closed meanwhile: nobody reads any more


def _ansi(text: Text) -> str:
    console = Console(force_terminal=True, highlight=False, color_system="standard")
    with console.capture() as capture:
        console.print(text, end="", soft_wrap=True)
    return capture.get()
