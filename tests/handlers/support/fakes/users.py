"""Users' profiles, when they were there and whom they block, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import convert, to_builtins

from chat.domain import User
from chat.ports.users import BlockPage, BlocksAmong, Updated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class FakeUsers:
    """Profiles."""

    def __init__(self, *users: User) -> None:
        self.users = {user.user_id: user for user in users}
        self.deleted: set[str] = set()
        self.signed_out: dict[str, int] = {}
        self.writes = 0

    def add(self, user: User, created_at: str) -> bool:
        """Write unless there is one or was."""
        assert created_at
        self.writes += 1
        if user.user_id in self.deleted:
            return False
        self.users.setdefault(user.user_id, user)
        return True

    def get(self, user_id: str) -> User | None:
        """One."""
        return self.users.get(user_id)

    def get_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """Several."""
        return {user_id: self.users[user_id] for user_id in user_ids if user_id in self.users}

    def update(self, user_id: str, changes: Mapping[str, str | None]) -> Updated | None:
        """Set and remove fields."""
        if user_id not in self.users:
            return None
        was = self.users[user_id]
        fields = {**to_builtins(was), **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        self.users[user_id] = convert(given, User)
        return Updated(was, self.users[user_id])

    def delete(self, user_id: str, at: str) -> User | None:
        """Remove."""
        assert at
        self.deleted.add(user_id)
        return self.users.pop(user_id, None)

    def sign_out(self, user_id: str, at: int) -> None:
        """Note it."""
        self.signed_out[user_id] = at

    def signed_out_at(self, user_id: str) -> int:
        """When."""
        return self.signed_out.get(user_id, 0)

    def search(self, prefix: str, limit: int) -> tuple[Sequence[User], bool]:
        """By lower-cased name."""
        found = [user for user in self.users.values() if user.username.lower().startswith(prefix.lower())]
        return found[:limit], len(found) > limit


class FakeLastSeen:
    """When users were last online."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        self.online: dict[str, bool] = {}
        self.reads = 0

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Of who ever left."""
        self.reads += 1
        return {user_id: self.seen[user_id] for user_id in user_ids if user_id in self.seen}

    def come(self, user_id: str) -> bool:
        """News, unless it was so."""
        was, self.online[user_id] = self.online.get(user_id), True
        return was is not True

    def leave(self, user_id: str, at: str) -> bool:
        """News, unless it was so."""
        self.seen[user_id] = at
        was, self.online[user_id] = self.online.get(user_id), False
        return was is not False


class FakeBlocks:
    """Who has blocked whom, as pairs."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = set(pairs)

    def add(self, user_id: str, other_id: str, at: str) -> None:
        """Block."""
        assert at
        self.pairs.add((user_id, other_id))

    def remove(self, user_id: str, other_id: str) -> None:
        """Unblock."""
        self.pairs.discard((user_id, other_id))

    def of_user(self, user_id: str, after: str | None, limit: int) -> BlockPage:
        """By id."""
        mine = sorted(other for user, other in self.pairs if user == user_id and other > (after or ""))
        return BlockPage(mine[:limit], mine[limit - 1] if len(mine) > limit else None)

    def among(self, user_id: str, other_ids: Sequence[str]) -> BlocksAmong:
        """Both ways."""
        return BlocksAmong(
            {other for other in other_ids if (user_id, other) in self.pairs},
            {other for other in other_ids if (other, user_id) in self.pairs},
        )
