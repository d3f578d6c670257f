"""Calls AWS's APIs: signed, tried again within bounds, errors by their codes.

It takes and gives what botocore's clients do, for an eighth of the CPU time; docs/performance.md has the
figures. Paginators, waiters and checks of parameters are left out.
"""

from __future__ import annotations

import random
import time
import uuid
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat.adapters.endpoint import Endpoint, Response
    from chat.adapters.signing import Signer

ATTEMPTS: Final = 3
BACKOFF: Final = 0.05
THROTTLED_BACKOFF: Final = 1.0
"""Seconds: after attempt n, wait a random part of base * 2**n, n from 0; by which base says what failed."""
_UNAVAILABLE = frozenset({500, 502, 503, 504})
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_THROTTLED_STATUS = 429
_WITH_TOKEN = frozenset({"ExecuteTransaction", "TransactWriteItems"})
"""Operations that a token makes harmless to repeat: the second attempt is answered as the first was."""
_ERRORS = 400


class AwsError(Exception):
    """A call failed."""

    backoff = 0.0
    """By what to wait before the next attempt; 0 where another would fail, too."""


class UnreachableError(AwsError):
    """There was no connection, or no answer in time; whether the call had its effect is not known."""

    backoff = BACKOFF


class RefusedError(AwsError):
    """The service answered with an error. Each code has a class of its own: `exceptions` gives it."""

    def __init__(self, operation: str, code: str, status: int, content: Mapping[str, Any]) -> None:
        """Say what was answered to which operation."""
        message = content.get("message") or content.get("Message") or ""
        super().__init__(f"{operation} was refused with {status} {code}: {message}")
        self.code = code
        self.status = status
        self.response: dict[str, Any] = {
            **content,
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        """As botocore's errors have it."""
        if code in _THROTTLED or status == _THROTTLED_STATUS:
            self.backoff = THROTTLED_BACKOFF
        elif status in _UNAVAILABLE:
            self.backoff = BACKOFF


class Exceptions:
    """The errors of a service, each by its code: `exceptions.ConditionalCheckFailedException`."""

    def __getattr__(self, code: str) -> type[RefusedError]:
        """The class of the errors with this code."""
        return _class_of(code)


@cache
def _class_of(code: str) -> type[RefusedError]:
    return type(code, (RefusedError,), {})


class Api:
    """One API at one endpoint."""

    exceptions = Exceptions()

    def __init__(
        self, endpoint: Endpoint, signer: Signer, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Call the endpoint, as who signs; `pause` waits before the next attempt."""
        self._endpoint = endpoint
        self._signer = signer
        self._pause = pause

    def call(
        self, operation: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """Send a request until it is answered, at most `ATTEMPTS` times.

        Args:
            operation: what errors say was called.
            method: the HTTP method.
            path: below the endpoint's.
            headers: by name in lower case, besides those that every request has.
            body: the body whole.

        Raises:
            RefusedError: the answer is an error.
            UnreachableError: there is none.
        """
        attempt = 0
        while True:
            try:
                return self._attempt(operation, method, path, headers, body)
            except AwsError as fault:
                attempt += 1
                if not fault.backoff or attempt >= ATTEMPTS:
                    raise
                self._pause(random.random() * fault.backoff * 2 ** (attempt - 1))  # noqa: S311 - jitter

    def _attempt(
        self, operation: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """Send the request once, signed anew: a signature is good for minutes, and waiting takes time."""
        path = self._endpoint.path + path
        sent = {"host": self._endpoint.host, **headers}
        self._signer.sign(method, path, sent, body)
        try:
            response = self._endpoint.exchange(method, path, sent, body)
        except OSError as fault:
            raise UnreachableError(f"{operation} was not answered: {fault}") from fault
        if response.status >= _ERRORS:
            raise _refused(operation, response)
        return response


class JsonApi(Api):
    """An API of the protocol awsJson 1.0, as DynamoDB's: operations are methods in botocore's spelling."""

    def __init__(
        self,
        target: str,
        endpoint: Endpoint,
        signer: Signer,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Call its operations by `target`, the service's name and version in X-Amz-Target."""
        super().__init__(endpoint, signer, pause)
        self._target = target

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        """The operation, made once: `put_item` is PutItem."""
        if name.startswith("_"):
            raise AttributeError(name)
        operation = "".join(word.capitalize() for word in name.split("_"))
        target = f"{self._target}.{operation}"
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        method = partial(self._operate, operation, headers)
        setattr(self, name, method)
        return method

    def _operate(self, operation: str, headers: Mapping[str, str], /, **request: object) -> dict[str, Any]:
        if operation in _WITH_TOKEN:
            request.setdefault("ClientRequestToken", str(uuid.uuid4()))
        response = self.call(operation, "POST", "/", headers, msgspec.json.encode(request))
        answer: dict[str, Any] = msgspec.json.decode(response.body)
        return answer


class ConnectionsClient(Api):
    """@connections of one stage."""

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        """Send a frame to a connection."""
        headers = {"content-type": "application/octet-stream"}
        self.call("PostToConnection", "POST", _path(ConnectionId), headers, Data)

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803 - botocore's names
        """Close a connection."""
        self.call("DeleteConnection", "DELETE", _path(ConnectionId), {}, b"")


def _path(connection_id: str) -> str:
    return f"/@connections/{quote(connection_id, safe='')}"


def _refused(operation: str, response: Response) -> RefusedError:
    """The error that an answer tells of, in whichever place the protocol has the code."""
    try:
        content = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        content = {}  # a proxy's or a load balancer's own
    if not isinstance(content, dict):
        content = {}
    code = response.headers.get("x-amzn-errortype") or content.get("__type") or content.get("code") or ""
    # `ForbiddenException:http://...` and `com.amazonaws.dynamodb.v20120810#ValidationException`.
    code = str(code).partition(":")[0].rpartition("#")[2] or str(response.status)
    return _class_of(code)(operation, code, response.status, content)
