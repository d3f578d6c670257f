"""The Runtime API on the wire, spoken by a plain HTTP client as a runtime client would."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from localcloud.functions.runtime_api import (
    Event,
    Failed,
    InitializationFailed,
    Polled,
    Responded,
    RuntimeApi,
    Signal,
)
from tests.localcloud.functions.functions_fakes import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENT = Event("id-1", b'{"text":"hi"}', "arn:greet", 1795222800000, "Root=1-2-3")


class Runtime:
    """A process's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def send(self, method: str, path: str, body: bytes = b"", *headers: str) -> None:
        """Send a request."""
        head = [
            f"{method} /2018-06-01/runtime/{path} HTTP/1.1",
            "Host: x",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        self.writer.write("\r\n".join([*head, "", ""]).encode() + body)

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Wait for a response: status, headers, body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers, body

    async def ask(self, method: str, path: str, body: bytes = b"") -> int:
        """Send a request and return the response's status."""
        self.send(method, path, body)
        return (await self.answer())[0]


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[RuntimeApi, Runtime, asyncio.Queue[Signal]]]:
    """A Runtime API, a connection to it, and what it signals."""
    signals: asyncio.Queue[Signal] = asyncio.Queue()
    api = RuntimeApi(signals.put_nowait)
    host, port = (await api.listen()).split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(20):
            yield api, Runtime(reader, writer), signals
    finally:
        await api.close()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_runtime_api_poll_waits_for_the_event_and_gets_it_whole() -> None:
    """A poll is a signal; the event answers it, with AWS's headers."""
    async with listening() as (api, runtime, signals):
        runtime.send("GET", "invocation/next")
        assert await signals.get() == Polled()
        polling = [api.polling]
        api.send(EVENT)
        polling.append(api.polling)
        assert polling == [True, False]
        status, headers, body = await runtime.answer()
        assert (status, body) == (200, b'{"text":"hi"}')
        assert headers["lambda-runtime-aws-request-id"] == "id-1"
        assert headers["lambda-runtime-deadline-ms"] == "1795222800000"
        assert headers["lambda-runtime-invoked-function-arn"] == "arn:greet"
        assert headers["lambda-runtime-trace-id"] == "root=1-2-3"


@pytest.mark.parametrize(("path", "signal"), [("response", Responded(b"{}")), ("error", Failed(b"{}"))])
async def test_runtime_api_result_is_signalled_once(path: str, signal: Signal) -> None:
    """What comes of an event is accepted, and a second result for it is not."""
    async with listening() as (api, runtime, signals):
        runtime.send("GET", "invocation/next")
        await signals.get()
        api.send(EVENT)
        await runtime.answer()
        assert await runtime.ask("POST", f"invocation/id-1/{path}", b"{}") == 202
        assert signals.get_nowait() == signal
        assert await runtime.ask("POST", f"invocation/id-1/{path}", b"{}") == 400
        assert signals.empty()


async def test_runtime_api_result_of_another_request_is_refused() -> None:
    """A result for an event that the process does not have changes nothing."""
    async with listening() as (_api, runtime, signals):
        assert await runtime.ask("POST", "invocation/id-2/response", b"{}") == 400
        assert signals.empty()


async def test_runtime_api_initialization_error_is_signalled() -> None:
    """The runtime client posts why it could not load the function."""
    async with listening() as (_api, runtime, signals):
        assert await runtime.ask("POST", "init/error", b'{"errorType":"Runtime.ImportModuleError"}') == 202
        assert signals.get_nowait() == InitializationFailed(b'{"errorType":"Runtime.ImportModuleError"}')


@pytest.mark.parametrize(("size", "status"), [(6_291_556, 202), (6_291_557, 413)])
async def test_runtime_api_response_over_six_megabytes_is_the_functions_error(size: int, status: int) -> None:
    """AWS replaces a response beyond 6 MB and 100 bytes by an error and tells the runtime 413."""
    async with listening() as (api, runtime, signals):
        runtime.send("GET", "invocation/next")
        await signals.get()
        api.send(EVENT)
        await runtime.answer()
        runtime.send("POST", "invocation/id-1/response", b"x" * size)
        answered, _headers, body = await runtime.answer()
        signal = signals.get_nowait()
    assert answered == status
    if status == 202:
        assert signal == Responded(b"x" * size)
        return
    assert b"Exceeded maximum allowed payload size (6291556 bytes)." in body
    assert isinstance(signal, Failed)
    assert json.loads(signal.payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        "(6291556 bytes).",
    }


async def test_runtime_api_expectation_is_confirmed_before_the_body() -> None:
    """A client that asks before it sends a large body is told to go on."""
    async with listening() as (_api, runtime, _signals):
        runtime.send("POST", "init/error", b"", "Expect: 100-continue")
        assert (await runtime.answer())[0] == 100
        assert (await runtime.answer())[0] == 202


async def test_runtime_api_unknown_path_is_not_found() -> None:
    """Paths of other versions and APIs do not exist."""
    async with listening() as (_api, runtime, _signals):
        assert await runtime.ask("GET", "restore/next") == 404


async def test_runtime_api_no_http_is_refused() -> None:
    """Bytes that are no HTTP get a 400 and the end of the connection."""
    async with listening() as (_api, runtime, _signals):
        runtime.writer.write(b"\x16\x03\x01 no http\r\n\r\n")
        assert (await runtime.answer())[0] == 400


async def test_runtime_api_lost_poll_takes_no_event() -> None:
    """When the polling connection ends there is nobody to give an event to."""
    async with listening() as (api, runtime, signals):
        runtime.send("GET", "invocation/next")
        await signals.get()
        runtime.writer.close()
        await until(lambda: not api.polling)
        with pytest.raises(RuntimeError, match="not polling"):
            api.send(EVENT)


@pytest.mark.parametrize("turns", range(5))
async def test_runtime_api_closed_while_somebody_connects_closes_that_connection(turns: int) -> None:
    """However far the connection has come: what a killed process had just opened is not left open."""
    api = RuntimeApi(lambda _: None)
    host, port = (await api.listen()).split(":")
    with socket.create_connection((host, int(port))) as connection:
        for _ in range(turns):
            await asyncio.sleep(0)
        await api.close()
        connection.settimeout(20)
        assert await asyncio.to_thread(connection.recv, 1) == b""
