"""Deletes accounts: step by step through a queue, so that no fault on the way leaves one half deleted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, structs

from chat.changes import Decision, MessageVersion
from chat.domain import (
    CONNECTION_LIFETIME,
    CONNECTION_MARGIN,
    DIRECT,
    PAGE_LIMIT,
    Change,
    Message,
    kind_of,
    timestamp,
)
from chat.protocol.accounts import DeletionTask
from chat.protocol.http_account import Deletion
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.ports.accounts import Accounts, Archives
    from chat.ports.chats import Chats, FormerChats
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections, Push
    from chat.ports.messages import Messages
    from chat.ports.queue import Queue
    from chat.ports.users import Blocks, Users
    from chat.service.avatars import Avatars
    from chat.service.changes import ChangeLog
    from chat.service.media import Attachments

LOGGER = logging.getLogger("chat")
LEAVING_CHATS = 20
"""Chats that one step leaves, at most."""
SETTLING_SECONDS = 5
"""Until chats that were joined or left a moment ago are listed so."""


class RequestDeletion:
    """Takes the wish of users to be deleted."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        """Leave the work to `queue`."""
        self._queue = queue
        self._clock = clock

    def __call__(self, user_id: str) -> Deletion:
        """Have the account deleted. It may be asked for again."""
        self._queue.send(msgspec.json.encode(DeletionTask(user_id)))
        return Deletion(requested_at=timestamp(self._clock.now()))


class EndAccount:
    """Ends what a user signs in with, is known by and is connected through."""

    def __init__(
        self,
        users: Users,
        avatars: Avatars,
        accounts: Accounts,
        archives: Archives,
        connections: Connections,
        push: Push,
        clock: Clock,
    ) -> None:
        """End it in all of these."""
        self._users = users
        self._avatars = avatars
        self._accounts = accounts
        self._archives = archives
        self._connections = connections
        self._push = push
        self._clock = clock

    def __call__(self, user_id: str) -> None:
        """End it: no profile, no avatar, no ticket, no sign-in, no archive, no connection from now on."""
        now = int(self._clock.now())
        profile = self._users.get(user_id)
        self._avatars.forget(profile)
        if (last := self._users.delete(user_id, timestamp(now))) != profile:  # changed meanwhile
            self._avatars.forget(last)
        self._accounts.delete(user_id)
        self._archives.remove(user_id)
        keep_until = now + CONNECTION_LIFETIME + CONNECTION_MARGIN
        connections = self._connections.sign_out(user_id, now, keep_until)
        each(self._push.close, connections)
        if connections:
            self._connections.remove(user_id, [connection.id for connection in connections])


class EraseMessages:
    """Empties a user's messages in a chat, whether the user is still in it or not; devices learn by sync."""

    def __init__(self, messages: Messages, attachments: Attachments, log: ChangeLog, clock: Clock) -> None:
        """Change `messages` by `log`; `attachments` go with them."""
        self._messages = messages
        self._attachments = attachments
        self._log = log
        self._clock = clock

    def __call__(self, user_id: str, chat_id: str, after: int) -> int | None:
        """Empty the user's among the next hundred messages; the last one's number, None at the chat's end."""
        page = self._messages.after(chat_id, after, PAGE_LIMIT)
        for message in page.messages:
            if message.sender_id == user_id:
                self._erase(user_id, chat_id, message.seq)
        return page.messages[-1].seq if page.has_more and page.messages else None

    def _erase(self, user_id: str, chat_id: str, seq: int) -> None:
        def decide(number: int) -> Decision | None:
            was = self._messages.get(chat_id, seq)
            at = timestamp(self._clock.now())
            if was is None or was.deleted_at is not UNSET:
                return None
            self._attachments.forget(chat_id, was)
            message = Message(was.id, seq, user_id, was.sent_at, "", deleted_at=at, change=number)
            change = Change(number=number, by=user_id, at=at, message=message)
            return Decision(change, [MessageVersion(message, was)])

        self._log.record(chat_id, decide)


class DeleteAccount:
    """Carries out one step of a deletion, and enqueues the next.

    Every chat is written down as one to be erased before it is left. So what remains to be done stands in the
    tables whatever happens, and a step that is repeated finds less to do, or nothing.
    """

    def __init__(
        self,
        end: EndAccount,
        erase: EraseMessages,
        leave: Callable[[str, str], object],
        chats: Chats,
        former: FormerChats,
        blocks: Blocks,
        queue: Queue,
    ) -> None:
        """Wire the steps; `leave` ends a membership of a group or channel by their rules."""
        self._end = end
        self._erase = erase
        self._leave = leave
        self._chats = chats
        self._former = former
        self._blocks = blocks
        self._queue = queue

    def __call__(self, task: DeletionTask) -> None:
        """Carry out a step."""
        steps = {
            "end": self._end_account,
            "leave": self._leave_chats,
            "erase": self._erase_chat,
            "unblock": self._lift_blocks,
        }
        if (following := steps[task.step](task)) is not None:
            delay = SETTLING_SECONDS if task.step == "unblock" else 0
            self._queue.send(msgspec.json.encode(following), delay)

    def _end_account(self, task: DeletionTask) -> DeletionTask:
        self._end(task.user_id)
        return DeletionTask(task.user_id, "leave")

    def _leave_chats(self, task: DeletionTask) -> DeletionTask:
        page = self._chats.of_user(task.user_id, task.after or None, LEAVING_CHATS)
        for chat_id in page.chat_ids:
            self._former.add(task.user_id, chat_id)
            if kind_of(chat_id) == DIRECT:
                self._former.leave_direct(task.user_id, chat_id)
            else:
                self._leave(task.user_id, chat_id)
        if page.next is not None:
            return structs.replace(task, after=page.next)
        return DeletionTask(task.user_id, "erase")

    def _erase_chat(self, task: DeletionTask) -> DeletionTask:
        chat_id = task.chat_id or next(iter(self._former.of_user(task.user_id, None, 1)), None)
        if chat_id is None:
            return DeletionTask(task.user_id, "unblock")
        reached = self._erase(task.user_id, chat_id, task.seq)
        if reached is not None:
            return structs.replace(task, chat_id=chat_id, seq=reached)
        self._former.remove(task.user_id, chat_id)
        return DeletionTask(task.user_id, "erase")

    def _lift_blocks(self, task: DeletionTask) -> DeletionTask | None:
        page = self._blocks.of_user(task.user_id, None, PAGE_LIMIT)
        for other_id in page.user_ids:
            self._blocks.remove(task.user_id, other_id)
        if page.next is not None:
            return task
        if self._chats.of_user(task.user_id, None, 1).chat_ids:  # joined, or listed late, while this went on
            return DeletionTask(task.user_id, "leave")
        LOGGER.info("account_deleted", extra={"fields": {"userId": task.user_id}})
        return None
