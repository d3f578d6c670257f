"""The stack's tables, written straight: users, tickets, chats and messages, as the handlers write them.

The way through the HTTP API is closed on bare MiniStack: it gives functions ``"pathParameters": null``, where
AWS leaves the key out, and the handlers refuse what AWS would not send. So neither emulator is asked by it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from ulid import ULID

from harness.outputs import stack_outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient

    from bench.deployment import Deployment

    Item = dict[str, Any]

TEXT: Final = "A message as long as most people's messages are in a chat."
_BATCH: Final = 25
_WRITERS: Final = 4
_HOUR: Final = 3600
_NOW: Final = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables' names, and DynamoDB to write them with."""

    dynamodb: DynamoDBClient
    users: str
    tickets: str
    chats: str
    messages: str
    connections: str

    @classmethod
    def of(cls, deployment: Deployment) -> Tables:
        """The tables of a deployment."""
        session = deployment.target.session()
        url = deployment.target.endpoint_url
        cloudformation = session.client("cloudformation", endpoint_url=url)
        data = cloudformation.describe_stack_resource(
            StackName=deployment.stack_name, LogicalResourceId="Data"
        )
        names = stack_outputs(deployment.target, data["StackResourceDetail"]["PhysicalResourceId"])
        config = Config(parameter_validation=False, max_pool_connections=_WRITERS)
        return cls(
            session.client("dynamodb", endpoint_url=url, config=config),
            users=names["UsersTable"],
            tickets=names["TicketsTable"],
            chats=names["ChatsTable"],
            messages=names["MessagesTable"],
            connections=names["ConnectionsTable"],
        )

    def add_users(self, number: int) -> list[str]:
        """Make so many users; gives their ids."""
        user_ids = [str(uuid.uuid4()) for _ in range(number)]
        self._write(self.users, ({"userId": {"S": id_}, **_names(f"bench-{id_}")} for id_ in user_ids))
        return user_ids

    def add_tickets(self, user_ids: Iterable[str]) -> list[str]:
        """Make a ticket for each, good for an hour; gives the tickets."""
        tickets = {secrets.token_urlsafe(): user_id for user_id in user_ids}
        now = int(time.time())
        begins, ends = {"N": str(now)}, {"N": str(now + _HOUR)}
        self._write(
            self.tickets,
            (
                {
                    "ticket": {"S": hashlib.sha256(ticket.encode()).hexdigest()},
                    "userId": {"S": user_id},
                    "username": {"S": f"bench-{user_id}"},
                    "tokenExpiresAt": ends,
                    "tokenIssuedAt": begins,
                    "expiresAt": ends,
                }
                for ticket, user_id in tickets.items()
            ),
        )
        return list(tickets)

    def add_direct_chats(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        """Make the direct chat of each two users; gives each pair's chat."""
        chats = [f"dm:{min(pair)}:{max(pair)}" for pair in pairs]
        members = dict(zip(chats, pairs, strict=True))
        self._write(self.chats, (item for chat, pair in members.items() for item in _chat(chat, pair)))
        return chats

    def fill_chat(self, chat_id: str, sender_id: str, number: int) -> None:
        """Fill an empty chat with messages 1 to ``number``."""
        self._write(
            self.messages,
            (
                {
                    "chatId": {"S": chat_id},
                    "seq": {"N": str(seq)},
                    "id": {"S": str(ULID())},
                    "senderId": {"S": sender_id},
                    "sentAt": {"S": _NOW},
                    "body": {"S": TEXT},
                }
                for seq in range(1, number + 1)
            ),
        )

    def connection(self, user_id: str) -> tuple[str, Mapping[str, Any]]:
        """The id of a user's one open connection, and its entry as `connect` wrote it."""
        item = self.dynamodb.get_item(
            TableName=self.connections, Key={"userId": {"S": user_id}}, ConsistentRead=True
        )["Item"]
        ((connection_id, entry),) = ((name, value["M"]) for name, value in item.items() if "M" in value)
        return connection_id, entry

    def _write(self, table: str, items: Iterable[Item]) -> None:
        def write(batch: Iterable[Item]) -> None:
            left: Any = {table: [{"PutRequest": {"Item": item}} for item in batch]}
            while left:
                left = self.dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]

        with ThreadPoolExecutor(_WRITERS) as pool:
            for _ in pool.map(write, _batches(items)):
                pass


def _names(username: str) -> Item:
    return {
        "username": {"S": username},
        "usernameLower": {"S": username},
        "usernamePrefix": {"S": username[:2]},
        "createdAt": {"S": _NOW},
    }


def _chat(chat_id: str, members: tuple[str, str]) -> Iterator[Item]:
    key = {"chatId": {"S": chat_id}}
    yield {**key, "sk": {"S": "META"}, "kind": {"S": "direct"}, "createdAt": {"S": _NOW}}
    for user_id in members:
        yield {**key, "sk": {"S": f"MEMBER#{user_id}"}, "userId": {"S": user_id}}


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
