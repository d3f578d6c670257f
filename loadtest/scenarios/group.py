"""Groups in which everybody writes: what one message costs and how long it takes to be with all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import HarnessError

from .scenario import Scenario, groups, scroll_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, WantedChat

_SIZES = range(3, 257)
"""The service takes groups of up to 256."""


class Group(Scenario):
    """Group chats."""

    name = "group"
    summary = "groups of --size in which everybody writes"

    def complete(self, settings: Settings) -> Settings:
        """Refuse groups that the service would not take."""
        if settings.size not in _SIZES or settings.users < settings.size:
            raise HarnessError(
                "A group has 3 to 256 members: choose --size so, and --users at least as many."
            )
        return settings

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Group neighbours."""
        return groups(settings.users, settings.size)

    def act(self, user: Actor) -> None:
        """Write to one's group."""
        for due in user.turns():
            chat_id = user.random.choice(user.person.chats)
            user.device.send(chat_id, due)
            scroll_back(user, chat_id)
