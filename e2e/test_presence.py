"""Presence: who is online, from connections that are open, told to those alone who share a chat."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ulid import ULID

from e2e.support.deadlines import eventually

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.sockets import Frame


def get_presence(chat_id: str) -> Frame:
    """Make a getPresence frame."""
    return {"action": "getPresence", "requestId": str(ULID()), "chatId": chat_id}


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
