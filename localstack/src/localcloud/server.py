"""Wiring the parts together, and their life from start to end."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from localcloud import errors
from localcloud.asgi import Dispatch, Health
from localcloud.clock import SystemClock
from localcloud.data_directory import DataDirectory
from localcloud.dynamodb import dynoxide
from localcloud.ministack import environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from localcloud.asgi import Part
    from localcloud.dynamodb.dynoxide import Dynoxide
    from localcloud.ministack.control_plane import MiniStack
    from localcloud.settings import Settings

MESSAGE_AND_FRAME_BYTES = (128 * 1024, 32 * 1024)
"""API Gateway's limits of a WebSocket message and of one frame of it."""
_LAST_REQUESTS_SECONDS = 1


def run(settings: Settings) -> None:
    """Serve until a signal or a fault ends it.

    Raises:
        LocalcloudError: it cannot start, or cannot go on.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    data = DataDirectory(settings.data_directory)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listening(settings))
        stack.enter_context(data.locked())
        tables = await stack.enter_async_context(_dynoxide(settings, data))
        application = await stack.enter_async_context(_application(settings, data, tables))
        server = _Server(settings, application)
        serving = asyncio.create_task(server.serve([listener]))
        ends = [serving, asyncio.create_task(stop.wait())]
        if tables is not None:
            ends.append(asyncio.create_task(tables.process.wait()))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        died = tables is not None and tables.process.returncode is not None
        stack.push_async_callback(_finish, server, serving)
    if died and tables is not None:
        raise errors.dynoxide_died(tables.process.returncode or 0)


async def _finish(server: uvicorn.Server, serving: asyncio.Task[Any]) -> None:
    server.should_exit = True
    await serving


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket, bound before anything is started for it."""
    listener = socket.socket()
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            # SO_REUSEADDR lets two bind where neither listens yet; listening decides.
            listener.listen(4096)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EPERM}:
                raise errors.port_forbidden(settings.host, settings.port) from error
            raise errors.port_taken(settings.host, settings.port) from error
        yield listener


@asynccontextmanager
async def _dynoxide(settings: Settings, data: DataDirectory) -> AsyncIterator[Dynoxide | None]:
    binary = dynoxide.find(settings.dynoxide)
    if binary is None:
        sys.stderr.write(
            "There is no dynoxide for this platform in localstack/node_modules (`npm ci` there fetches it): "
            "MiniStack's own, slower DynamoDB serves.\n"
        )
        yield None
        return
    async with dynoxide.running(binary, data.tables) as running:
        yield running


@asynccontextmanager
async def _application(
    settings: Settings, data: DataDirectory, tables: Dynoxide | None
) -> AsyncIterator[Dispatch]:
    """Every part, wired; closed in the opposite order."""
    environment.configure(settings, data)
    try:
        from localcloud.apis import Gateway
    except ImportError:
        Gateway = None
    from localcloud.functions import ExecutionPlane  # noqa: PLC0415
    from localcloud.ministack.control_plane import MiniStack  # noqa: PLC0415

    clock = SystemClock()
    control_plane = MiniStack(settings, data)
    async with AsyncExitStack() as stack:
        functions = ExecutionPlane(
            control_plane,
            work_directory=data.functions,
            endpoint_url=settings.endpoint_url,
            max_environments=settings.max_environments,
            clock=clock,
        )
        gateway = Gateway and Gateway(control_plane, functions, clock, f"{settings.host}:{settings.port}")
        await control_plane.open(functions)
        stack.push_async_callback(control_plane.close)
        stack.push_async_callback(functions.close)
        parts: list[Part] = []
        if gateway:
            stack.push_async_callback(gateway.close)
            parts.append(gateway)
        if tables is not None:
            parts.append(await stack.enter_async_context(_proxy(control_plane, tables.url)))
        facts = {
            "dynamodb": "dynoxide" if tables else "ministack",
            "versions": {"ministack": version("ministack")},
        }
        yield Dispatch([*parts, Health(facts), control_plane])


@asynccontextmanager
async def _proxy(control_plane: MiniStack, url: str) -> AsyncIterator[Part]:
    from localcloud.dynamodb.client import Client  # noqa: PLC0415 - its import is felt, and not always needed
    from localcloud.dynamodb.proxy import Proxy  # noqa: PLC0415
    from localcloud.dynamodb.tables import Tables  # noqa: PLC0415

    client = Client(url)
    try:
        tables = Tables(control_plane, client.call)
        await tables.load()
        yield Proxy(control_plane, tables, client, control_plane.region)
    finally:
        await client.close()


class _Server(uvicorn.Server):
    """uvicorn on our socket, with our signals, saying when it accepts."""

    def __init__(self, settings: Settings, application: Dispatch) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=MESSAGE_AND_FRAME_BYTES,  # type: ignore[arg-type]  # websockets takes both limits
                lifespan="off",
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
