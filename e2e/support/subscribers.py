"""A crowd: many users who are members of a channel, each with one open socket."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from e2e.support.sockets import Socket, open_socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person

    Item = dict[str, Any]

AT_ONCE = 25
"""Sockets that open side by side."""
OPENING_SECONDS = 600
"""How long tickets are good: a busy machine takes longer than their minute to open all sockets."""
_BATCH = 25


@asynccontextmanager
async def subscribers(
    parley: Parley, account: Account, member: Person, chat_id: str, count: int
) -> AsyncIterator[list[Socket]]:
    """Have so many new users be members of a channel and connected, as long as the block lasts.

    An operator writes their memberships and tickets, all like a member's: to sign a thousand users up and
    have them join would take minutes.
    """
    user_ids = [str(uuid4()) for _ in range(count)]
    own = _read(account, "Chats", {"chatId": {"S": chat_id}, "sk": {"S": f"MEMBER#{member.user_id}"}})
    memberships = ({**own, "sk": {"S": f"MEMBER#{id_}"}, "userId": {"S": id_}} for id_ in user_ids)
    _write(account, "Chats", memberships)
    tickets = _write_tickets(account, await parley.ticket(member), user_ids)
    slots = asyncio.Semaphore(AT_ONCE)

    async def connect(ticket: str) -> Socket:
        async with slots:
            return await opened.enter_async_context(open_socket(parley.socket_url(ticket=ticket)))

    async with AsyncExitStack() as opened:
        yield await asyncio.gather(*(connect(ticket) for ticket in tickets))


def _write_tickets(account: Account, example: str, user_ids: Sequence[str]) -> list[str]:
    """Write a ticket for each user, all else but its end as in the example; the tickets."""
    own = _read(account, "Tickets", {"ticket": {"S": _digest(example)}})
    own["expiresAt"] = {"N": str(int(time.time()) + OPENING_SECONDS)}
    tickets = [secrets.token_urlsafe() for _ in user_ids]
    _write(
        account,
        "Tickets",
        (
            {**own, "ticket": {"S": _digest(ticket)}, "userId": {"S": user_id}}
            for ticket, user_id in zip(tickets, user_ids, strict=True)
        ),
    )
    return tickets


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _read(account: Account, table: str, key: Item) -> Item:
    return account.dynamodb.get_item(TableName=account.table(table), Key=key, ConsistentRead=True)["Item"]


def _write(account: Account, table: str, items: Iterable[Item]) -> None:
    requests: list[Any] = [{"PutRequest": {"Item": item}} for item in items]
    name = account.table(table)
    for start in range(0, len(requests), _BATCH):
        left: Any = {name: requests[start : start + _BATCH]}
        while left:
            left = account.dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
