"""DynamoDB's data operations: IAM first, then the tables they name, then dynoxide."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from localcloud.dynamodb import consumption
from localcloud.dynamodb.answers import error_answer, error_code, with_checksum
from localcloud.dynamodb.faults import strike
from localcloud.dynamodb.tables import CallError
from localcloud.http import TooLarge, read_request, send_response
from localcloud.observations import TablesServed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    from localcloud.dynamodb.client import Client
    from localcloud.dynamodb.replication import Replication
    from localcloud.dynamodb.tables import Tables
    from localcloud.dynamodb.throttle import Throttle
    from localcloud.interfaces import Faults, Request, Response
    from localcloud.observations import Observations

LARGEST_REQUEST_BYTES = 16 * 1024 * 1024
"""DynamoDB's own limit of one request."""

_TARGET = b"DynamoDB_20120810."
_PARTIQL = frozenset({"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"})
DATA_OPERATIONS = _PARTIQL | {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
_TARGETS = {_TARGET + operation.encode(): operation for operation in DATA_OPERATIONS}


class Access(Protocol):
    """Who may do what."""

    def authorize_dynamodb(self, request: Request, operation: str) -> Response | None:
        """None for a yes, otherwise the answer to send."""


class _Named(msgspec.Struct):
    """Where the operations' inputs name tables; nearly all else of an input is skipped unread."""

    TableName: str | None = None
    ReturnConsumedCapacity: str | None = None
    RequestItems: dict[str, msgspec.Raw] = {}
    TransactItems: list[dict[str, _Target]] = []

    def tables(self) -> Iterable[str]:
        """The tables that the input names."""
        if self.TableName is not None:
            yield self.TableName
        yield from self.RequestItems
        for item in self.TransactItems:
            for target in item.values():
                yield target.TableName


class _Target(msgspec.Struct):
    TableName: str = ""


_named = msgspec.json.Decoder(_Named)


class Proxy:
    """The data operations of DynamoDB in one region, as an ASGI application."""

    def __init__(
        self,
        access: Access,
        tables: Tables,
        client: Client,
        region: str,
        faults: Faults,
        replication: Replication | None = None,
        observations: Observations | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        """Serve ``region``, by ``client``, whom ``access`` lets, and fail where ``faults`` say so.

        ``replication`` is told of what is written; None where there is one region. ``observations`` are told
        of what is served; None where nobody measures. ``throttle`` is asked about provisioned tables.
        """
        self._access = access
        self._tables = tables
        self._client = client
        self._faults = faults
        self._region = region
        self._replication = replication
        self._observations = observations
        self._throttle = throttle
        self._scope_of_region = f"/{region}/dynamodb/aws4_request".encode()

    def owns(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether this is a data operation in our region; other regions' tables stay MiniStack's own."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return False
        operation = authorization = None
        for name, value in scope["headers"]:
            if name == b"x-amz-target":
                operation = _TARGETS.get(value)
            elif name == b"authorization":
                authorization = value
        if operation is None:
            return False
        scope["localcloud.operation"] = operation
        return authorization is None or self._scope_of_region in authorization

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve one data operation."""
        try:
            request = await read_request(scope, receive, largest_bytes=LARGEST_REQUEST_BYTES)
        except TooLarge:
            response = error_answer(
                413, "RequestEntityTooLargeException", "The request is larger than 16 MB."
            )
        else:
            response = await self.answer(request, scope["localcloud.operation"])
        await send_response(send, response)

    async def answer(self, request: Request, operation: str) -> Response:
        """Authorize one operation, bring its tables in line, and let dynoxide do it."""
        refused = self._access.authorize_dynamodb(request, operation)
        if refused is not None:
            return with_checksum(refused)
        try:
            named = _named.decode(request.body or b"{}")
        except msgspec.DecodeError:
            named = _Named()  # dynoxide words the complaint about a malformed input
        tables = tuple(named.tables())
        is_limited = self._throttle is not None and self._throttle.limits(tables)
        if self._observations is None and not is_limited:
            return await self._answer(operation, tables, request.body)
        return await self._measured(operation, tables, named, request.body)

    async def _measured(
        self, operation: str, tables: tuple[str, ...], named: _Named, body: bytes
    ) -> Response:
        """Answer, and tell how that went."""
        started = time.perf_counter()
        if tables and named.ReturnConsumedCapacity is None:
            response = await self._answer(operation, tables, body, consumption.asking(body))
            response, consumed = consumption.kept_back(response)
        else:
            response = await self._answer(operation, tables, body)
            consumed = consumption.told(response)
        error = "" if response.status == HTTPStatus.OK else error_code(response)
        latency_ms = (time.perf_counter() - started) * 1000
        if self._throttle is not None:
            self._throttle.take(operation, tables, consumed, error)
        if self._observations is not None:
            self._observations.publish(
                TablesServed(operation, tables, latency_ms, response.status, error, consumed)
            )
        return response

    async def _answer(
        self, operation: str, tables: tuple[str, ...], body: bytes, asked: bytes | None = None
    ) -> Response:
        """Meet the faults, bring the tables in line, let dynoxide do it (`asked` in place of the body)."""
        if self._faults.armed and (failed := await strike(self._faults, operation, tables)) is not None:
            return failed
        if self._throttle is not None and (refused := self._throttle.refuse(operation, tables, body)):
            return refused
        try:
            await (self._tables.follow_all() if operation in _PARTIQL else self._tables.follow(tables))
            response = await self._client.send(operation, asked or body)
        except (CallError, ConnectionError) as error:
            return error_answer(500, "InternalServerError", str(error) or type(error).__name__)
        if self._replication is not None and response.status == HTTPStatus.OK:
            self._replication.written(self._region, operation, body)
        return response
