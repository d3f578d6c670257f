"""One channel, one who writes, all others listen: fan-out through the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenario import Scenario, WantedChat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.settings import Settings

    from .scenario import Actor


class Channel(Scenario):
    """A broadcast channel."""

    name = "channel"
    summary = "a channel with one who writes and --users minus one subscribers"

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Have everybody in one channel."""
        return [WantedChat("channel", tuple(range(settings.users)))]

    def writes(self, number: int, settings: Settings) -> bool:  # noqa: ARG002
        """Only the owner writes."""
        return number == 0

    def act(self, user: Actor) -> None:
        """Write to the channel, or listen."""
        for due in user.turns():
            user.device.send(user.person.chats[0], due)
