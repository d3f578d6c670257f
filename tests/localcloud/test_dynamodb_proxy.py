"""The proxy before dynoxide: what it takes, whom it lets, what it answers."""

from __future__ import annotations

import json
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.dynamodb import consumption
from localcloud.dynamodb.capacity import Capacity, Place
from localcloud.dynamodb.proxy import LARGEST_REQUEST_BYTES, Proxy
from localcloud.dynamodb.throttle import Throttle
from localcloud.interfaces import Fault, FaultEffect, NoFaults, Request, Response
from localcloud.observations import Consumed, Observations, TablesServed

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from localcloud.interfaces import FaultPoint, Faults
    from localcloud.observations import Observation

CREDENTIAL = b"AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request, ..."


class Gate:
    """Lets everything through, or answers everything with one refusal."""

    def __init__(self, refusal: Response | None = None) -> None:
        self.refusal = refusal

    def authorize_dynamodb(self, request: Request, operation: str) -> Response | None:  # noqa: ARG002
        """The refusal, if any."""
        return self.refusal


class FollowedTables:
    """Tables that remember which of them were brought in line."""

    def __init__(self) -> None:
        self.followed: list[str] = []

    async def follow(self, names: Iterable[str]) -> None:
        """Remember."""
        self.followed += names

    async def follow_all(self) -> None:
        """Remember."""
        self.followed.append("all")


class Echo:
    """A dynoxide that answers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def send(self, operation: str, body: bytes) -> Response:
        """The operation and the size of the body."""
        if self.error:
            raise self.error
        return Response(200, (), json.dumps([operation, len(body)]).encode())


class OneFault:
    """Faults that strike every operation on one table."""

    armed = True

    def __init__(self, table: str, fault: Fault) -> None:
        self.table = table
        self.fault = fault

    def strike(self, point: FaultPoint) -> Fault | None:
        """The fault, on its table."""
        assert point.service == "dynamodb"
        return self.fault if point.resource == self.table else None


def proxy(
    gate: Gate | None = None, echo: Echo | None = None, faults: Faults | None = None
) -> tuple[Proxy, FollowedTables]:
    """A proxy over fakes, and the tables that it follows."""
    tables = FollowedTables()
    made = Proxy(gate or Gate(), tables, echo or Echo(), "us-east-1", faults or NoFaults())  # type: ignore[arg-type]
    return made, tables


class Consuming(Echo):
    """A dynoxide that answers with the item, and with what was consumed where it is asked for that."""

    def __init__(self, answer: bytes, consumed: bytes) -> None:
        super().__init__()
        self.answer = answer
        self.consumed = consumed

    async def send(self, operation: str, body: bytes) -> Response:  # noqa: ARG002 - of any operation
        """The answer, with its checksum."""
        told = b'"ConsumedCapacity":' + self.consumed
        answer = self.answer
        if json.loads(body).get("ReturnConsumedCapacity"):
            answer = answer[:-1] + (b"," if len(answer) > 2 else b"") + told + b"}"
        return Response(200, ((b"x-amz-crc32", str(zlib.crc32(answer)).encode()),), answer)


async def measured(echo: Echo, operation: str, body: bytes, **more: Any) -> tuple[Response, TablesServed]:
    """The answer, and what is told of it."""
    told: list[Observation] = []
    observations = Observations()
    observations.listen(told.append)
    made = Proxy(
        Gate(),
        FollowedTables(),  # type: ignore[arg-type]
        echo,  # type: ignore[arg-type]
        "us-east-1",
        more.get("faults", NoFaults()),
        observations=observations,
    )
    response = await made.answer(Request("POST", "/", b"/", b"", (), body), operation)
    (served,) = told
    assert isinstance(served, TablesServed)
    return response, served


def scope(operation: str, credential: bytes = CREDENTIAL, method: str = "POST") -> dict[str, Any]:
    """The ASGI scope of a DynamoDB request."""
    target = f"DynamoDB_20120810.{operation}".encode()
    return {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": b"",
        "headers": [(b"x-amz-target", target), (b"authorization", credential)],
    }


async def served(the_proxy: Proxy, operation: str, *chunks: bytes) -> tuple[int, bytes]:
    """Status and body of a request that arrives in these pieces."""
    pieces = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    pieces.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    request = scope(operation)
    assert the_proxy.owns(request)
    await the_proxy(request, receive, send)
    return sent[0]["status"], sent[1]["body"]


def test_proxy_owns_data_operations_of_its_region_only() -> None:
    """Control operations, other regions and other methods are the control plane's."""
    the_proxy, _ = proxy()
    assert the_proxy.owns(scope("PutItem"))
    assert not the_proxy.owns(scope("DescribeTable"))
    assert not the_proxy.owns(scope("PutItem", CREDENTIAL.replace(b"us-east-1", b"eu-west-1")))
    assert not the_proxy.owns(scope("PutItem", method="GET"))
    assert not the_proxy.owns({"type": "websocket", "headers": []})


@pytest.mark.parametrize(
    ("operation", "body", "tables"),
    [
        ("PutItem", {"TableName": "a", "Item": {"TableName": {"S": "not this"}}}, ["a"]),
        ("BatchGetItem", {"RequestItems": {"a": {"Keys": []}, "b": {"Keys": []}}}, ["a", "b"]),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}}]},
            ["a", "b"],
        ),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "a"'}, ["all"]),
        ("GetItem", {"TableName": 7}, []),
    ],
    ids=["one table", "batch", "transaction", "PartiQL", "malformed"],
)
async def test_proxy_brings_the_named_tables_in_line(
    operation: str, body: dict[str, Any], tables: list[str]
) -> None:
    """Exactly the tables that the input names; dynoxide words complaints about malformed input."""
    the_proxy, followed = proxy()
    content = json.dumps(body).encode()
    assert await served(the_proxy, operation, content) == (
        200,
        json.dumps([operation, len(content)]).encode(),
    )
    assert followed.followed == tables


async def test_proxy_body_in_pieces_is_whole() -> None:
    """A body arrives in as many pieces as it likes."""
    the_proxy, followed = proxy()
    assert (await served(the_proxy, "GetItem", b'{"Table', b'Name":"a"}'))[0] == 200
    assert followed.followed == ["a"]


async def test_proxy_refused_reaches_neither_tables_nor_dynoxide() -> None:
    """IAM's no is the answer, with the checksum that SDKs verify."""
    the_proxy, followed = proxy(Gate(Response(400, (), b"no")))
    response = await the_proxy.answer(Request("POST", "/", b"/", b"", (), b"{}"), "PutItem")
    assert (response.status, response.body) == (400, b"no")
    assert dict(response.headers)[b"x-amz-crc32"] == str(zlib.crc32(b"no")).encode()
    assert followed.followed == []


async def test_proxy_too_large_is_413() -> None:
    """More than DynamoDB's 16 MB is refused before it is all read."""
    the_proxy, _ = proxy()
    status, body = await served(the_proxy, "PutItem", bytes(LARGEST_REQUEST_BYTES), b"x")
    assert status == 413
    assert b"RequestEntityTooLarge" in body


async def test_proxy_dynoxide_gone_is_a_server_error() -> None:
    """SDKs retry InternalServerError."""
    the_proxy, _ = proxy(echo=Echo(ConnectionResetError("gone")))
    status, body = await served(the_proxy, "PutItem", b'{"TableName":"a"}')
    assert status == 500
    assert json.loads(body)["__type"].endswith("#InternalServerError")


BATCH = b'{"RequestItems":{"a":{"Keys":[]},"b":{"Keys":[]}}}'


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault("f", FaultEffect.THROTTLE), 400, "ProvisionedThroughputExceededException"),
        (
            Fault("f", FaultEffect.ERROR, status=400, code="TransactionConflictException"),
            400,
            "TransactionConflictException",
        ),
        (Fault("f", FaultEffect.ERROR), 500, "InternalServerError"),
    ],
    ids=["throttle", "error", "error by default"],
)
async def test_proxy_fault_on_a_named_table_answers_in_place_of_dynoxide(
    fault: Fault, status: int, code: str
) -> None:
    """Nothing is read or written; other tables are served."""
    the_proxy, followed = proxy(faults=OneFault("b", fault))
    answered, body = await served(the_proxy, "BatchGetItem", BATCH)
    assert (answered, json.loads(body)["__type"].rpartition("#")[2]) == (status, code)
    assert followed.followed == []
    assert (await served(the_proxy, "PutItem", b'{"TableName":"a"}'))[0] == 200


async def test_proxy_late_on_purpose_answers_all_the_same() -> None:
    """A delay is waited out before dynoxide is asked."""
    the_proxy, _ = proxy(faults=OneFault("a", Fault("f", FaultEffect.DELAY, delay_ms=30)))
    began = time.monotonic()
    assert (await served(the_proxy, "PutItem", b'{"TableName":"a"}'))[0] == 200
    assert time.monotonic() - began >= 0.03


OF_TABLE = b'{"TableName":"a","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},'
OF_INDEX = b'"GlobalSecondaryIndexes":{"ByName":{"CapacityUnits":2.0}}}'


@pytest.mark.parametrize(
    ("operation", "answer", "consumed", "expected"),
    [
        ("PutItem", b"{}", OF_TABLE + OF_INDEX, [("a", "", 1), ("a", "ByName", 2)]),
        (
            "GetItem",
            b'{"Item":{"ConsumedCapacity":{"S":"mine"}}}',
            b'{"TableName":"a","CapacityUnits":0.5}',
            [("a", "", 0.5)],
        ),
        (
            "BatchGetItem",
            b'{"Responses":{}}',
            b'[{"TableName":"a","CapacityUnits":0.5},{"TableName":"b","CapacityUnits":1}]',
            [("a", "", 0.5), ("b", "", 1)],
        ),
    ],
    ids=["nothing else", "an attribute of that name", "a batch"],
)
async def test_proxy_tells_what_was_consumed_and_keeps_it_from_who_did_not_ask(
    operation: str, answer: bytes, consumed: bytes, expected: list[tuple[str, str, float]]
) -> None:
    """The answer is byte for byte what it would have been, with its checksum."""
    body = BATCH if operation == "BatchGetItem" else b' {"TableName":"a"}'
    response, served = await measured(Consuming(answer, consumed), operation, body)
    assert response.body == answer
    assert dict(response.headers)[b"x-amz-crc32"] == str(zlib.crc32(answer)).encode()
    assert list(served.consumed) == [Consumed(*each) for each in expected]
    assert (served.operation, served.status, served.error) == (operation, 200, "")
    assert served.latency_ms > 0


async def test_proxy_gives_what_was_consumed_to_who_asks() -> None:
    """And tells it all the same."""
    asking = b'{"TableName":"a","ReturnConsumedCapacity":"TOTAL"}'
    consumed = b'{"TableName":"a","CapacityUnits":0.5}'
    response, served = await measured(Consuming(b"{}", consumed), "GetItem", asking)
    assert json.loads(response.body)["ConsumedCapacity"]["CapacityUnits"] == 0.5
    assert list(served.consumed) == [Consumed("a", "", 0.5)]


async def test_proxy_leaves_an_answer_that_only_names_consumed_capacity_alone() -> None:
    """An item's attribute is the item's."""
    answer = b'{"Item":{"ConsumedCapacity":{"S":"mine"}}}'
    response, served = await measured(Echo(), "ExecuteStatement", b"{}")
    assert (response.status, served.tables, served.consumed) == (200, (), ())
    assert consumption.kept_back(Response(200, (), answer)) == (Response(200, (), answer), ())


async def test_proxy_tells_of_an_error_by_its_code() -> None:
    """Of a fault on purpose as of any other."""
    faults = OneFault("a", Fault("f", FaultEffect.THROTTLE))
    response, served = await measured(Echo(), "PutItem", b'{"TableName":"a"}', faults=faults)
    assert (response.status, served.status) == (400, 400)
    assert (served.tables, served.error) == (("a",), "ProvisionedThroughputExceededException")


class OneProvisioned:
    """A control plane whose table ``a`` has one unit a second for writes, at a time that stands still."""

    def capacities(self) -> dict[Place, Capacity]:
        """The one."""
        return {Place("a", "", "Write"): Capacity(1)}

    def provision(self, place: Place, units: int) -> None:
        """Auto scaling is off."""
        raise AssertionError(place, units)

    def now(self) -> float:
        """The time."""
        return 0.0


async def test_proxy_lets_a_provisioned_table_take_no_more_than_it_has() -> None:
    """The first write takes its unit, the second never reaches dynoxide; others go on."""
    throttle = Throttle(OneProvisioned(), OneProvisioned())
    throttle.look()
    dynoxide = Consuming(b"{}", b'{"TableName":"a","CapacityUnits":1.0}')
    the_proxy = Proxy(
        Gate(),
        FollowedTables(),  # type: ignore[arg-type]
        dynoxide,  # type: ignore[arg-type]
        "us-east-1",
        NoFaults(),
        throttle=throttle,
    )
    assert await served(the_proxy, "PutItem", b'{"TableName":"a"}') == (200, b"{}")
    status, body = await served(the_proxy, "PutItem", b'{"TableName":"a"}')
    assert status == 400
    assert json.loads(body)["__type"].endswith("#ProvisionedThroughputExceededException")
    assert (await served(the_proxy, "GetItem", b'{"TableName":"a"}'))[0] == 200
    assert (await served(the_proxy, "PutItem", b'{"TableName":"b"}'))[0] == 200
