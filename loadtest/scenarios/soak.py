"""A long day made short: people come, write for a while and go, hour after hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.errors import HarnessError

from .scenario import Scenario, pairs, scroll_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, WantedChat

MINUTES_ONLINE: Final = 20.0
MINUTES_AWAY: Final = 40.0
MINUTES_BETWEEN_MESSAGES: Final = 1.0
"""Of a user's day, on average; --compress 60 makes seconds of minutes."""


class Soak(Scenario):
    """Days of direct chats."""

    name = "soak"
    summary = "pairs who come, write and go; --compress seconds of their day pass in each second"

    def complete(self, settings: Settings) -> Settings:
        """Refuse a rate: who is away does not write."""
        if settings.rate is not None:
            raise HarnessError("In `soak` people write while they are online: leave --rate away.")
        return settings

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours."""
        return pairs(settings.users)

    def messages(self, settings: Settings) -> float:
        """Expect everybody to be online all the time."""
        return settings.users * settings.duration * settings.compress / (60 * MINUTES_BETWEEN_MESSAGES)

    def act(self, user: Actor) -> None:
        """Be online for a while, then away for a while."""
        minute = 60.0 / user.settings.compress
        for due in user.turns(MINUTES_BETWEEN_MESSAGES * minute):
            chat_id = user.random.choice(user.person.chats)
            user.device.send(chat_id, due)
            scroll_back(user, chat_id)
            if user.random.random() < MINUTES_BETWEEN_MESSAGES / MINUTES_ONLINE:
                while user.device.unacked and user.pause(0.05):
                    pass
                user.device.go_away()
                user.pause(user.random.expovariate(1 / (MINUTES_AWAY * minute)))
                user.device.start()
