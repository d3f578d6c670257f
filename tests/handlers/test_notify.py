"""Who is notified of what was written, and that nobody is who does not want to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

from chat import metrics
from chat.domain import User, timestamp
from chat.ports.chats import Standing, Watermarks
from chat.ports.notifications import NotSentError
from chat.protocol.fan_out import Notice, Notify
from chat.protocol.notifications import Notification, PushTask
from chat.push import Subscription
from chat.service.deliver import Deliver
from chat.service.notify import Notifier, SendNotification, topic_of
from chat.service.post import Post
from tests.handlers.support.fakes.chats import FakeMembers
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.queue import FakeQueue
from tests.handlers.support.fakes.users import FakeBlocks, FakeUsers

if TYPE_CHECKING:
    from collections.abc import Sequence

CHAT = "g:01JD5ZCV7M3V8Q6N1T9RZK4W2E"
NOTICE = Notice(CHAT, 7, "ann")
KEY, AUTH = "B" + "A" * 86, "A" * 22


def browser(name: str) -> Subscription:
    """A subscription by its name."""
    return Subscription(f"https://push.example.com/{name}", KEY, AUTH)


class FakeSubscriptions:
    """The browsers of users."""

    def __init__(self, **browsers: list[Subscription]) -> None:
        self.browsers = browsers

    def add(self, user_id: str, subscription: Subscription, limit: int) -> bool:
        """Keep it, within the limit."""
        kept = self.browsers.setdefault(user_id, [])
        kept.append(subscription)
        return len(kept) <= limit

    def remove(self, user_id: str, subscription_id: str) -> None:
        """Forget it."""
        self.browsers[user_id] = [one for one in self.browsers[user_id] if one.id != subscription_id]

    def of_users(self, user_ids: Sequence[str]) -> dict[str, list[Subscription]]:
        """Those who have any."""
        return {user_id: self.browsers[user_id] for user_id in user_ids if self.browsers.get(user_id)}


@dataclass
class World:
    """A group of ann, ben and cat; ben has two browsers, and cat one."""

    members: FakeMembers = field(default_factory=lambda: FakeMembers("ann", "ben", "cat"))
    blocks: FakeBlocks = field(default_factory=FakeBlocks)
    queue: FakeQueue = field(default_factory=FakeQueue)
    users: FakeUsers = field(default_factory=lambda: FakeUsers(User("ann", "ann", "Ann of G.")))
    subscriptions: FakeSubscriptions = field(
        default_factory=lambda: FakeSubscriptions(ben=[browser("b1"), browser("b2")], cat=[browser("c1")])
    )

    def notify(self, *user_ids: str) -> list[str]:
        """Notify users; which browsers are left to the push queue."""
        notifier = Notifier(
            self.subscriptions, self.members, self.blocks, self.users, self.queue, FakeClock()
        )
        notifier(Notify(user_ids=user_ids, notice=NOTICE))
        return sorted(task.subscription.endpoint[-2:] for task in self.tasks())

    def tasks(self) -> list[PushTask]:
        """What the push queue holds."""
        return [msgspec.json.decode(message, type=PushTask) for message in self.queue.messages]

    def stands(self, user_id: str, *, read: int = 0, muted_until: str | None = None) -> None:
        """Let someone stand so in the chat."""
        standing = Standing(CHAT, "member", Watermarks(read, read, 0), muted_until)
        self.members.set_standings[user_id] = standing


def test_every_browser_of_who_is_away_gets_a_notification_without_text() -> None:
    """Where, which and by whom: a text could not be taken back when it is edited or deleted."""
    world = World()
    assert world.notify("ben", "cat") == ["b1", "b2", "c1"]
    notifications = {task.notification for task in world.tasks()}
    assert notifications == {Notification(chat_id=CHAT, seq=7, sender_id="ann", sender_name="Ann of G.")}


def test_who_has_no_browser_costs_one_look() -> None:
    """Most have none."""
    world = World()
    assert world.notify("dan") == []


@pytest.mark.parametrize(("until", "notified"), [(START + 1, False), (START - 1, True)])
def test_muted_chat_notifies_again_once_that_is_over(until: float, notified: bool) -> None:
    """To the millisecond."""
    world = World()
    world.stands("cat", muted_until=timestamp(until))
    assert world.notify("cat") == (["c1"] if notified else [])


@pytest.mark.parametrize(("read", "notified"), [(6, True), (7, False), (8, False)])
def test_message_that_was_read_meanwhile_notifies_nobody(read: int, notified: bool) -> None:
    """On another device, which has gone again."""
    world = World()
    world.stands("cat", read=read)
    assert world.notify("cat") == (["c1"] if notified else [])


@pytest.mark.parametrize("pair", [("ann", "cat"), ("cat", "ann")])
def test_neither_side_of_a_block_is_notified_of_the_other(pair: tuple[str, str]) -> None:
    """Though both stay in the groups that they share."""
    world = World()
    world.blocks.pairs.add(pair)
    assert world.notify("ben", "cat") == ["b1", "b2"]


def test_who_has_left_meanwhile_is_not_notified() -> None:
    """The chat is no concern of theirs."""
    world = World()
    world.members.user_ids.remove("cat")
    assert world.notify("cat") == []


def test_notification_of_a_sender_who_is_gone_is_dropped() -> None:
    """An account that was deleted has no name."""
    world = World()
    world.users.users.clear()
    assert world.notify("cat") == []


class FakeNotifications:
    """Push services that answer as set."""

    def __init__(self) -> None:
        self.is_there = True
        self.fault: Exception | None = None
        self.topics: list[str] = []

    def send(self, subscription: Subscription, content: bytes, topic: str) -> bool:
        """Answer so."""
        assert subscription.endpoint
        assert content
        if self.fault:
            raise self.fault
        self.topics.append(topic)
        return self.is_there


def push_task(user_id: str = "cat") -> PushTask:
    """A notification to cat's browser."""
    notification = Notification(chat_id=CHAT, seq=7, sender_id="ann", sender_name="Ann")
    return PushTask(user_id=user_id, subscription=browser("c1"), notification=notification)


def test_subscription_that_is_gone_is_forgotten_and_one_that_fails_is_not() -> None:
    """What fails returns to the queue."""
    world, notifications = World(), FakeNotifications()
    send = SendNotification(notifications, world.subscriptions)
    metrics.take()
    send(push_task())
    notifications.fault = NotSentError()
    with pytest.raises(NotSentError):
        send(push_task())
    assert world.subscriptions.browsers["cat"] == [browser("c1")]
    notifications.fault, notifications.is_there = None, False
    send(push_task())
    assert world.subscriptions.browsers["cat"] == []
    counted = metrics.take()
    assert (counted["NotificationsSent"], counted["NotificationsFailed"]) == (1, 1)


def test_topic_is_one_for_each_chat_of_each_user_and_fits_the_header() -> None:
    """So a push service cannot tell who shares a chat."""
    topics = {topic_of(user, chat) for user in ("ann", "ben") for chat in ("c:1", "c:2")}
    assert len(topics) == 4
    assert {len(topic) for topic in topics} == {32}


def deliver(*connections: str, gone: Sequence[str] = (), notice: Notice | None = NOTICE) -> list[Notify]:
    """Deliver to the group where some are connected; the tasks that notify."""
    queue = FakeQueue()
    connected = FakeConnections(*(connection(name, f"{name}-1") for name in connections))
    post = Post(connected, FakePush(*gone), FakeClock())
    Deliver(connected, post, queue).to_chat(CHAT, ["ann", "ben", "cat"], [b"1"], None, notice)
    return [msgspec.json.decode(message, type=Notify) for message in queue.messages]


def test_delivery_to_those_who_are_all_there_leaves_nothing_to_the_queue() -> None:
    """A send costs nothing more than without notifications."""
    assert deliver("ben", "cat") == []


def test_delivery_leaves_all_who_are_away_to_one_task() -> None:
    """Those whose last connection turns out to be gone among them, the sender never."""
    assert deliver("ben", gone=["ben-1"]) == [Notify(user_ids=["ben", "cat"], notice=NOTICE)]


def test_delivery_without_a_notice_notifies_nobody() -> None:
    """As that of receipts, typing and changes."""
    assert deliver(notice=None) == []
