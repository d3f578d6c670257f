"""The events that functions receive are byte for byte those in golden/, which follow captured AWS events."""

from __future__ import annotations

from pathlib import Path

import msgspec

from localcloud.apis.resources import Stage
from localcloud.apis.websocket.events import (
    Connection,
    Handshake,
    authorizer_event,
    connect_event,
    disconnect_event,
    error_text,
    message_event,
)
from tests.localcloud.apis.apis_fakes import NOW

GOLDEN = Path(__file__).parent / "golden"
DOMAIN = "127.0.0.1:4566/_aws/execute-api/abc123"
CONTEXT = {"userId": "u1", "expiresAt": "1795227220", "principalId": "u1"}
HANDSHAKE = Handshake(
    (
        ("Host", "127.0.0.1:4566"),
        ("User-Agent", "tester"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("X-Twice", "one"),
        ("X-Twice", "two"),
    ),
    "ticket=t%201&tag=a&tag=b",
)


def connection(**variables: str) -> Connection:
    """A connection to the stage ``dev``."""
    stage = Stage("dev", variables)
    return Connection(
        "KHYl4F5kIAMCFbQ=",
        "abc123",
        stage,
        DOMAIN,
        "127.0.0.1:4566",
        NOW,
        "127.0.0.1",
        "tester",
        "arn:aws:execute-api:us-east-1:000000000000:abc123",
    )


def golden(name: str) -> bytes:
    """The golden event, without the white space that makes it readable."""
    return msgspec.json.encode(msgspec.json.decode((GOLDEN / name).read_bytes()))


def test_connect_event_is_golden() -> None:
    """CONNECT carries headers and query, both single and multi-valued."""
    event = connect_event(connection(), HANDSHAKE, "JtGlfEW7IAMFpRQ=", CONTEXT)
    assert event == golden("websocket_connect.json")


def test_connect_event_without_query_has_no_query_maps() -> None:
    """AWS leaves them out where there is no query."""
    event = msgspec.json.decode(connect_event(connection(), Handshake(), "r", None))
    assert set(event) == {"headers", "multiValueHeaders", "requestContext", "isBase64Encoded"}
    assert "authorizer" not in event["requestContext"]


def test_authorizer_event_is_golden() -> None:
    """The REQUEST authorizer sees the handshake and the method's ARN."""
    arn = "arn:aws:execute-api:us-east-1:000000000000:abc123/dev/$connect"
    event = authorizer_event(connection(table="t1"), HANDSHAKE, "JtGlfEW7IAMFpRQ=", arn)
    assert event == golden("websocket_authorizer.json")


def test_message_event_is_golden() -> None:
    """MESSAGE carries the body and a message id, and no headers."""
    event = message_event(
        connection(),
        "sendMessage",
        '{"action":"sendMessage","text":"hé"}',
        "JtGlfEW7IAMFpRQ=",
        "JtGlfcvzIAMCLsg=",
        NOW + 1.5,
        CONTEXT,
    )
    assert event == golden("websocket_message.json")


def test_disconnect_event_is_golden() -> None:
    """DISCONNECT carries the code, the reason and four headers."""
    reason = "Client-side close frame status not set"
    event = disconnect_event(connection(), "JtGlfEW7IAMFpRQ=", 1005, reason, NOW + 9, CONTEXT)
    assert event == golden("websocket_disconnect.json")


def test_stage_variables_stand_in_every_event_when_set() -> None:
    """A stage with variables tells its functions."""
    events = [
        connect_event(connection(table="t1"), HANDSHAKE, "r", None),
        message_event(connection(table="t1"), "k", "b", "r", "m", NOW, None),
        disconnect_event(connection(table="t1"), "r", 1000, "", NOW, None),
    ]
    assert all(msgspec.json.decode(event)["stageVariables"] == {"table": "t1"} for event in events)


def test_error_text_has_aws_spacing() -> None:
    """A space after the first colon, none after the others."""
    expected = '{"message": "Forbidden", "connectionId":"c", "requestId":"r"}'
    assert error_text("Forbidden", "c", "r") == expected
