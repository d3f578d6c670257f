"""Everybody is cut off at once and comes back at once, as after an outage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenario import Scenario, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, Run, WantedChat


class Storm(Scenario):
    """Reconnect storms over direct chats."""

    name = "storm"
    summary = "pairs who write while all connections break at once, --rounds times in --duration"

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours."""
        return pairs(settings.users)

    def act(self, user: Actor) -> None:
        """Write to whoever one is in a chat with, connected or not: the outbox keeps it."""
        for due in user.turns():
            user.device.send(user.random.choice(user.person.chats), due)

    def course(self, run: Run) -> Iterator[None]:
        """Break all connections at even distances, each time once everybody is back from the last."""
        settings = run.settings
        storms: list[dict[str, object]] = []
        run.findings["storms"] = storms
        for number in range(1, settings.rounds + 1):
            while run.elapsed < settings.duration * number / (settings.rounds + 1):
                yield
            before, cut = run.told["returned"], run.now
            run.cue("drop")
            while run.told["returned"] - before < settings.users and run.now < cut + settings.stragglers:
                yield
            took = run.told_at.get("returned", cut) - cut
            back = run.told["returned"] - before
            storms.append({"users": settings.users, "back": back, "seconds": round(took, 2)})
        while run.elapsed < settings.duration:
            yield
