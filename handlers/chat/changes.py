"""What a change does to a chat, and how changes are read back. Pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.domain import Change, Message, Role
    from chat.roster import Place, Roster


class MessageVersion(NamedTuple):
    """An effect: a message as it is from now on, in place of the version that was decided upon."""

    message: Message
    was: Message


class RosterVersion(NamedTuple):
    """An effect: a group's or channel's name and roster as they are from now on."""

    roster: Roster


class Admitted(NamedTuple):
    """An effect: somebody is a member from now on."""

    chat_id: str
    user_id: str
    place: Place
    at: str


class Dismissed(NamedTuple):
    """An effect: somebody is a member no more."""

    chat_id: str
    user_id: str


class Ranked(NamedTuple):
    """An effect: a member has another role from now on."""

    chat_id: str
    user_id: str
    role: Role


Effect = MessageVersion | RosterVersion | Admitted | Dismissed | Ranked
"""What a change writes beside itself. A message's says which version it replaces: others refuse it."""


class Decision(NamedTuple):
    """A change as it is to be written, together with its effects."""

    change: Change
    effects: Sequence[Effect]


class ChangePage(NamedTuple):
    """Consecutive changes of one chat, ascending, their messages as they are now; whether more follow."""

    changes: Sequence[Change]
    has_more: bool


def settled(page: ChangePage) -> ChangePage:
    """Give of a page what a reader can rely on.

    A change that a later one of the same message overtook comes without the message, which comes with the
    later one. A message that is not yet what its change made it was read while that change was being
    written: the page ends before it.
    """
    changes: list[Change] = []
    for change in page.changes:
        version = change.number if change.message is UNSET else version_of(change.message)
        if version < change.number:
            return ChangePage(changes, has_more=True)
        overtaken = version > change.number
        changes.append(msgspec.structs.replace(change, message=UNSET) if overtaken else change)
    return ChangePage(changes, page.has_more)


def shown(page: ChangePage, visible_after: int) -> ChangePage:
    """Give a page as a member sees it to whom the messages up to `visible_after` are not shown."""

    def show(change: Change) -> Change:
        hidden = change.message is not UNSET and change.message.seq <= visible_after
        return msgspec.structs.replace(change, message=UNSET) if hidden else change

    return ChangePage([show(change) for change in page.changes], page.has_more)


def version_of(message: Message) -> int:
    """The number of the change that made the message what it is; 0 for a message as it was sent."""
    return 0 if message.change is UNSET else message.change
