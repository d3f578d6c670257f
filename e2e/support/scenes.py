"""Scenes that put a function to the test, with nothing in them that its environments could remember."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from e2e.support.parley import send_message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    import httpx
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket

GONE = "Q9x7ydQ8IAMCFEA="
"""The id of a connection that is not there."""
MANY = 26
"""Connections: more than a request posts to."""


class Write(Protocol):
    """Has a person write a message, or these, after a number; gives the ack."""

    def __call__(
        self, scene: Scene, person: Person, after: int, messages: list[Frame] | None = None, /
    ) -> Awaitable[Frame]:
        """Write."""


@dataclass(frozen=True, slots=True)
class Brief:
    """An open connection whose token ends in a moment."""

    socket: Socket
    ends_at: int
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Two strangers who have just opened a chat with each other."""

    parley: Parley
    account: Account
    alice: Person
    bob: Person
    chat_id: str
    brief: list[Brief]
    """Spare connections."""
    patience: float
    """Seconds to wait for what leaves no trace where it does not happen."""

    async def rest(self, person: Person, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask the HTTP API as a person."""
        return await self.parley.rest.request(method, path, headers=person.authorization, json=body)

    async def write_by_rest(self, person: Person, after: int, messages: list[Frame] | None = None) -> Frame:
        """Have a person write a message, or these, after a number by the HTTP API; give the ack."""
        body = {"after": after, "messages": messages or send_message(self.chat_id, after, "text")["messages"]}
        response = await self.rest(person, "POST", f"/chats/{self.chat_id}/messages", body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def write_by_socket(self, person: Person, after: int, messages: list[Frame] | None = None) -> Frame:
        """Have a person write a message, or these, after a number by a socket; give the ack."""
        frame = send_message(self.chat_id, after, "text")
        answer = await self.ask(person, {**frame, "messages": messages or frame["messages"]})
        assert answer.get("type") == "ack", answer
        return answer

    async def ask(self, person: Person, frame: Frame) -> Frame:
        """Ask by a socket of a person's."""
        async with self.parley.socket(person) as socket:
            return await ask(socket, frame)

    @asynccontextmanager
    async def both_online(self) -> AsyncIterator[Socket]:
        """Have both connected; give bob's socket once he has heard that alice came, its frames forgotten."""
        async with self.parley.socket(self.bob) as socket, self.parley.socket(self.alice):
            await socket.first(lambda frame: frame["type"] == "presence")
            socket.frames.clear()
            yield socket

    async def end_tokens_of_connections(self, person: Person) -> None:
        """Let the tokens of a person's connections have ended, for those who look the connections up."""
        for connection_id in await self.account.connections(person.user_id):
            self._set(person, "#connection.expiresAt", connection_id, {"N": "1"})

    def leave_connections_behind(self, person: Person) -> None:
        """Register as many such connections as a request does not post to itself."""
        for number in range(MANY):
            self.leave_connection_behind(person, f"{number:x}{GONE}")

    def leave_connection_behind(self, person: Person, connection_id: str = GONE) -> None:
        """Register a connection of an hour ago, as if it had gone without a $disconnect."""
        connection: AttributeValueTypeDef = {
            "M": {
                "connectedAt": {"N": str(int(time.time() - 3_600) * 1_000)},
                "expiresAt": {"N": str(int(time.time() + 3_600))},
                "endpoint": {"S": self.parley.management_url},
                "region": {"S": self.account.target.region},
            }
        }
        self._set(person, "#connection", connection_id, connection)

    def _set(self, person: Person, path: str, connection_id: str, value: AttributeValueTypeDef) -> None:
        self.account.dynamodb.update_item(
            TableName=self.account.table("Connections"),
            Key={"userId": {"S": person.user_id}},
            UpdateExpression=f"SET {path} = :value",
            ExpressionAttributeNames={"#connection": connection_id},
            ExpressionAttributeValues={":value": value},
        )


async def ask(socket: Socket, frame: Frame) -> Frame:
    """Send a frame on a new socket; give its answer, or what API Gateway says in place of one."""
    await socket.send(frame)
    return await socket.first(lambda seen: seen.get("requestId") == frame["requestId"] or "type" not in seen)
