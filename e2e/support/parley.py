"""Parley as anyone reaches it: tickets, sockets, the Python client and REST, for any person."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
from ulid import ULID

from e2e.support.deadlines import PATIENCE
from e2e.support.devices import Device, open_device
from e2e.support.sockets import Frame, Socket, open_socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    from e2e.support.people import Person
    from harness.outputs import Outputs
    from parley_client.policy import Policy

PAGE = 50
"""Messages asked for in one page."""

_TLS = httpx.create_ssl_context()
"""Made once for all tests: it reads every certificate authority of this world."""


class Parley:
    """The deployed stack's two public APIs."""

    def __init__(self, stack: Outputs, rest: httpx.AsyncClient) -> None:
        """Reach the stack, REST through the given client."""
        self._stack = stack
        self.rest = rest
        """The HTTP API; paths are relative to it, and each request names its person's authorization."""

    async def ticket(self, person: Person) -> str:
        """Ask for a ticket that opens one WebSocket."""
        response = await self.rest.post("/tickets", headers=person.authorization)
        assert response.status_code == 200, response.text
        return str(response.json()["ticket"])

    def socket_url(self, **query: str) -> str:
        """Give the WebSocket API's URL with a query."""
        return f"{self._stack.web_socket_url}?{urlencode(query)}" if query else self._stack.web_socket_url

    @property
    def management_url(self) -> str:
        """The @connections API of the WebSocket API's stage."""
        return "http" + self._stack.web_socket_url.removeprefix("ws")

    @asynccontextmanager
    async def socket(self, person: Person) -> AsyncIterator[Socket]:
        """Open a raw socket for a person, with a fresh ticket."""
        async with open_socket(self.socket_url(ticket=await self.ticket(person))) as socket:
            yield socket

    def device(
        self, person: Person, cursors: Mapping[str, int] | None = None, policy: Policy | None = None
    ) -> AbstractAsyncContextManager[Device]:
        """Run the Python client as a person, from the numbers it held when last closed; it is level then."""
        return open_device(self._stack, person, cursors, policy)

    async def direct_chat(self, person: Person, other: Person) -> str:
        """Open the direct chat of two people, who both have been here before; give its chat id."""
        await self.rest.get("/users/me", headers=other.authorization)
        response = await self.rest.post(
            "/chats", headers=person.authorization, json={"kind": "direct", "userId": other.user_id}
        )
        assert response.status_code in (200, 201), response.text
        return str(response.json()["chatId"])

    async def conversation(self, person: Person, other: Person, text: str) -> str:
        """Open the direct chat of two people with one message of the former's; give its chat id."""
        chat_id = await self.direct_chat(person, other)
        async with self.socket(person) as socket:
            assert (await socket.ask(send_message(chat_id, 0, text)))["type"] == "ack"
        return chat_id

    async def history(self, person: Person, chat_id: str) -> list[Frame]:
        """Read a whole chat over REST, page by page from its beginning."""
        messages: list[Frame] = []
        more = True
        while more:
            after = messages[-1]["seq"] if messages else 0
            page = await self.rest.get(
                f"/chats/{chat_id}/messages",
                headers=person.authorization,
                params={"after": after, "limit": PAGE},
            )
            assert page.status_code == 200, page.text
            messages += page.json()["messages"]
            more = page.json()["hasMore"]
        return messages


@asynccontextmanager
async def reach(stack: Outputs) -> AsyncIterator[Parley]:
    """Reach a deployed stack for as long as the block lasts."""
    async with httpx.AsyncClient(base_url=stack.http_api_url, timeout=PATIENCE, verify=_TLS) as rest:
        yield Parley(stack, rest)


def send_message(chat_id: str, after: int, *texts: str) -> Frame:
    """Make a sendMessage frame, each text with a new message id."""
    messages = [{"id": str(ULID()), "text": text} for text in texts]
    return {
        "action": "sendMessage",
        "requestId": str(ULID()),
        "chatId": chat_id,
        "after": after,
        "messages": messages,
    }


def get_messages(chat_id: str, **window: int) -> Frame:
    """Make a getMessages frame; the window is `after` or `before`, and `limit`."""
    return {"action": "getMessages", "requestId": str(ULID()), "chatId": chat_id, **window}


def sync(**cursors: int) -> Frame:
    """Make a sync frame from the highest sequence number held of each chat."""
    return {"action": "sync", "requestId": str(ULID()), "chats": cursors}


def get_users(prefix: str) -> Frame:
    """Make a getUsers frame."""
    return {"action": "getUsers", "requestId": str(ULID()), "q": prefix}


def ping() -> Frame:
    """Make a ping frame."""
    return {"action": "ping", "requestId": str(ULID())}
