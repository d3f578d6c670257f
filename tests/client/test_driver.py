"""The asyncio driver over real sockets: sends, receives, reconnects, renews, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from parley_client import (
    AuthenticationFailed,
    CaughtUp,
    ChatClient,
    ChatUpdated,
    ClientClosed,
    ConnectionChanged,
    ConnectionState,
    Endpoints,
    Event,
    MessageChanged,
    MessageReceived,
    NotReachable,
    Policy,
    ReceiptReceived,
    RequestRefused,
    SendRefused,
    Snapshot,
    TooManyRequests,
)
from tests.client.fake_service import CHAT, FakeService, access_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

QUICK = Policy(reconnect_base=0.02, reconnect_cap=0.05, retry_base=0.01, gap_patience=0.02, request_timeout=2)
PATIENCE = 20.0


def tokens(user: str, lifetime: float = 3600) -> Callable[[], Awaitable[str]]:
    """Return a source of one user's access tokens."""

    async def give() -> str:
        return access_token(user, lifetime)

    return give


def client_of(service: FakeService, user: str, **options: object) -> ChatClient:
    """Return a client of a user, quick to retry."""
    return ChatClient(endpoints=service.endpoints, tokens=tokens(user), policy=QUICK, **options)  # type: ignore[arg-type]


async def texts(client: ChatClient, count: int) -> list[str]:
    """Return the texts of the next messages."""
    found: list[str] = []
    async with asyncio.timeout(PATIENCE):
        async for event in client.events():
            if isinstance(event, MessageReceived):
                found.append(event.message.text)
                if len(found) == count:
                    break
    return found


async def first(client: ChatClient, wanted: Callable[[Event], bool]) -> Event:
    """Return the next event that is wanted."""
    async with asyncio.timeout(PATIENCE):
        async for event in client.events():
            if wanted(event):
                return event
    raise AssertionError("the client was closed")


def is_state(state: ConnectionState) -> Callable[[Event], bool]:
    """Return whether an event is a change to a state."""
    return lambda event: isinstance(event, ConnectionChanged) and event.state is state


async def test_send_between_two_clients_reaches_both_in_one_order(service: FakeService) -> None:
    """A send returns the durable message, and both views hold all messages in the same order."""
    async with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        sent = [await ann.send(CHAT, "one"), await bob.send(CHAT, "two"), await ann.send(CHAT, "three")]
        assert [message.seq for message in sent] == [1, 2, 3]
        assert sent[1].sender_id == "bob"
        assert await texts(ann, 3) == await texts(bob, 3) == ["one", "two", "three"]


async def test_sends_at_once_keep_their_order(service: FakeService) -> None:
    """Messages sent without waiting get numbers in the order in which they were sent."""
    async with client_of(service, "ann") as ann:
        sent = await asyncio.gather(*(ann.send(CHAT, f"message {number}") for number in range(60)))
        assert [message.seq for message in sent] == list(range(1, 61))


async def test_connection_broken_mid_stream_loses_nothing(service: FakeService) -> None:
    """Clients whose sockets die reconnect, and every message arrives once, in order."""
    async with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        sending = asyncio.gather(*(ann.send(CHAT, str(number)) for number in range(40)))
        for _ in range(3):
            await texts(bob, 2)
            ann.drop()
            bob.drop()
        await sending
        assert await texts(bob, 34) == [str(number) for number in range(6, 40)]
        assert service.accepted > 2


async def test_connection_near_its_end_is_replaced_without_a_break(service: FakeService) -> None:
    """A token that ends soon brings a second connection, then the first is closed; all the while online."""
    client = ChatClient(endpoints=service.endpoints, tokens=tokens("ann", lifetime=1), policy=QUICK)
    async with client, asyncio.timeout(PATIENCE):
        while service.accepted < 2 or len(service.connections) > 1:
            await client.history(CHAT)
        assert client.state is ConnectionState.ONLINE
        assert (await client.send(CHAT, "still here")).text == "still here"
    states = [event.state async for event in client.events() if isinstance(event, ConnectionChanged)]
    assert states == [ConnectionState.CONNECTING, ConnectionState.ONLINE, ConnectionState.OFFLINE]


async def test_snapshot_of_an_offline_client_is_sent_by_the_next(service: FakeService) -> None:
    """What was written offline is in the snapshot and reaches the chat when a later client takes it up."""
    nowhere = Endpoints(websocket_url="ws://127.0.0.1:1/", http_api_url="http://127.0.0.1:1/")
    async with ChatClient(endpoints=nowhere, tokens=tokens("ann"), policy=QUICK, wait=False) as offline:
        offline.enqueue(CHAT, "written offline")
        offline.enqueue(CHAT, "and this")
    async with client_of(service, "ann", snapshot=offline.snapshot()) as online:
        assert await texts(online, 2) == ["written offline", "and this"]
        assert online.snapshot() == Snapshot(cursors={CHAT: 2})


async def test_snapshot_counts_only_what_was_handed_out(service: FakeService) -> None:
    """A message that the application has not seen yet is received again after a restart."""
    async with client_of(service, "ann") as ann:
        for text in ("one", "two", "three"):
            await ann.send(CHAT, text)
        assert await texts(ann, 1) == ["one"]
        snapshot = ann.snapshot()
    assert snapshot.cursors == {CHAT: 1}
    async with client_of(service, "ann", snapshot=snapshot) as again:
        assert await texts(again, 2) == ["two", "three"]


async def test_client_returning_after_absence_gets_everything_in_order(service: FakeService) -> None:
    """Many pages are fetched before anything newer is shown, and CaughtUp follows them."""
    async with client_of(service, "ann") as ann:
        for number in range(20):
            await ann.send(CHAT, str(number))
    async with client_of(service, "bob", cursors={CHAT: 5}) as bob:
        seen = []
        async with asyncio.timeout(PATIENCE):
            async for event in bob.events():
                if isinstance(event, MessageReceived):
                    seen.append(event.message.text)
                elif isinstance(event, CaughtUp):
                    break
        assert seen == [str(number) for number in range(5, 20)]


async def test_token_refused_raises_authentication_failed(service: FakeService) -> None:
    """A client whose token is not accepted cannot be entered."""
    service.refused_tokens.add(access_token("ann"))
    fixed = access_token("ann")
    service.refused_tokens.add(fixed)

    async def give() -> str:
        return fixed

    with pytest.raises(AuthenticationFailed, match="sign in again"):
        async with ChatClient(endpoints=service.endpoints, tokens=give, policy=QUICK):
            pytest.fail("entered")


async def test_nothing_listening_raises_not_reachable() -> None:
    """A client without a service cannot be entered when it is to wait."""
    nowhere = Endpoints(websocket_url="ws://127.0.0.1:1/", http_api_url="http://127.0.0.1:1/")
    with pytest.raises(NotReachable, match="does not answer"):
        async with ChatClient(endpoints=nowhere, tokens=tokens("ann"), policy=QUICK):
            pytest.fail("entered")


async def test_send_refused_raises_its_code(service: FakeService) -> None:
    """A message that the service refuses is not kept, and the caller learns why."""
    service.refuse_sends = "unknown_chat"
    async with client_of(service, "ann") as ann:
        with pytest.raises(SendRefused) as refused:
            await ann.send(CHAT, "hi")
        assert (refused.value.code, refused.value.definite) == ("unknown_chat", True)
        assert ann.snapshot().outbox == ()


@pytest.mark.parametrize("text", ["", "x" * 4_097])
async def test_text_out_of_bounds_is_refused_before_it_is_sent(service: FakeService, text: str) -> None:
    """An empty or too long text never reaches the outbox."""
    async with client_of(service, "ann") as ann:
        with pytest.raises(ValueError, match="1 to 4096 characters"):
            ann.enqueue(CHAT, text)


async def test_queries_are_answered_or_refused(service: FakeService) -> None:
    """History and users come over the socket; a refusal carries its code."""
    async with client_of(service, "ann") as ann:
        for text in ("one", "two", "three"):
            await ann.send(CHAT, text)
        page = await ann.history(CHAT, before=3, limit=1)
        assert ([message.text for message in page.messages], page.has_more) == (["two"], True)
        assert [user.username for user in await ann.users("bo")] == ["bob"]
        with pytest.raises(RequestRefused, match="unknown_chat"):
            await ann.history("dm:bob:cleo")
        assert (await ann.create_direct_chat("bob")).chat_id == CHAT
        with pytest.raises(RequestRefused, match="unknown_user"):
            await ann.create_direct_chat("nobody")


async def test_change_is_returned_told_and_kept_in_the_snapshot_once_handed_out(
    service: FakeService,
) -> None:
    """An edit returns its change; one that the application has not seen comes again after a restart."""
    async with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        sent = await ann.send(CHAT, "helo", mentions=["bob"])
        await texts(bob, 1)
        change = await ann.edit(CHAT, sent.seq, "hello")
        assert (change.number, change.message and change.message.text) == (1, "hello")
        told = await first(bob, lambda event: isinstance(event, MessageChanged))
        assert isinstance(told, MessageChanged)
        assert told.change == change
        assert bob.snapshot().changes == {CHAT: 1}
        reaction = await bob.react(CHAT, sent.seq, "👍")
        async with asyncio.timeout(PATIENCE):
            while (view := ann.chat(CHAT)) is None or view.last_change < 2:
                await ann.history(CHAT)
        assert view.messages[-1] == reaction.message
        snapshot = ann.snapshot()
        assert (snapshot.cursors, snapshot.changes) == ({CHAT: 0}, {CHAT: 0})
        with pytest.raises(RequestRefused, match="not_permitted"):
            await bob.delete(CHAT, sent.seq)


async def test_receipts_are_told_to_the_other_and_counted_on_every_device(service: FakeService) -> None:
    """Reading on one device moves the count on the other, and the sender learns of it."""
    async with (
        client_of(service, "ann") as ann,
        client_of(service, "bob") as phone,
        client_of(service, "bob") as laptop,
    ):
        for text in ("one", "two"):
            await ann.send(CHAT, text)
        await texts(phone, 2)
        await texts(laptop, 2)
        phone.mark_read(CHAT, 1)
        receipt = await first(ann, lambda event: isinstance(event, ReceiptReceived))
        assert isinstance(receipt, ReceiptReceived)
        assert (receipt.user_id, receipt.read_seq) == ("bob", 1)
        await first(laptop, lambda event: isinstance(event, ReceiptReceived))
        view = laptop.chat(CHAT)
        assert view is not None
        assert (view.unread, view.read_seq) == (1, 1)


async def test_mute_is_told_on_every_device(service: FakeService) -> None:
    """What one device mutes is muted on the other, while both are connected."""
    until = datetime(2126, 11, 21, tzinfo=UTC)
    async with client_of(service, "bob") as phone, client_of(service, "bob") as laptop:
        await first(laptop, lambda event: isinstance(event, CaughtUp))
        await phone.api.mute(CHAT, until)
        updated = await first(laptop, lambda event: isinstance(event, ChatUpdated))
        assert isinstance(updated, ChatUpdated)
        assert (updated.chat.chat_id, updated.chat.muted_until) == (CHAT, until)


async def test_limit_on_tickets_is_waited_out(service: FakeService) -> None:
    """A connection that the service refuses for a while is opened when that is over, not before."""
    service.limited_tickets = 1
    loop = asyncio.get_running_loop()
    started = loop.time()
    client = ChatClient(endpoints=service.endpoints, tokens=tokens("ann"), policy=QUICK, wait=False)
    async with client:
        await first(client, is_state(ConnectionState.ONLINE))
        assert loop.time() - started >= 0.3
        service.limited_tickets = 1
        with pytest.raises(TooManyRequests) as limited:
            await client.api.create_ticket()
        assert limited.value.retry_after == 0.3


async def test_connect_that_is_throttled_keeps_its_ticket(service: FakeService) -> None:
    """HTTP 429 comes before the ticket is spent, so further attempts ask for no other."""
    service.throttled_connects = 3
    async with client_of(service, "ann", wait=False) as ann:
        await first(ann, is_state(ConnectionState.ONLINE))
    assert service.http_requests.count(("POST", "/tickets")) == 1


async def test_query_while_offline_fails_in_time(service: FakeService) -> None:
    """A query that nobody answers ends as not reachable."""
    nowhere = Endpoints(websocket_url="ws://127.0.0.1:1/", http_api_url="http://127.0.0.1:1/")
    policy = Policy(request_timeout=0.05)
    async with ChatClient(endpoints=nowhere, tokens=tokens("ann"), policy=policy, wait=False) as offline:
        with pytest.raises(NotReachable, match="in time"):
            await offline.history(CHAT)
    assert service.accepted == 0


async def test_close_leaves_no_task_and_releases_who_waits(service: FakeService) -> None:
    """After the exit nothing of the client runs, and a pending send is told."""
    before = asyncio.all_tasks()
    async with client_of(service, "ann") as ann:
        service.refuse_sends = "internal"
        ann.drop()
        pending = asyncio.ensure_future(ann.send(CHAT, "not acked"))
        await first(ann, is_state(ConnectionState.RECONNECTING))
        await ann.close()
        with pytest.raises(ClientClosed):
            await pending
    assert [entry.text for entry in ann.snapshot().outbox] == ["not acked"]
    assert not [task for task in asyncio.all_tasks() - before if "Runner" in repr(task.get_coro())]
    with pytest.raises(ClientClosed):
        ann.enqueue(CHAT, "too late")


async def test_probe_after_a_refusal_tries_again(service: FakeService) -> None:
    """Once signed in again, a probe brings a refused client online."""
    good, bad = access_token("ann"), access_token("ann", lifetime=7200)
    service.refused_tokens.add(bad)
    current = [bad]

    async def give() -> str:
        return current[0]

    async with ChatClient(endpoints=service.endpoints, tokens=give, policy=QUICK, wait=False) as ann:
        await first(ann, is_state(ConnectionState.REFUSED))
        current[0] = good
        ann.probe()
        await first(ann, is_state(ConnectionState.ONLINE))
