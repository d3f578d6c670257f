"""Presence: who is online, from connections that are open, told to those alone who share a chat."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ulid import ULID

from e2e.support.deadlines import eventually
from e2e.support.groups import open_channel, open_group
from e2e.support.parley import ping
from e2e.support.receipts import get_presence

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame, Socket


async def presence(parley: Parley, person: Person, chat_id: str) -> list[Frame]:
    """Ask over HTTP who of a chat's other members is online."""
    response = await parley.rest.get(f"/chats/{chat_id}/presence", headers=person.authorization)
    assert response.status_code == 200, response.text
    assert response.json()["chatId"] == chat_id
    return list(response.json()["users"])


async def test_member_is_online_while_a_connection_of_theirs_is_open(
    parley: Parley, alice: Person, bob: Person
) -> None:
    """Bob is online with his first connection and with his last, and away after it; both APIs say so."""
    chat_id = await parley.direct_chat(alice, bob)
    online, away = {"userId": bob.user_id, "online": True}, {"userId": bob.user_id, "online": False}
    assert await presence(parley, alice, chat_id) == [away]
    async with parley.socket(alice) as hers:
        async with parley.socket(bob):
            async with parley.socket(bob):
                assert await presence(parley, alice, chat_id) == [online]
            assert (await hers.ask(get_presence(chat_id)))["users"] == [online]
        left = await eventually(lambda: presence(parley, alice, chat_id), lambda seen: not seen[0]["online"])
        assert (await hers.ask(get_presence(chat_id)))["users"][0]["online"] is False
    assert left[0]["userId"] == bob.user_id


def news(socket: Socket) -> list[tuple[str, bool]]:
    """Give what was pushed to a socket about others' presence: of whom, and whether they are online."""
    pushed = (f for f in socket.frames if f["type"] == "presence" and "requestId" not in f)
    return [(user["userId"], user["online"]) for frame in pushed for user in frame["users"]]


async def test_coming_and_leaving_is_told_to_who_shares_a_direct_chat(
    parley: Parley, alice: Person, bob: Person, carol: Person
) -> None:
    """Alice hears when bob comes and, some seconds later, that he has left and when; carol hears nothing."""
    chat_id = await parley.direct_chat(alice, bob)
    await parley.direct_chat(alice, carol)
    async with parley.socket(alice) as hers, parley.socket(carol) as strangers:
        await hers.until(lambda seen: news(seen) == [(carol.user_id, True)])
        async with parley.socket(bob) as his:
            await hers.until(lambda seen: (bob.user_id, True) in news(seen))
            assert (await his.ask(ping()))["type"] == "pong"
        await hers.until(lambda seen: (bob.user_id, False) in news(seen))
        (left,) = [f for f in hers.frames if f["type"] == "presence" and not f["users"][0]["online"]]
        assert left["chatId"] == chat_id
        assert (await presence(parley, alice, chat_id))[0]["lastSeen"] == left["users"][0]["lastSeen"]
        await strangers.ask(ping())
        assert {user_id for user_id, _ in news(strangers)} <= {alice.user_id}


async def test_return_within_seconds_is_told_to_nobody(parley: Parley, alice: Person, bob: Person) -> None:
    """Bob's connection drops and is back at once: alice hears that he came, and in the end that he left."""
    await parley.direct_chat(alice, bob)
    async with parley.socket(alice) as hers:
        async with parley.socket(bob):
            await hers.until(lambda seen: news(seen) == [(bob.user_id, True)])
        async with parley.socket(bob) as returned:
            assert (await returned.ask(ping()))["type"] == "pong"
        await hers.until(lambda seen: len(news(seen)) > 1)
        assert news(hers) == [(bob.user_id, True), (bob.user_id, False)]


async def test_blocked_user_sees_no_presence(parley: Parley, alice: Person, bob: Person) -> None:
    """To whom alice has blocked she looks like someone who never came; and nothing is pushed to him."""
    chat_id = await parley.direct_chat(alice, bob)
    blocked = await parley.rest.put(f"/users/me/blocks/{bob.user_id}", headers=alice.authorization)
    assert blocked.status_code == 200, blocked.text
    async with parley.socket(bob) as his, parley.socket(alice):
        assert await presence(parley, bob, chat_id) == [{"userId": alice.user_id, "online": False}]
        assert await presence(parley, alice, chat_id) == [{"userId": bob.user_id, "online": False}]
        await his.ask(ping())
        assert news(his) == []


async def test_stale_connection_does_not_count(
    parley: Parley, account: Account, alice: Person, bob: Person
) -> None:
    """A connection whose token has ended is no presence, though nobody has heard it close."""
    chat_id = await parley.direct_chat(alice, bob)
    account.dynamodb.update_item(
        TableName=account.table("Connections"),
        Key={"userId": {"S": bob.user_id}},
        UpdateExpression="SET #connection = :connection",
        ExpressionAttributeNames={"#connection": "Q9x7ydQ8IAMCFEA="},
        ExpressionAttributeValues={
            ":connection": {
                "M": {
                    "connectedAt": {"N": str(int(time.time() - 7_200) * 1_000)},
                    "expiresAt": {"N": str(int(time.time() - 1))},
                    "endpoint": {"S": parley.management_url},
                    "region": {"S": account.target.region},
                }
            }
        },
    )
    assert await presence(parley, alice, chat_id) == [{"userId": bob.user_id, "online": False}]


async def test_outsider_learns_of_nobodys_presence(
    parley: Parley, alice: Person, bob: Person, mallory: Person
) -> None:
    """Neither of a chat of others, nor by making up the id of a chat with bob."""
    chat_id = await parley.direct_chat(alice, bob)
    made_up = f"dm:{min(bob.user_id, mallory.user_id)}:{max(bob.user_id, mallory.user_id)}"
    async with parley.socket(bob), parley.socket(mallory) as outsider:
        for asked in (chat_id, made_up):
            refused = await outsider.ask(get_presence(asked))
            assert (refused["type"], refused["code"]) == ("error", "unknown_chat")
            response = await parley.rest.get(f"/chats/{asked}/presence", headers=mallory.authorization)
            assert response.status_code == 404, response.text


async def test_members_of_a_group_see_each_others_presence(
    parley: Parley, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    """Alice sees who of bob and carol is there; mallory sees nobody; in a channel nobody is shown."""
    group = await open_group(parley, alice, bob, carol)
    channel = await open_channel(parley, alice, f"News {ULID()}")
    assert (await channel.add(bob, bob)).status_code == 200
    async with parley.socket(bob):
        seen = await presence(parley, alice, group.chat_id)
        assert {user["userId"]: user["online"] for user in seen} == {bob.user_id: True, carol.user_id: False}
        assert await presence(parley, alice, channel.chat_id) == []
    refused = await parley.rest.get(f"/chats/{group.chat_id}/presence", headers=mallory.authorization)
    assert refused.status_code == 404
