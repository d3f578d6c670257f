"""Changes who is in a group or channel, or what it is called: one change of its log at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET, UnsetType

from chat.changes import Decision, RosterVersion
from chat.codec import encode
from chat.domain import DIRECT, Change, kind_of, timestamp
from chat.errors import ChatError
from chat.protocol.server_frames import Changed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat.changes import Effect
    from chat.domain import Member
    from chat.ports.chats import Chats, Entered
    from chat.ports.clock import Clock
    from chat.roster import Roster
    from chat.service.changes import ChangeLog
    from chat.service.deliver import Deliver
    from chat.service.membership import Membership


class Altered(NamedTuple):
    """What is to become of a roster, and how the change tells of it."""

    roster: Roster
    effects: Sequence[Effect] = ()
    """On the members' own items."""
    name: str | UnsetType = UNSET
    members: Sequence[Member] | UnsetType = UNSET
    removed: Sequence[str] | UnsetType = UNSET


class RosterLog:
    """Decides upon rosters as they are, writes each change with its effects, and tells whoever is in them."""

    def __init__(
        self, membership: Membership, chats: Chats, log: ChangeLog, deliver: Deliver, clock: Clock
    ) -> None:
        """Keep rosters in `chats`, their changes in `log`."""
        self._membership = membership
        self._chats = chats
        self._log = log
        self._deliver = deliver
        self._clock = clock

    def record(
        self,
        user_id: str,
        chat_id: str,
        decide: Callable[[int, Entered], Altered | None],
        connection_id: str | None = None,
    ) -> Change | None:
        """Decide upon a change of the roster and write it; None when there was nothing to change.

        Args:
            user_id: who does it, a member.
            chat_id: a group or channel.
            decide: given the change's number and what the member finds, says what is to become of it;
                asked again when another change came first.
            connection_id: the connection it came by, which gets an answer and so no push.

        Raises:
            ChatError: `unknown_chat`, `direct_chat`, `contention`, and what `decide` raises.
        """
        if kind_of(chat_id) in (None, DIRECT):
            self._membership.standing(user_id, chat_id)  # to a stranger there is no such chat
            raise ChatError("direct_chat", chat_id=chat_id)
        written: Altered | None = None

        def decide_at(number: int) -> Decision | None:
            nonlocal written
            entered = self._chats.enter(chat_id, user_id, 0)
            if entered is None:
                raise ChatError("unknown_chat", chat_id=chat_id)
            written = decide(number, entered)
            return written and self._decision(number, user_id, written)

        change = self._log.record(chat_id, decide_at)
        if change is not None and written is not None:
            told = encode(Changed(chat_id=chat_id, change=change))
            self._deliver.to_chat(chat_id, list(written.roster.places), [told], connection_id)
        return change

    def now(self) -> str:
        """The time of what is decided now."""
        return timestamp(self._clock.now())

    def _decision(self, number: int, user_id: str, altered: Altered) -> Decision:
        change = Change(
            number=number,
            by=user_id,
            at=self.now(),
            name=altered.name,
            members=altered.members,
            removed=altered.removed,
        )
        return Decision(change, [RosterVersion(altered.roster), *altered.effects])
