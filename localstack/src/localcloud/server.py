"""localcloud's life: the port and the data directory taken, dynoxide and the parts started, served, ended."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from localcloud import errors
from localcloud.application import application
from localcloud.data_directory import DataDirectory
from localcloud.dynamodb import dynoxide
from localcloud.websocket_protocol import HttpProtocol, WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localcloud.application import Application
    from localcloud.distributions import Origins
    from localcloud.settings import Settings

_LAST_REQUESTS_SECONDS = 1
_WAITING_CONNECTIONS = 4096


def run(settings: Settings) -> None:
    """Serve until a signal or a fault ends it.

    Raises:
        LocalcloudError: it cannot start, or cannot go on.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    data = DataDirectory(settings.data_directory)
    async with AsyncExitStack() as stack:
        # The port first: a second start with all defaults is told of the port that it would want to change.
        listener = stack.enter_context(_listening(settings))
        stack.enter_context(data.locked(settings.port))
        binary = _dynoxide(settings)
        tables = {
            region: await stack.enter_async_context(dynoxide.running(binary, files.tables))
            for region, files in data.of_regions(settings.regions).items()
            if binary is not None
        }
        parts = await stack.enter_async_context(application(settings, data, tables))
        server = _Server(settings, parts.dispatch)
        serving = asyncio.create_task(server.serve([listener]))
        stack.push_async_callback(_finish, parts, server, serving)
        ends: list[asyncio.Task[Any]] = [serving, asyncio.create_task(stop.wait())]
        supervisions = [each.supervision for each in tables.values()]
        await asyncio.wait([*ends, *supervisions], return_when=asyncio.FIRST_COMPLETED)
        for supervision in supervisions:
            if supervision.done():
                supervision.result()  # raises why dynoxide cannot be kept running


async def _finish(parts: Application, server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    await parts.end_requests()
    server.should_exit = True
    await serving


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket, before anything is started for it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(_WAITING_CONNECTIONS)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EPERM}:
                raise errors.port_forbidden(settings.host, settings.port) from error
            raise errors.port_taken(settings.host, settings.port) from error
        yield listener


def _dynoxide(settings: Settings) -> Path | None:
    """The binary, or a word on what serves where there is none."""
    binary = dynoxide.find(settings.dynoxide)
    if binary is None:
        sys.stderr.write(
            "There is no dynoxide in node_modules (`npm install @dynoxide/linux-x64` fetches it, or that of "
            "another platform): MiniStack's own, slower DynamoDB serves.\n"
        )
    return binary


class _Server(uvicorn.Server):
    """uvicorn on our socket, with our signals, saying when it accepts."""

    def __init__(self, settings: Settings, dispatch: Origins) -> None:
        super().__init__(
            uvicorn.Config(
                dispatch,
                http=HttpProtocol,
                ws=WebSocketProtocol,
                ws_ping_interval=None,  # API Gateway sends no pings: a silent connection idles out
                lifespan="off",
                proxy_headers=False,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
            )
        )
        self._settings = settings

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``_serve``: uvicorn would end the process by the signal it caught."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell whoever waits."""
        await super().startup(sockets)
        sys.stdout.write(f"localcloud is ready on {self._settings.endpoint_url}\n")
        sys.stdout.flush()
