"""A group or channel as its META item has it: its name, and who has which role in it. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from chat.domain import Role


class Place(NamedTuple):
    """A member's place in a group or channel."""

    role: Role
    visible_after: int
    """Up to here the chat's messages are not shown to this member."""
    since: int
    """The number of the change by which they came; 0 for who came with the chat."""


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """A group with all of its members, or a channel with its owners and admins."""

    chat_id: str
    kind: str
    name: str
    history: str
    """From where who joins sees the chat: `start` or `joining`."""
    created_by: str
    created_at: str
    places: Mapping[str, Place]
    """By user id."""

    def renamed(self, name: str) -> Roster:
        """The same under another name."""
        return msgspec.structs.replace(self, name=name)

    def having(self, user_id: str, place: Place) -> Roster:
        """The same with a user at a place, in which they may have been before."""
        return msgspec.structs.replace(self, places={**self.places, user_id: place})

    def without(self, user_id: str) -> Roster:
        """The same without a user."""
        left = {other: place for other, place in self.places.items() if other != user_id}
        return msgspec.structs.replace(self, places=left)

    def has_owner(self) -> bool:
        """Whether anyone owns it."""
        return any(place.role == "owner" for place in self.places.values())

    def heir(self) -> str | None:
        """Who owns it next where nobody does: the oldest admin, else the oldest member; None in an empty one.

        Of those who came together the first by user id.
        """
        oldest = sorted(self.places, key=lambda user_id: (self.places[user_id].since, user_id))
        admins = (user_id for user_id in oldest if self.places[user_id].role == "admin")
        return next(admins, next(iter(oldest), None))
