"""The names of the people one meets: asked for once each, by user id and by username."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ParleyError, RequestRefused
from .lines import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .driver import ChatClient
    from .values import User


class People:
    """Who is who, as far as this terminal has learnt."""

    def __init__(self, client: ChatClient) -> None:
        """Know nobody yet."""
        self._client = client
        self._names: dict[str, str] = {}

    def know_own(self, user_id: str, name: str) -> None:
        """Remember who this person is."""
        self._names[user_id] = name

    def know(self, user: User) -> None:
        """Remember a user's name."""
        if user.username:
            self._names[user.user_id] = user.username

    def name(self, user_id: str) -> str:
        """Return a user's name, or the id while the name is not known."""
        return self._names.get(user_id, user_id)

    async def learn(self, user_ids: Iterable[str]) -> None:
        """Ask for the names that are not known; one that cannot be had now stays an id."""
        for user_id in user_ids:
            if user_id not in self._names:
                try:
                    self.know(await self._client.api.user(user_id))
                except RequestRefused as refused:
                    self._names[user_id] = NOBODY if refused.code == "unknown_user" else user_id
                except ParleyError:
                    continue

    async def find(self, name: str) -> str | None:
        """Return the id of the user with exactly this name; None if there is none."""
        for user_id, known in self._names.items():
            if known == name:
                return user_id
        for user in await self._client.users(name):
            self.know(user)
            if user.username == name:
                return user.user_id
        return None

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Return the ids of those whom a text names with an @, as far as they are known."""
        words = {word[1:].rstrip(".,:;!?") for word in text.split() if word.startswith("@")}
        return tuple(user_id for user_id, name in self._names.items() if name in words)
