"""The client of AWS's APIs: it signs as botocore, answers as botocore, and tries again within bounds."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import ClientError

from chat.adapters import aws as aws_clients
from chat.adapters.client import (
    BACKOFF,
    THROTTLED_BACKOFF,
    ConnectionsClient,
    JsonApi,
    RefusedError,
    UnreachableError,
)
from chat.adapters.endpoint import Endpoint
from chat.adapters.signing import Credentials, Signer
from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import Answer
from tests.handlers.support.scripted_server import HANG_UP, OK, SILENCE, Last, ScriptedServer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_dynamodb import DynamoDBClient

    from tests.handlers.support.service import Parley

KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
GET: Any = {"TableName": "t", "Key": {"userId": {"S": "u"}}}
CONNECTION_PATH = "/v1/@connections/L0SM9cOFvHcCIhw%3D"


def signed(path: str, body: bytes, token: str) -> tuple[dict[str, str], str]:
    """The headers that our signer gives, and the signature that botocore makes of the same request."""
    headers = {"host": "example.amazonaws.com", "x-amz-target": "DynamoDB_20120810.PutItem"}
    Signer("dynamodb", "eu-central-1", Credentials(*KEY, token)).sign("POST", path, headers, body)
    request = AWSRequest("POST", f"https://example.amazonaws.com{path}", headers=dict(headers), data=body)
    del request.headers["authorization"]
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(BotocoreCredentials(*KEY, token or None), "dynamodb", "eu-central-1")
    return headers, auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


@pytest.mark.parametrize("token", ["", "a/session+token=="])
@pytest.mark.parametrize(
    ("path", "body"), [("/", b'{"TableName":"t"}'), (CONNECTION_PATH, b""), ("/~a%20b", b"\xff")]
)
def test_signature_of_a_request_is_the_one_that_botocore_makes(path: str, body: bytes, token: str) -> None:
    """AWS refuses any other."""
    headers, expected = signed(path, body, token)
    assert headers["authorization"].endswith(f"Signature={expected}")
    assert headers.get("x-amz-security-token", "") == token


@pytest.fixture
def botocores(parley: Parley) -> Iterator[DynamoDBClient]:
    """Botocore's own client of the recording server."""
    client: Any = botocore.session.Session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=parley.aws.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - nothing checks it
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    with closing(client):
        yield client


def exercise(client: DynamoDBClient, user_id: str) -> list[Any]:
    """Call every operation that the handlers use; gives the answers."""
    key = {"userId": {"S": user_id}}
    item: Any = {
        **key,
        "text": {"S": "ä 😀"},
        "number": {"N": "1.5"},
        "flags": {"L": [{"BOOL": True}, {"NULL": True}]},
    }
    answers: list[Any] = [
        client.put_item(TableName="users", Item=item),
        client.get_item(TableName="users", Key=key, ConsistentRead=True),
        client.get_item(TableName="users", Key={"userId": {"S": "nobody"}}),
        client.batch_get_item(RequestItems={"users": {"Keys": [key], "ConsistentRead": True}}),
        client.update_item(
            TableName="users",
            Key=key,
            UpdateExpression="SET a = :a",
            ExpressionAttributeValues={":a": {"SS": ["x"]}},
            ReturnValues="ALL_NEW",
        ),
        client.query(
            TableName="users",
            KeyConditionExpression="userId = :u",
            ExpressionAttributeValues={":u": {"S": user_id}},
            Limit=1,
        ),
        client.transact_write_items(TransactItems=[{"Delete": {"TableName": "users", "Key": key}}]),
        client.delete_item(TableName="users", Key=key, ReturnValues="ALL_OLD"),
    ]
    return [
        {name: value for name, value in answer.items() if name != "ResponseMetadata"} for answer in answers
    ]


def test_operations_send_and_answer_what_botocores_do(parley: Parley, botocores: DynamoDBClient) -> None:
    """The adapters were written for botocore's client, and its types check them."""
    user_id = Person().user_id
    ours = exercise(aws_clients.dynamodb(), user_id)
    sent = [(call.operation, call.body) for call in parley.aws.calls]
    parley.aws.reset()
    theirs = exercise(botocores, user_id)
    calls = [(call.operation, call.body) for call in parley.aws.calls]
    tokens = {said[6][1].pop("ClientRequestToken") for said in (sent, calls)}
    assert ours == theirs
    assert sent == calls
    assert len(tokens) == 2  # one a transaction, the same for all its attempts


def test_error_has_the_code_and_the_content_of_botocores(parley: Parley, botocores: DynamoDBClient) -> None:
    """What handlers look at: the class by its code, the response, the reasons of a canceled transaction."""
    client = aws_clients.dynamodb()
    reasons = [{"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    answer = Answer(400, {"__type": kind, "message": "canceled", "CancellationReasons": reasons})
    items: Any = [{"Put": {"TableName": "users", "Item": {"userId": {"S": "u"}}}}]
    for _ in range(2):
        parley.aws.answer_once("TransactWriteItems", answer)
    with pytest.raises(client.exceptions.TransactionCanceledException) as ours:
        client.transact_write_items(TransactItems=items)
    with pytest.raises(ClientError) as theirs:
        botocores.transact_write_items(TransactItems=items)
    found, expected = ours.value.response, theirs.value.response
    assert found["Error"] == expected["Error"]
    assert found["CancellationReasons"] == expected["CancellationReasons"]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == expected["ResponseMetadata"]["HTTPStatusCode"]
    assert not isinstance(ours.value, client.exceptions.ConditionalCheckFailedException)


@contextmanager
def table_client(
    server: ScriptedServer, waits: list[float] | None = None, read_timeout: float = 5
) -> Iterator[Any]:
    """A client of DynamoDB for a scripted server, which notes how long it would wait in place of waiting."""
    signer = Signer("dynamodb", "us-east-1", Credentials(*KEY))
    waited = [] if waits is None else waits
    with closing(Endpoint(server.url, read_timeout)) as endpoint:
        yield JsonApi("DynamoDB_20120810", endpoint, signer, waited.append)


def error(status: int, code: str) -> bytes:
    """An error as DynamoDB words it."""
    body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}'.encode()
    return b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@pytest.mark.parametrize(
    ("fault", "base"),
    [
        (error(500, "InternalServerError"), BACKOFF),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\n<html>", BACKOFF),
        (HANG_UP, BACKOFF),
        (Last(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), BACKOFF),
        (Last(b"not HTTP\r\n\r\n"), BACKOFF),
        (error(400, "ProvisionedThroughputExceededException"), THROTTLED_BACKOFF),
        (error(400, "ThrottlingException"), THROTTLED_BACKOFF),
        (b"HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n\r\n", THROTTLED_BACKOFF),
    ],
)
def test_fault_that_may_pass_is_tried_again_after_a_random_wait(fault: bytes, base: float) -> None:
    """Twice, by a base that doubles."""
    waits: list[float] = []
    with scripted_server(fault, fault, OK) as server, table_client(server, waits) as client:
        assert client.get_item(**GET) == {}
    first, second = waits
    assert 0 <= first <= base
    assert 0 <= second <= 2 * base


def test_fault_that_lasts_raises_after_three_attempts() -> None:
    """A handler has seconds."""
    waits: list[float] = []
    fault = error(500, "InternalServerError")
    with scripted_server(fault, fault, fault, OK) as server, table_client(server, waits) as client:
        with pytest.raises(client.exceptions.InternalServerError):
            client.get_item(**GET)
        assert (len(waits), len(server.requests)) == (2, 3)


def test_error_of_the_request_itself_is_not_tried_again() -> None:
    """It would fail again."""
    waits: list[float] = []
    fault = error(400, "ValidationException")
    with scripted_server(fault, OK) as server, table_client(server, waits) as client:
        with pytest.raises(RefusedError, match="GetItem was refused with 400 ValidationException: m"):
            client.get_item(**GET)
        assert (waits, len(server.requests)) == ([], 1)


def test_answer_that_does_not_come_in_time_is_given_up() -> None:
    """Nobody knows whether the call had its effect, and the error says no more than that."""
    with (
        scripted_server(SILENCE, SILENCE, SILENCE) as server,
        table_client(server, read_timeout=0.05) as client,
        pytest.raises(UnreachableError, match="GetItem was not answered: timed out"),
    ):
        client.get_item(**GET)


def test_endpoint_that_nobody_serves_raises() -> None:
    """There is no connection."""
    with scripted_server() as server:
        pass
    with table_client(server) as client, pytest.raises(UnreachableError, match="refused"):
        client.get_item(**GET)


def test_calls_one_after_the_other_share_a_connection() -> None:
    """TLS's handshake would be most of a call."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked = head + b"1;x=y\r\n{\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    with scripted_server(OK, chunked, empty, OK) as server, closing(Endpoint(server.url, 5)) as endpoint:
        bodies = [endpoint.exchange("POST", "/", {}, b"").body for _ in range(4)]
        assert (bodies, server.connections) == ([b"{}", b"{}", b"", b"{}"], 1)


def test_connection_that_its_server_closes_is_not_used_again() -> None:
    """An environment may be frozen for minutes; DynamoDB closes sooner."""
    said = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    without_length = Last(b"HTTP/1.1 200 OK\r\n\r\n{}")
    with scripted_server(said, without_length, Last(OK), OK) as server, table_client(server) as client:
        assert [client.get_item(**GET) for _ in range(4)] == [{}] * 4
        assert server.connections == 4


def test_code_of_an_error_of_connections_comes_from_its_header() -> None:
    """With the namespace that AWS puts behind it left out."""
    kind = b"x-amzn-ErrorType: GoneException:http://internal.amazon.com/coral/"
    gone = b"HTTP/1.1 410 Gone\r\nContent-Length: 2\r\n" + kind + b"\r\n\r\n{}"
    signer = Signer("execute-api", "us-east-1", Credentials(*KEY))
    with scripted_server(gone) as server, closing(Endpoint(f"{server.url}/v1", 5)) as endpoint:
        client = ConnectionsClient(endpoint, signer)
        with pytest.raises(client.exceptions.GoneException) as raised:
            client.post_to_connection(ConnectionId="L0SM9cOFvHcCIhw=", Data=b"{}")
        assert (raised.value.code, raised.value.status) == ("GoneException", 410)
        assert server.requests[0].startswith(b"POST /v1/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1\r\n")


@pytest.mark.parametrize(("home", "region"), [("eu-west-1", "eu-west-1"), ("", "us-east-1")])
def test_tables_are_those_of_the_home_region(monkeypatch: pytest.MonkeyPatch, home: str, region: str) -> None:
    """Wherever the function runs: signed for that region, whose endpoint refuses any other's signature."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("HOME_REGION", home)
    answer = Last(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    with scripted_server(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        aws_clients.dynamodb.__wrapped__().get_item(**GET)
    assert f"/{region}/dynamodb/aws4_request".encode() in server.requests[0]
