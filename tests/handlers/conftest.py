"""What the handlers' tests share: AWS as a recording server over dynoxide, and the entries started on it."""

from __future__ import annotations

import importlib
import logging
import platform
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from tests.handlers.support.gateway_events import Person
from tests.handlers.support.recording_aws import BINARIES, RecordingAws, recording_aws, running_dynoxide
from tests.handlers.support.service import Parley

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from types_boto3_dynamodb import DynamoDBClient

S, N = "S", "N"
TABLES: dict[str, dict[str, Any]] = {
    "chats": {
        "keys": {"chatId": S, "sk": S},
        "indexes": {
            "ByUser": {"userId": S, "chatId": S},
            "ByShard": {"shard": S, "chatId": S},
            "ByDirectory": {"directory": S, "nameLower": S},
        },
    },
    "messages": {"keys": {"chatId": S, "seq": N}},
    "connections": {"keys": {"userId": S}},
    "users": {
        "keys": {"userId": S},
        "indexes": {"ByUsernamePrefix": {"usernamePrefix": S, "usernameLower": S}},
    },
    "tickets": {"keys": {"ticket": S}},
    "reports": {"keys": {"chatId": S, "report": S}},
    "limits": {"keys": {"bucket": S}},
    "sessions": {"keys": {"session": S}},
}
"""The tables as stack/data.yaml and stack/federation.yaml declare them."""


ENTRIES = (
    "upload_url", "media", "signing_key", "push", "push_key", "push_subscriptions",
    "authorizer", "connect", "disconnect", "default", "send_message", "get_messages", "sync", "get_users",
    "tickets", "chats", "messages", "users", "blocks", "search", "fan_out",
    "change_message", "message",
    "mark", "send_typing", "get_presence", "watermarks", "presence",
    "chat_settings", "members", "channels", "join_chat", "leave_chat",
    "sign_out", "web_sessions", "cookie_key",
    "account", "delete_account", "make_export", "start_purge", "purge", "reports",
)  # fmt: skip


@pytest.fixture(scope="session")
def _aws() -> Iterator[RecordingAws]:
    if not list(BINARIES.glob("*/dynoxide")):
        message = "dynoxide is missing: run `npm ci` in localstack/"
        if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
            pytest.fail(message)
        pytest.skip(f"{message}, where npm has it for this platform")
    with running_dynoxide() as port, recording_aws(port) as aws:
        yield aws


@pytest.fixture
def aws(_aws: RecordingAws) -> RecordingAws:
    """AWS, with nothing recorded and no fault ordered yet."""
    _aws.reset()
    return _aws


@pytest.fixture(scope="session")
def dynamodb(_aws: RecordingAws) -> DynamoDBClient:
    """A client of our own, which is not recorded, with the tables created."""
    client: DynamoDBClient = botocore.session.Session().create_client(  # type: ignore[assignment]
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{_aws.dynamodb_port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - dynoxide checks nothing
    )
    for name, table in TABLES.items():
        indexes: dict[str, dict[str, str]] = table.get("indexes", {})
        attributes = {k: v for keys in (table["keys"], *indexes.values()) for k, v in keys.items()}
        options: dict[str, Any] = {}
        if indexes:
            options["GlobalSecondaryIndexes"] = [
                {"IndexName": index, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "ALL"}}
                for index, keys in indexes.items()
            ]
        client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": v} for k, v in attributes.items()],
            KeySchema=_schema(table["keys"]),
            BillingMode="PAY_PER_REQUEST",
            **options,
        )
    return client


def _schema(keys: dict[str, str]) -> Any:
    return [{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"), strict=False)]


@pytest.fixture(scope="session")
def _entries(_aws: RecordingAws, dynamodb: DynamoDBClient) -> dict[str, ModuleType]:
    """Every entry, started as Lambda starts an execution environment: imported once, with its variables set.

    They read their variables only then, so no other test sees these.
    """
    assert dynamodb.list_tables()["TableNames"]
    with pytest.MonkeyPatch.context() as environment:
        for name in TABLES:
            environment.setenv(f"{name.upper()}_TABLE", name)
        for name in ("SEND", "CONNECT", "TYPING", "UPLOAD", "SEARCH", "REPORT", "EXPORT", "RENEW"):
            environment.setenv(f"{name}_LIMIT", "1000/10000")
        environment.setenv("FAN_OUT_QUEUE_URL", f"{_aws.url}/123456789012/fan-out")
        environment.setenv("USER_POOL_ID", "us-east-1_Example")
        environment.setenv("ALLOWED_ORIGINS", "https://chat.example,http://localhost:5173")
        environment.setenv("USER_POOL_CLIENT_ID", "1example23456789")
        environment.setenv("WEB_ORIGIN", "https://chat.example.com")
        environment.setenv("DELETIONS_QUEUE_URL", f"{_aws.url}/123456789012/deletions")
        environment.setenv("EXPORTS_QUEUE_URL", f"{_aws.url}/123456789012/exports")
        environment.setenv("EXPORTS_BUCKET", "exports-bucket")
        environment.setenv("PURGE_QUEUE_URL", f"{_aws.url}/123456789012/purge")
        environment.setenv("RETENTION_DAYS", "30")
        environment.setenv("MEDIA_BUCKET", "media-bucket")
        environment.setenv("MEDIA_DOMAIN", "d111111abcdef8.cloudfront.net")
        environment.setenv("WEB_PUSH", "enabled")
        environment.setenv("PUSH_QUEUE_URL", f"{_aws.url}/123456789012/push")
        environment.setenv(
            "PUSH_KEY",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        )
        environment.setenv("PUSH_KEY_NAME", "/parley/push/signing-key-1")
        environment.setenv("PARAMETER_KEY", "arn:aws:kms:us-east-1:123456789012:key/1")
        environment.setenv("PUSH_CONTACT", "https://chat.example.com")
        environment.setenv("PUSH_SERVICES", "https://fcm.googleapis.com,https://*.push.apple.com")
        environment.setenv("SIGNING_KEY", "parley-download-key")
        environment.setenv("KEY_GROUP_NAME", "parley-downloads")
        environment.setenv("COOKIE_KEY", "parley-cookie-key")
        environment.setenv("AWS_ENDPOINT_URL", _aws.url)
        environment.setenv("AWS_REGION", "us-east-1")
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("LOG_LEVEL", "INFO")
        return {name: importlib.import_module(name) for name in ENTRIES}


@pytest.fixture
def parley(aws: RecordingAws, _entries: dict[str, ModuleType]) -> Parley:
    """The whole service over a real DynamoDB engine, with nothing recorded yet."""
    return Parley(aws, _entries)


@pytest.fixture
def alice() -> Person:
    """A user nobody else in the session is."""
    return Person("alice")


@pytest.fixture
def bob() -> Person:
    """Another."""
    return Person("bob")


@pytest.fixture
def chat_log() -> Iterator[list[logging.LogRecord]]:
    """What the logger `chat` is given, whether or not it is configured to write."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    logger, keep = logging.getLogger("chat"), Keep()
    logger.addHandler(keep)
    yield records
    logger.removeHandler(keep)
