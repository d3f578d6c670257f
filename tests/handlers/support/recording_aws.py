"""A server in AWS's place that keeps every request: DynamoDB's go on to dynoxide, all others end here."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.handlers.support import recorded_files as files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BINARIES = Path(__file__).parents[3] / "localstack" / "node_modules" / "@dynoxide"
START_DEADLINE = 5.0
_CONNECTION = re.compile(r"^/v1/(?:@|%40)connections/(?P<id>[^/?]+)$")


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it stood on the wire."""

    operation: str
    """`PutItem`, ..., SQS's `SendMessage`, an operation of Cognito's, `POST` or `DELETE` of @connections."""
    body: Any
    """DynamoDB's or SQS's JSON, or the frame posted."""
    connection_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer in dynoxide's place."""

    status: int
    body: Any = None
    after: bool = False
    """Pass the request on first, and then answer this: a response that got lost or spoiled."""


class RecordingAws(ThreadingHTTPServer):
    """Serves on a free port of the loopback interface."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, dynamodb_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.dynamodb_port = dynamodb_port
        self.calls: list[Call] = []
        self.leases: list[Call] = []
        """Updates of users' limits; not among the calls, since one is for several requests."""
        self.files = files.RecordedFiles()
        self.gone: set[str] = set()
        """Connections whose posts answer 410."""
        self.failing: set[str] = set()
        """Connections whose posts answer 403."""
        self._faults: list[tuple[Callable[[Call], bool], Answer]] = []

    @property
    def url(self) -> str:
        """Where DynamoDB answers."""
        return f"http://127.0.0.1:{self.server_port}"

    def reset(self) -> None:
        """Forget the calls, the faults and who is gone."""
        self.calls = []
        self.leases = []
        self.gone = set()
        self.failing = set()
        self._faults = []

    def answer_once(self, operation: str, answer: Answer) -> None:
        """Answer the next request of this operation so."""
        self._faults.append((lambda call: call.operation == operation, answer))

    def take_fault(self, call: Call) -> Answer | None:
        """The answer ordered for this call, once."""
        for fault in self._faults:
            if fault[0](call):
                self._faults.remove(fault)
                return fault[1]
        return None

    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [call.operation for call in self.calls]

    def queued(self) -> list[Any]:
        """What was left to the fan-out function, in order."""
        return [json.loads(c.body["MessageBody"]) for c in self.calls if c.operation == "SendMessage"]

    def frames(self, connection_id: str) -> list[Any]:
        """The frames posted to a connection."""
        return [c.body for c in self.calls if c.operation == "POST" and c.connection_id == connection_id]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RecordingAws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._connection_id() is not None:
            self._connections("POST", json.loads(body))
            return
        service, _, operation = self.headers["X-Amz-Target"].partition(".")
        call = Call(operation, json.loads(body))
        is_lease = call.body.get("TableName") == "limits"
        (self.server.leases if is_lease else self.server.calls).append(call)
        if service == "AmazonSQS":
            self._respond(200, b'{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}')
            return
        if service == "AmazonSSM":
            self._respond(*self.server.files.parameter(operation, call.body))
            return
        if service == "secretsmanager":
            self._respond(*self.server.files.secret(call.body))
            return
        fault = self.server.take_fault(call)
        if service == "AWSCognitoIdentityProviderService" and not fault:
            self._respond(200, b"{}")
            return
        status, content = (0, b"") if fault and not fault.after else self._forward(body)
        if fault:
            status, content = fault.status, json.dumps(fault.body or {}).encode()
        self._respond(status, content)

    def do_DELETE(self) -> None:
        if self._connection_id() is None:
            self._object("DeleteObject", self.server.files.delete_object)
        else:
            self._connections("DELETE", None)

    def do_GET(self) -> None:
        self._object("GetObject", self.server.files.get_object)

    def do_PUT(self) -> None:
        self._object("CopyObject", self.server.files.copy_object)

    def _object(self, operation: str, ask: Callable[[str, dict[str, str]], files.Answer]) -> None:
        """An operation of S3 on one object."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = unquote(self.path.lstrip("/"))
        self.server.calls.append(Call(operation, {"path": path, "headers": headers}))
        status, told, content = ask(path, headers)
        self.send_response(status)
        for name, value in {**told, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _connection_id(self) -> str | None:
        found = _CONNECTION.match(self.path)
        return unquote(found["id"]) if found else None

    def _connections(self, method: str, body: object) -> None:
        connection_id = self._connection_id() or ""
        call = Call(method, body, connection_id)
        self.server.calls.append(call)
        if fault := self.server.take_fault(call):
            self._respond(fault.status, json.dumps(fault.body or {}).encode())
        elif connection_id in self.server.gone:
            self._respond(410, b"{}", "GoneException")
        elif connection_id in self.server.failing:
            self._respond(403, b'{"message":"no"}', "ForbiddenException")
        else:
            self._respond(200 if method == "POST" else 204, b"")

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        upstream = HTTPConnection("127.0.0.1", self.server.dynamodb_port, timeout=10)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            upstream.request("POST", "/", body, headers)
            response = upstream.getresponse()
            return response.status, response.read()
        finally:
            upstream.close()

    def _respond(self, status: int, content: bytes, error: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        if error:
            self.send_header("x-amzn-ErrorType", error)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running_dynoxide() -> Iterator[int]:
    """Run dynoxide in memory for as long as the block lasts; its port."""
    binary = next(BINARIES.glob("*/dynoxide"))
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [binary, "serve", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=5)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while True:
        upstream = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            upstream.request("GET", "/")
            upstream.getresponse().read()
        except ConnectionError:
            assert process.poll() is None, f"dynoxide ended with status {process.returncode}"
            assert time.monotonic() < deadline, "dynoxide does not answer"
            time.sleep(0.01)
        else:
            return
        finally:
            upstream.close()


@contextmanager
def recording_aws(dynamodb_port: int) -> Iterator[RecordingAws]:
    """Serve for as long as the block lasts."""
    with RecordingAws(dynamodb_port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
