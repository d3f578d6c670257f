"""Edits and deletes messages and reacts to them: through the change log, then to the chat's other devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType, structs

from chat.changes import Decision, MessageVersion, version_of
from chat.codec import encode
from chat.domain import DIRECT, Change, kind_of, timestamp
from chat.errors import ChatError
from chat.protocol.server_frames import Changed, ChangedBody
from chat.versions import deleted, edited, reacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.domain import Message, Role
    from chat.ports.changes import Changes
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages
    from chat.service.changes import ChangeLog
    from chat.service.deliver import Deliver
    from chat.service.media import Attachments
    from chat.service.membership import Admission, Membership

    Alter = Callable[[Message, Role, int, str], Message | None]
    """Gives a message's next version: the caller's role, the change's number, the time; None for the same."""


class ChangeMessage:
    """Lets members change what is in the chat already. Every change that is repeated has its effect once."""

    def __init__(
        self,
        membership: Membership,
        messages: Messages,
        changes: Changes,
        log: ChangeLog,
        deliver: Deliver,
        clock: Clock,
        attachments: Attachments,
    ) -> None:
        """Change `messages` by `log`, which writes to `changes`; `attachments` go with their messages."""
        self._attachments = attachments
        self._membership = membership
        self._messages = messages
        self._changes = changes
        self._log = log
        self._deliver = deliver
        self._clock = clock

    def edit(
        self, user_id: str, chat_id: str, seq: int, text: str, connection_id: str | None = None
    ) -> ChangedBody:
        """Give one's own message another text.

        Raises:
            ChatError: `unknown_chat`, `blocked`, `unknown_message`, `not_permitted`, `message_deleted` or
                `contention`.
        """

        def alter(message: Message, _role: Role, number: int, at: str) -> Message | None:
            return edited(message, user_id, text, number, at)

        return self._change(self._admit_writer, user_id, chat_id, seq, alter, connection_id)

    def delete(self, user_id: str, chat_id: str, seq: int, connection_id: str | None = None) -> ChangedBody:
        """Empty one's own message, or as an owner or admin of a group or channel anyone's.

        Raises:
            ChatError: `unknown_chat`, `unknown_message`, `not_permitted` or `contention`.
        """

        def alter(message: Message, role: Role, number: int, at: str) -> Message | None:
            version = deleted(message, user_id, role, number, at)
            if version is not None:
                self._attachments.forget(chat_id, message)
            return version

        return self._change(self._membership.enter, user_id, chat_id, seq, alter, connection_id)

    def react(
        self,
        user_id: str,
        chat_id: str,
        seq: int,
        emoji: str | UnsetType,
        connection_id: str | None = None,
    ) -> ChangedBody:
        """Set one's reaction to a message, UNSET: take it back.

        Raises:
            ChatError: `unknown_chat`, `blocked`, `unknown_message`, `message_deleted`,
                `too_many_reactions` or `contention`.
        """

        def alter(message: Message, _role: Role, number: int, _at: str) -> Message | None:
            return reacted(message, user_id, emoji, number)

        return self._change(self._admit_writer, user_id, chat_id, seq, alter, connection_id)

    def _change(
        self,
        admit: Callable[[str, str], Admission],
        user_id: str,
        chat_id: str,
        seq: int,
        alter: Alter,
        connection_id: str | None,
    ) -> ChangedBody:
        """Change a message, and tell it to everyone's devices but `connection_id`, which gets the answer."""
        admission: Admission
        was: Message

        def decide(number: int) -> Decision | None:
            nonlocal admission, was
            admission = admit(user_id, chat_id)
            was = self._read(chat_id, seq, admission)
            at = timestamp(self._clock.now())
            message = alter(was, admission.role, number, at)
            if message is None:
                return None
            change = Change(number=number, by=user_id, at=at, message=message)
            return Decision(change, [MessageVersion(message, was)])

        change = self._log.record(chat_id, decide) or self._last(chat_id, user_id, was)
        if change.number:
            # Told again where it was so before: the attempt that made it so may have ended before it told.
            self._tell(chat_id, change, seq, admission, connection_id)
        return ChangedBody(chat_id=chat_id, change=change)

    def _admit_writer(self, user_id: str, chat_id: str) -> Admission:
        """Let the user in; in a direct chat only while neither has blocked the other, as for a message."""
        if kind_of(chat_id) == DIRECT:
            return self._membership.admit(user_id, chat_id, 0)
        return self._membership.enter(user_id, chat_id)

    def _read(self, chat_id: str, seq: int, admission: Admission) -> Message:
        message = self._messages.get(chat_id, seq) if seq > admission.visible_after else None
        if message is None:
            raise ChatError("unknown_message")
        return message

    def _last(self, chat_id: str, user_id: str, message: Message) -> Change:
        """The change that made the message what it is; number 0 where it is as it was sent."""
        if version := version_of(message):
            page = self._changes.after(chat_id, version - 1, 1)
            return structs.replace(page.changes[0], message=message)
        return Change(number=0, by=user_id, at=timestamp(self._clock.now()), message=message)

    def _tell(
        self, chat_id: str, change: Change, seq: int, admission: Admission, connection_id: str | None
    ) -> None:
        """Tell all members of the change, and those of the message to whom it is shown."""
        late = [user_id for user_id, visible_after in admission.late.items() if seq <= visible_after]
        shown = [user_id for user_id in admission.members if user_id not in late]
        frame = encode(Changed(chat_id=chat_id, change=change))
        self._deliver.to_chat(chat_id, shown, [frame], connection_id)
        if late:
            bare = structs.replace(change, message=UNSET)
            self._deliver(late, [encode(Changed(chat_id=chat_id, change=bare))], connection_id)
