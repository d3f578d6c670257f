"""Notifies who is away of what was written: unless they muted the chat, have read it or block the sender."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from chat import metrics
from chat.codec import encode
from chat.domain import timestamp
from chat.metrics import Metric
from chat.ports.notifications import NotSentError
from chat.protocol.notifications import Notification, PushTask
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.ports.chats import Members, Standing
    from chat.ports.clock import Clock
    from chat.ports.notifications import Notifications, Subscriptions
    from chat.ports.queue import Queue
    from chat.ports.users import Blocks, Users
    from chat.protocol.fan_out import Notice, Notify

TOPIC_BYTES = 24
"""Of a topic, which is 32 characters of base64url at most."""


class Notifier:
    """Finds out which browsers are to be notified, and leaves each to the push queue.

    So a push service that fails or dawdles delays the notifications of nobody else, and no frame at all.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        members: Members,
        blocks: Blocks,
        users: Users,
        queue: Queue,
        clock: Clock,
    ) -> None:
        """Notify those of the `members` who have `subscriptions`, by `queue`."""
        self._subscriptions = subscriptions
        self._members = members
        self._blocks = blocks
        self._users = users
        self._queue = queue
        self._clock = clock

    def __call__(self, task: Notify) -> None:
        """Notify those who have subscriptions and want to know. It may be repeated."""
        subscriptions = self._subscriptions.of_users(task.user_ids)
        wanting = self._wanting(task.notice, list(subscriptions))
        if not wanting:
            return
        sender = self._users.get_all([task.notice.sender_id]).get(task.notice.sender_id)
        if sender is None:  # the account was deleted meanwhile
            return
        notification = Notification(
            chat_id=task.notice.chat_id,
            seq=task.notice.seq,
            sender_id=sender.user_id,
            sender_name=sender.display_name or sender.username,
        )
        tasks = [
            PushTask(user_id=user_id, subscription=subscription, notification=notification)
            for user_id in wanting
            for subscription in subscriptions[user_id]
        ]
        each(self._queue.send, [encode(task) for task in tasks])

    def _wanting(self, notice: Notice, user_ids: Sequence[str]) -> list[str]:
        """Those of the users who are to be notified."""
        if not user_ids:
            return []
        standings = self._members.standings(notice.chat_id, user_ids)
        now = timestamp(self._clock.now())
        wanting = [user_id for user_id in user_ids if _wants(standings.get(user_id), notice, now)]
        if not wanting:
            return []
        blocked, blocked_by = self._blocks.among(notice.sender_id, wanting)
        return [user_id for user_id in wanting if user_id not in blocked and user_id not in blocked_by]


class SendNotification:
    """Sends one notification to one browser, and forgets a subscription that is gone."""

    def __init__(self, notifications: Notifications, subscriptions: Subscriptions) -> None:
        """Send by `notifications`, and forget in `subscriptions`."""
        self._notifications = notifications
        self._subscriptions = subscriptions

    def __call__(self, task: PushTask) -> None:
        """Send it.

        Raises:
            NotSentError: the push service may take it later; so the task returns to its queue.
        """
        topic = topic_of(task.user_id, task.notification.chat_id)
        try:
            sent = self._notifications.send(task.subscription, encode(task.notification), topic)
        except NotSentError:
            metrics.record(Metric.NOTIFICATIONS_FAILED)
            raise
        if sent:
            metrics.record(Metric.NOTIFICATIONS_SENT)
        else:
            self._subscriptions.remove(task.user_id, task.subscription.id)


def topic_of(user_id: str, chat_id: str) -> str:
    """One for each chat of a user, so that the newest notification takes the place of the one before.

    A push service cannot tell the chat by it, nor who else is in it.
    """
    digest = hashlib.sha256(f"{user_id}\n{chat_id}".encode()).digest()
    return urlsafe_b64encode(digest[:TOPIC_BYTES]).decode()


def _wants(standing: Standing | None, notice: Notice, now: str) -> bool:
    """Whether someone is a member, has not muted the chat, and sees a message that is unread."""
    if standing is None or (standing.muted_until is not None and standing.muted_until > now):
        return False
    marks = standing.watermarks
    return notice.seq > max(marks.read_seq, marks.visible_after)
