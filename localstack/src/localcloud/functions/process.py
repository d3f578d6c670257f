"""One operating system process in a session of its own: its start, the lines it writes, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING, Final

from localcloud.processes import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_CHUNK_BYTES: Final = 65536
_MAXIMUM_LINE_BYTES: Final = 256 * 1024
"""A CloudWatch log event's room; a longer line goes on in the next event."""


class Process:
    """A running process whose standard output and error are read as lines, in the order it wrote them."""

    def __init__(
        self, child: asyncio.subprocess.Process, output: int, on_line: Callable[[str], None]
    ) -> None:
        """Use :meth:`start`."""
        self._child = child
        self._output = output
        self._on_line = on_line
        self._partial = bytearray()
        self._status = _open_status(child.pid)
        asyncio.get_running_loop().add_reader(output, self.drain)

    @classmethod
    async def start(
        cls,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        directory: Path,
        on_line: Callable[[str], None],
    ) -> Process:
        """Start a process with exactly these arguments and environment variables in ``directory``.

        Call it in the main thread: on Linux the kernel kills the process with the thread that started it.
        """
        output, write_end = os.pipe()
        os.set_blocking(output, False)
        try:
            child = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=variables,
                cwd=directory,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        except BaseException:
            os.close(output)
            raise
        finally:
            os.close(write_end)
        return cls(child, output, on_line)

    @property
    def pid(self) -> int:
        """The process's id, and its session's."""
        return self._child.pid

    def drain(self) -> None:
        """Take everything the process has written so far; whole lines are handed on."""
        while chunk := self._read():
            self._partial += chunk
            *lines, rest = self._partial.split(b"\n")
            self._partial = rest
            for line in lines:
                self._hand_on(line)
            while len(self._partial) > _MAXIMUM_LINE_BYTES:
                self._hand_on(self._partial[:_MAXIMUM_LINE_BYTES])
                del self._partial[:_MAXIMUM_LINE_BYTES]

    def flush(self) -> None:
        """Take everything the process has written so far, an unfinished last line too."""
        self.drain()
        if self._partial:
            self._hand_on(self._partial)
            self._partial = bytearray()

    def peak_memory_bytes(self) -> int | None:
        """The most memory the process has held, or None where the system does not tell."""
        if self._status is None:
            return None
        try:
            _, found, rest = os.pread(self._status, _CHUNK_BYTES, 0).partition(b"VmHWM:")
        except ProcessLookupError:
            return None
        return int(rest.split(maxsplit=1)[0]) * 1024 if found else None  # a zombie has no memory

    def freeze(self) -> None:
        """Stop the process and all that it started, until :meth:`thaw`."""
        self._signal_group(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let what was frozen go on."""
        self._signal_group(signal.SIGCONT)

    def kill(self) -> None:
        """End the process and all that it started, at once, frozen or not."""
        self._signal_group(signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for the end and return the exit status, a signal's number as a negative one."""
        return await self._child.wait()

    def close(self) -> None:
        """Take the last output and let go of the pipe; the process has ended."""
        self.flush()
        asyncio.get_running_loop().remove_reader(self._output)
        os.close(self._output)
        if self._status is not None:
            os.close(self._status)
            self._status = None

    def _signal_group(self, number: signal.Signals) -> None:
        # The group may be gone; macOS does not let a group be signalled of which only the unreaped are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _read(self) -> bytes:
        try:
            chunk = os.read(self._output, _CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not chunk:
            # The end: nothing more will come, and a pipe at its end is readable for ever.
            asyncio.get_running_loop().remove_reader(self._output)
        return chunk

    def _hand_on(self, line: bytes | bytearray) -> None:
        self._on_line(line.decode("utf-8", "replace"))


def _open_status(pid: int) -> int | None:
    """Where Linux tells how much memory a process has held; open once, because it is read at every event."""
    try:
        return os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
