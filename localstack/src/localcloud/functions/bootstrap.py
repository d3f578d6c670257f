"""A runtime client in place of AWS's own, awslambdaric, where that does not exist: elsewhere than on Linux.

It stands in the runtime directory like AWS's /var/runtime/bootstrap.py, and imports nothing of localcloud.
Run as ``python -S -P bootstrap.py <handler>``.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

RUNTIME_API: Final = "/2018-06-01/runtime"


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler gets beside its event: AWS's context object."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    client_context: None = None
    identity: None = None

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still take, in ms."""
        return max(0, self.deadline_ms - int(time.time() * 1000))


def serve(handler: str, api: HTTPConnection) -> None:
    """Poll the Runtime API for events, one at a time, and post what ``handler`` makes of each."""
    log = _LambdaHandler()
    logging.getLogger().addHandler(log)
    try:
        function = load(handler)
    except Exception as fault:  # noqa: BLE001 - whatever it is, Lambda is told
        _post(api, "init/error", _error(fault, "", _initialization_error_type(fault), handler))
        sys.exit(1)
    while True:
        event, headers = _request(api, "GET", "invocation/next")
        context = _context(headers)
        log.request_id = context.aws_request_id
        path = f"invocation/{context.aws_request_id}"
        try:
            result = json.dumps(function(json.loads(event), context), ensure_ascii=False).encode()
        except Exception as fault:  # noqa: BLE001 - whatever a handler raises is the invocation's result
            _post(api, f"{path}/error", _error(fault, context.aws_request_id, type(fault).__name__, handler))
        else:
            _post(api, f"{path}/response", result)


def load(handler: str) -> Callable[[object, Context], object]:
    """The function that ``handler`` names, as ``module.name`` or ``directory/module.name``."""
    module, _, name = handler.rpartition(".")
    function: Callable[[object, Context], object] = getattr(
        importlib.import_module(module.replace("/", ".")), name
    )
    return function


class _LambdaHandler(logging.Handler):
    """Writes log records as AWS's text format has them."""

    request_id = ""

    def __init__(self) -> None:
        super().__init__()
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t{}\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record).replace("{}", self.request_id, 1), flush=True)


def _context(headers: dict[str, str]) -> Context:
    return Context(
        aws_request_id=headers["lambda-runtime-aws-request-id"],
        invoked_function_arn=headers["lambda-runtime-invoked-function-arn"],
        deadline_ms=int(headers["lambda-runtime-deadline-ms"]),
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
    )


def _initialization_error_type(fault: Exception) -> str:
    match fault:
        case ImportError():
            return "Runtime.ImportModuleError"
        case SyntaxError():
            return "Runtime.UserCodeSyntaxError"
        case AttributeError():
            return "Runtime.HandlerNotFound"
        case _:
            return type(fault).__name__


def _error(fault: Exception, request_id: str, error_type: str, handler: str) -> bytes:
    """AWS's error object, which is logged too."""
    message = (
        f"Unable to import module '{handler.rpartition('.')[0]}': {fault}"
        if "Import" in error_type
        else str(fault)
    )
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    trace = traceback.format_list(own)
    print(f"[ERROR] {error_type}: {message}", *"".join(trace).splitlines(), sep="\r", flush=True)
    error = {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}
    return json.dumps(error).encode()


def _post(api: HTTPConnection, path: str, body: bytes) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    _request(api, "POST", path, body)


def _request(
    api: HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[bytes, dict[str, str]]:
    api.request(method, f"{RUNTIME_API}/{path}", body)
    response = api.getresponse()
    return response.read(), {name.lower(): value for name, value in response.getheaders()}


if __name__ == "__main__":
    serve(sys.argv[1], HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"]))
