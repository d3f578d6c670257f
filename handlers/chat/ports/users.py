"""Users: their profiles, when they were there, whom they block and what they report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from chat.domain import Message, User


class Updated(NamedTuple):
    """A profile before and after it was changed."""

    was: User
    now: User


class Users(Protocol):
    """Users' profiles."""

    def add(self, user: User, created_at: str) -> bool:
        """Write a profile unless the user has one; False when the user had one and was deleted."""

    def get(self, user_id: str) -> User | None:
        """The user's profile."""

    def get_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """The profiles of the users (at most 100) who have one, by user id."""

    def update(self, user_id: str, changes: Mapping[str, str | None]) -> Updated | None:
        """Set fields of the user's profile, by their names on the wire, or remove them, where None stands.

        None when the user has no profile.
        """

    def delete(self, user_id: str, at: str) -> User | None:
        """Leave of the user's profile only that there was one, so that none comes into being again.

        Returns:
            The profile as it was; None when the user had none, or it was deleted already.
        """

    def sign_out(self, user_id: str, at: int) -> None:
        """Take note that the user signed out everywhere, at a time in seconds since the epoch."""

    def signed_out_at(self, user_id: str) -> int:
        """When the user last signed out everywhere, in seconds since the epoch; 0: never."""

    def search(self, prefix: str, limit: int) -> tuple[Sequence[User], bool]:
        """Up to `limit` users whose names begin with `prefix`, in any case; whether there are more."""


class LastSeen(Protocol):
    """When users were last online, and whether others were told that they are."""

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """When those of the users (at most 100) who ever left were last online, by user id."""

    def come(self, user_id: str) -> bool:
        """Take note that a user is there; False when that was so, or the user has no profile any more."""

    def leave(self, user_id: str, at: str) -> bool:
        """Take note of when a user was last there; False when they were away, or have no profile any more."""


class BlockPage(NamedTuple):
    """One page of those whom a user has blocked."""

    user_ids: Sequence[str]
    next: str | None
    """The user id after which the next page begins; None on the last."""


class BlocksAmong(NamedTuple):
    """Which of some users a user has blocked, and which of them have blocked the user."""

    blocked: Collection[str]
    blocked_by: Collection[str]


class Blocks(Protocol):
    """Who has blocked whom. Reads are strongly consistent."""

    def add(self, user_id: str, other_id: str, at: str) -> None:
        """Let the user have blocked the other."""

    def remove(self, user_id: str, other_id: str) -> None:
        """Let the user not have blocked the other."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> BlockPage:
        """A page of those whom the user has blocked, in the order of their ids."""

    def among(self, user_id: str, other_ids: Sequence[str]) -> BlocksAmong:
        """The blocks between the user and each of the others."""


class Reported(NamedTuple):
    """A message that a member has reported, as it stood then."""

    by: str
    chat_id: str
    message: Message
    reason: str
    note: str
    at: str


class Reports(Protocol):
    """What members have reported."""

    def add(self, reported: Reported) -> bool:
        """Keep a report, unless this user has reported this message before; whether it was kept."""
