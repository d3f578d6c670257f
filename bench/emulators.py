"""The two emulators as processes of their own: started on a free port with data of their own, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness import embedded
from harness.errors import HarnessError
from harness.local_files import LocalFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[int, Path], subprocess.Popen[bytes]]

_READY_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.005
_PATIENCE_SECONDS: Final = 5.0
_NAMES: Final = Path(__file__).with_name("localhost_names")


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float
    """From its start until it took a connection and answered a request."""

    @property
    def endpoint_url(self) -> str:
        """Where every service answers."""
        return f"http://127.0.0.1:{self.port}"

    def memory_kilobytes(self) -> int:
        """What the process itself, without its children, holds in memory now."""
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


@contextmanager
def localcloud(folder: Path) -> Iterator[Emulator]:
    """Run localcloud with its data under a folder."""

    def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
        return embedded.start(port, LocalFiles(folder))

    with _running("localcloud", start, folder) as emulator:
        yield emulator


@contextmanager
def ministack(folder: Path) -> Iterator[Emulator]:
    """Run bare MiniStack as localcloud runs it: signatures and IAM checked, what a chat does not need off."""
    with _running("MiniStack", _start_ministack, folder) as emulator:
        yield emulator


def _start_ministack(port: int, folder: Path) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    configured = {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(_NAMES),
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
    }
    with (folder / "ministack.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={**own, **configured},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )


@contextmanager
def _running(name: str, start: Start, folder: Path) -> Iterator[Emulator]:
    folder.mkdir(parents=True)
    port = _free_port()
    began = time.perf_counter()
    process = start(port, folder)
    try:
        _wait_until_answering(name, process, port, folder)
        yield Emulator(name, port, process, time.perf_counter() - began)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_PATIENCE_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(
            process.pid, signal.SIGKILL
        )  # it leads a session of its own: MiniStack leaves its workers in it
    process.wait()


def _wait_until_answering(name: str, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Wait until it answers an HTTP request, whatever the answer."""
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            said = [
                line for log in folder.glob("*.log") for line in log.read_text(errors="replace").splitlines()
            ]
            raise HarnessError(
                f"{name} ended before it answered; its last words: {said[-1] if said else 'none'}"
            )
        if time.monotonic() > deadline:
            raise HarnessError(f"{name} does not answer after {_READY_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=_READY_SECONDS) as probe:
        probe.sendall(b"GET /_localstack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return probe.recv(1) != b""
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
