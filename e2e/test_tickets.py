"""A WebSocket opens with a ticket: one time, for its owner, in its minute."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from e2e.support.deadlines import PATIENCE
from e2e.support.parley import get_messages, ping, send_message
from e2e.support.sockets import open_socket

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from harness.outputs import Outputs


async def refused(url: str) -> int:
    """Try to open a WebSocket that must not open; give the HTTP status of the refusal."""
    with pytest.raises(InvalidStatus) as refusal:
        async with open_socket(url):
            pass
    return refusal.value.response.status_code


async def test_connection_without_ticket_is_refused(parley: Parley) -> None:
    """No ticket: the authorizer is not even asked."""
    assert await refused(parley.socket_url()) == 401


@pytest.mark.parametrize("ticket", ["A" * 43, "x", "x" * 2000, "../../etc", "%00"])
async def test_connection_with_invented_ticket_is_refused(parley: Parley, ticket: str) -> None:
    """A ticket that nobody was given opens nothing."""
    assert await refused(parley.socket_url(ticket=ticket)) in (401, 403)


async def test_ticket_spent_is_refused(parley: Parley, alice: Person) -> None:
    """A ticket opens one connection; the second attempt is refused while the first stays open."""
    url = parley.socket_url(ticket=await parley.ticket(alice))
    async with open_socket(url) as socket:
        assert await refused(url) in (401, 403)
        assert (await socket.ask(ping()))["type"] == "pong"


async def test_page_of_the_site_connects(parley: Parley, alice: Person, stack: Outputs) -> None:
    """A browser that has opened the web site sends the site's origin along."""
    url = parley.socket_url(ticket=await parley.ticket(alice))
    async with connect(url, origin=Origin(stack.web_url), open_timeout=PATIENCE) as socket:
        await socket.send(json.dumps(ping()))
        assert json.loads(await socket.recv())["type"] == "pong"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_page_of_another_site_is_refused(parley: Parley, alice: Person, origin: str) -> None:
    """Even with a ticket that is good, which it does not spend."""
    url = parley.socket_url(ticket=await parley.ticket(alice))
    with pytest.raises(InvalidStatus) as refusal:
        await connect(url, origin=Origin(origin), open_timeout=PATIENCE)
    assert refusal.value.response.status_code == 403
    async with open_socket(url) as socket:
        assert (await socket.ask(ping()))["type"] == "pong"


async def test_ticket_raced_by_two_connections_opens_one(parley: Parley, alice: Person) -> None:
    """Of many connections that spend one ticket at the same moment exactly one opens."""
    url = parley.socket_url(ticket=await parley.ticket(alice))

    async def opens() -> bool:
        try:
            async with open_socket(url):
                return True
        except InvalidStatus:
            return False

    assert sum(await asyncio.gather(*(opens() for _ in range(5)))) == 1


async def test_ticket_expired_is_refused(parley: Parley, alice: Person, account: Account) -> None:
    """A ticket past its time opens nothing, though DynamoDB's TTL has not removed it yet."""
    ticket = await parley.ticket(alice)
    # The table knows tickets by digests only, so alice's is found by whose it is.
    (key,) = (
        {"ticket": item["ticket"]}
        for page in account.dynamodb.get_paginator("scan").paginate(TableName=account.table("Tickets"))
        for item in page["Items"]
        if item.get("userId") == {"S": alice.user_id}
    )
    account.dynamodb.update_item(
        TableName=account.table("Tickets"),
        Key=key,
        UpdateExpression="SET expiresAt = :past",
        ConditionExpression="attribute_exists(ticket)",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )
    assert await refused(parley.socket_url(ticket=ticket)) in (401, 403)


async def test_ticket_request_without_token_is_refused(parley: Parley) -> None:
    """Tickets are for who is signed in."""
    assert (await parley.rest.post("/tickets")).status_code == 401


async def test_identity_forged_in_the_query_is_ignored(
    parley: Parley, alice: Person, mallory: Person
) -> None:
    """Whoever's id stands in the query, the connection is the ticket owner's."""
    chat_id = await parley.direct_chat(mallory, alice)
    ticket = await parley.ticket(mallory)
    url = parley.socket_url(
        ticket=ticket, userId=alice.user_id, username=alice.username, principalId=alice.user_id
    )
    async with open_socket(url) as socket:
        await socket.ask(send_message(chat_id, 0, "who am I?"))
        history = await socket.ask(get_messages(chat_id, after=0, limit=10))
    assert [message["senderId"] for message in history["messages"]] == [mallory.user_id]


@pytest.mark.parametrize("forged", ["userId", "senderId", "sender", "username", "connectionId"])
async def test_identity_forged_in_a_frame_is_refused(
    parley: Parley, alice: Person, mallory: Person, forged: str
) -> None:
    """A frame has no field to say who sends it: one that tries is refused whole and stores nothing."""
    chat_id = await parley.direct_chat(mallory, alice)
    outer = send_message(chat_id, 0, "text") | {forged: alice.user_id}
    inner = send_message(chat_id, 0, "text")
    inner["messages"][0][forged] = alice.user_id
    async with parley.socket(mallory) as socket:
        answers = [await socket.ask(outer), await socket.ask(inner)]
    assert [answer["type"] for answer in answers] == ["error", "error"], answers
    assert await parley.history(alice, chat_id) == []


async def test_identity_forged_over_rest_is_not_believed(
    parley: Parley, alice: Person, mallory: Person
) -> None:
    """Who sends over REST is who the token names, whatever the body and the query say."""
    chat_id = await parley.direct_chat(mallory, alice)
    frame = send_message(chat_id, 0, "text")
    body = {"after": 0, "messages": frame["messages"]}
    path = f"/chats/{chat_id}/messages"
    forged = await parley.rest.post(
        path, headers=mallory.authorization, json=body | {"userId": alice.user_id}
    )
    assert forged.status_code == 400, forged.text
    assert await parley.history(alice, chat_id) == []
    sent = await parley.rest.post(
        path, headers=mallory.authorization, params={"userId": alice.user_id}, json=body
    )
    senders = [message["senderId"] for message in await parley.history(alice, chat_id)]
    assert senders == ([mallory.user_id] if sent.is_success else []), sent.text
