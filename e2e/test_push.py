"""Notifications: who is away gets one a chat and send, encrypted; nobody else does, or is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from e2e.support.deadlines import eventually
from e2e.support.groups import open_group
from e2e.support.parley import send_message
from e2e.support.push_service import push_service, verified_claims

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.support.account import Account
    from e2e.support.parley import Parley
    from e2e.support.people import Person
    from e2e.support.push_service import Browser, PushService

pytestmark = pytest.mark.local_only("a push service on this machine is out of AWS's reach")

INTERNAL = (
    "https://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    "http://localhost:9001/",
    "https://10.0.0.1/",
    "https://evil.example.com/send/1",
    "https://fcm.googleapis.com.evil.example.com/send/1",
    "https://fcm.googleapis.com@evil.example.com/send/1",
    "http://fcm.googleapis.com/send/1",
)


@pytest.fixture(scope="module")
def service(account: Account) -> Iterator[PushService]:
    """Give a push service that the stack trusts."""
    with push_service(account) as service:
        yield service


async def write(parley: Parley, person: Person, chat_id: str, *texts: str, after: int = 0) -> None:
    """Have a person write."""
    body = {"after": after, "messages": send_message(chat_id, after, *texts)["messages"]}
    path = f"/chats/{chat_id}/messages"
    response = await parley.rest.post(path, headers=person.authorization, json=body)
    assert response.status_code == 200, response.text


async def subscribed(parley: Parley, service: PushService, person: Person) -> Browser:
    """Subscribe a new browser of a person's."""
    browser = service.browser()
    response = await browser.subscribe(parley, person)
    assert response.status_code == 200, response.text
    return browser


async def number(browser: Browser, chat_id: str) -> int:
    """Count what came of a chat."""
    return [browser.read(pushed)["chatId"] for pushed in await browser.pushed()].count(chat_id)


async def test_member_who_is_away_gets_one_notification_a_chat_and_send(
    parley: Parley, service: PushService, alice: Person, bob: Person
) -> None:
    """Several messages of a send are one: signed, encrypted, without text, collapsed by its topic."""
    chat_id = await parley.direct_chat(alice, bob)
    browser = await subscribed(parley, service, bob)
    await write(parley, alice, chat_id, "one secret", "another")
    await eventually(browser.pushed)
    await write(parley, alice, chat_id, "third", after=2)
    pushed = await eventually(browser.pushed, lambda seen: len(seen) == 2)
    assert [browser.read(each) for each in pushed] == [
        {"chatId": chat_id, "seq": seq, "senderId": alice.user_id, "senderName": alice.username}
        for seq in (2, 3)
    ]
    assert len({each.headers["topic"] for each in pushed}) == 1
    assert pushed[0].headers["content-encoding"] == "aes128gcm"
    key = await parley.rest.get("/push-key", headers=bob.authorization)
    assert verified_claims(pushed[0], key.json()["key"])["aud"] == service.origin


async def test_who_is_online_mutes_the_chat_blocks_or_wrote_is_not_notified(
    parley: Parley, service: PushService, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    """Of a group only carol is, who comes last by name and is away."""
    room = await open_group(parley, alice, bob, carol, mallory)
    browsers = {who.user_id: await subscribed(parley, service, who) for who in (alice, bob, carol, mallory)}
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert (await room.mute(bob, until)).status_code == 200
    async with parley.socket(mallory) as socket:
        await write(parley, alice, room.chat_id, "hello")
        await socket.first(lambda frame: frame.get("type") == "message")
        await eventually(browsers[carol.user_id].pushed)
    blocked = await parley.rest.put(f"/users/me/blocks/{alice.user_id}", headers=mallory.authorization)
    assert blocked.status_code == 200
    await write(parley, alice, room.chat_id, "hello again", after=1)
    await eventually(lambda: number(browsers[carol.user_id], room.chat_id), lambda count: count == 2)
    for who in (alice, bob, mallory):
        assert await browsers[who.user_id].pushed() == []


async def test_gone_subscription_is_forgotten(
    parley: Parley, service: PushService, account: Account, alice: Person, bob: Person
) -> None:
    """Of two browsers the one that is gone is asked once, and the other goes on being notified."""
    chat_id = await parley.direct_chat(alice, bob)
    gone, other = [await subscribed(parley, service, bob) for _ in range(2)]
    service.gone.add(gone.path)

    async def kept() -> int:
        item = account.dynamodb.get_item(
            TableName=account.table("Users"), Key={"userId": {"S": bob.user_id}}, ConsistentRead=True
        )["Item"]
        return len(item["pushSubscriptions"]["M"])

    await write(parley, alice, chat_id, "one")
    await eventually(kept, lambda count: count == 1)
    await write(parley, alice, chat_id, "two", after=1)
    await eventually(other.pushed, lambda seen: len(seen) == 2)
    assert len(await gone.pushed()) == 1


async def test_browser_that_is_unsubscribed_or_signed_out_is_not_notified(
    parley: Parley, service: PushService, alice: Person, bob: Person, carol: Person
) -> None:
    """By its id, and with everything else by signing out everywhere."""
    room = await open_group(parley, alice, bob, carol)
    one, other = [await subscribed(parley, service, bob) for _ in range(2)]
    again = await one.subscribe(parley, bob)
    path = f"/users/me/push-subscriptions/{again.json()['subscriptionId']}"
    assert (await parley.rest.delete(path, headers=bob.authorization)).status_code == 200
    last = await subscribed(parley, service, carol)
    await parley.rest.post("/sign-out", headers=carol.authorization, json={"everywhere": True})
    await write(parley, alice, room.chat_id, "one")
    await eventually(other.pushed)
    assert (await one.pushed(), await last.pushed()) == ([], [])


@pytest.mark.parametrize("endpoint", INTERNAL)
async def test_foreign_or_internal_endpoint_is_refused(
    parley: Parley, service: PushService, bob: Person, endpoint: str
) -> None:
    """The stack calls only who it trusts."""
    body = {**service.browser().subscription, "endpoint": endpoint}
    response = await parley.rest.put("/users/me/push-subscriptions", headers=bob.authorization, json=body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("push_service_refused", "bad_request")


async def test_more_browsers_than_the_limit_are_refused(
    parley: Parley, service: PushService, bob: Person
) -> None:
    """The sixth; an earlier one may be subscribed again."""
    first = await subscribed(parley, service, bob)
    for _ in range(4):
        await subscribed(parley, service, bob)
    refused = await service.browser().subscribe(parley, bob)
    assert refused.json()["error"]["code"] == "too_many_subscriptions"
    assert (await first.subscribe(parley, bob)).status_code == 200
