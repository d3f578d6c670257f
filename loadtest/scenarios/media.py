"""Files: uploaded, sent beside a message, downloaded by whoever receives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenario import Scenario, pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, WantedChat


class Media(Scenario):
    """Direct chats with files."""

    name = "media"
    summary = "pairs who send each other files of --file-bytes, and download what they get"

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours."""
        return pairs(settings.users)

    def act(self, user: Actor) -> None:
        """Send a file at each turn, due once it is uploaded, and look at those that have come."""
        for _ in user.turns():
            chat_id = user.random.choice(user.person.chats)
            if (attachment := user.upload(chat_id)) is not None:
                user.device.send(chat_id, attachment=attachment)
            for received_in, file in user.device.take_files():
                user.download(received_in, file)
