"""Makes the adapters, each once an environment, from the variables that name what they are of."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.adapters.blocks import BlocksTable
    from chat.adapters.changes import ChangesTable
    from chat.adapters.channels import ChannelsTable
    from chat.adapters.chats import ChatsTable
    from chat.adapters.connections import ConnectionsTable
    from chat.adapters.exports import ArchivesBucket, ExportsTable
    from chat.adapters.former_chats import FormerChatsTable
    from chat.adapters.media import MediaBucket
    from chat.adapters.members import MembersTable
    from chat.adapters.messages import MessagesTable
    from chat.adapters.presence import LastSeenTable
    from chat.adapters.queue import SqsQueue
    from chat.adapters.receipts import ReceiptsTable
    from chat.adapters.rotated_secrets import SecretsManager
    from chat.adapters.subscriptions import SubscriptionsTable
    from chat.adapters.users import UsersTable
    from chat.service.keyring import Keyring

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def chats() -> ChatsTable:
    """Chats and their members."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.chats import ChatsTable

    return ChatsTable(dynamodb(), os.environ["CHATS_TABLE"], os.environ.get("MESSAGES_TABLE", ""))


@cache
def channels() -> ChannelsTable:
    """Channels as anyone finds them."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.channels import ChannelsTable

    return ChannelsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def members() -> MembersTable:
    """The members of chats, page by page."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.members import MembersTable

    return MembersTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def messages() -> MessagesTable:
    """The logs of messages."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.messages import MessagesTable

    return MessagesTable(dynamodb(), os.environ["MESSAGES_TABLE"])


@cache
def changes() -> ChangesTable:
    """The logs of changes."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.changes import ChangesTable

    return ChangesTable(dynamodb(), os.environ["MESSAGES_TABLE"], os.environ["CHATS_TABLE"])


@cache
def receipts() -> ReceiptsTable:
    """How far members have got."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.receipts import ReceiptsTable

    return ReceiptsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def former_chats() -> FormerChatsTable:
    """The chats that users have left."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.former_chats import FormerChatsTable

    return FormerChatsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def users() -> UsersTable:
    """Profiles."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.users import UsersTable

    return UsersTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def blocks() -> BlocksTable:
    """Who has blocked whom."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.blocks import BlocksTable

    return BlocksTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def last_seen() -> LastSeenTable:
    """When users were last online."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.presence import LastSeenTable

    return LastSeenTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def subscriptions() -> SubscriptionsTable:
    """The browsers that are notified."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.subscriptions import SubscriptionsTable

    return SubscriptionsTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def connections() -> ConnectionsTable:
    """Who is connected."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.connections import ConnectionsTable

    return ConnectionsTable(dynamodb(), os.environ["CONNECTIONS_TABLE"])


@cache
def exports() -> ExportsTable:
    """Which archives users have asked for."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.exports import ExportsTable

    return ExportsTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def archives() -> ArchivesBucket:
    """The archives."""
    from chat.adapters.exports import ArchivesBucket
    from chat.adapters.sdk import s3

    return ArchivesBucket(s3(), os.environ["EXPORTS_BUCKET"])


@cache
def media() -> MediaBucket:
    """The files."""
    from chat.adapters.media import MediaBucket
    from chat.adapters.sdk import s3

    return MediaBucket(s3(), os.environ["MEDIA_BUCKET"])


def queue(variable: str) -> SqsQueue:
    """The queue whose URL this variable holds."""
    from chat.adapters.aws import sqs
    from chat.adapters.queue import SqsQueue
    from chat.logging import request_id

    return SqsQueue(sqs(), os.environ[variable], request_id)


@cache
def fan_out_queue() -> SqsQueue:
    """The queue of what is posted to many."""
    from chat.adapters.aws import sqs
    from chat.adapters.queue import SqsQueue
    from chat.logging import request_id

    return SqsQueue(sqs(), os.environ["FAN_OUT_QUEUE_URL"], request_id)


@cache
def rotated_secrets() -> SecretsManager:
    """Secrets that change."""
    from chat.adapters.rotated_secrets import SecretsManager
    from chat.adapters.sdk import secrets_manager

    return SecretsManager(secrets_manager())


def keyring(variable: str) -> Keyring:
    """The versions of the secret whose ARN is in this variable."""
    from chat.adapters.clock import SystemClock
    from chat.service.keyring import Keyring

    return Keyring(rotated_secrets(), os.environ[variable], SystemClock())
