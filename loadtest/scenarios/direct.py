"""Two people each, who write to each other as people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenario import Scenario, pairs, scroll_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, WantedChat


class Direct(Scenario):
    """Direct chats."""

    name = "direct"
    summary = "pairs who write to each other, with the think times of people"

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours."""
        return pairs(settings.users)

    def act(self, user: Actor) -> None:
        """Write to whoever one is in a chat with."""
        for due in user.turns():
            chat_id = user.random.choice(user.person.chats)
            user.device.send(chat_id, due)
            scroll_back(user, chat_id)
