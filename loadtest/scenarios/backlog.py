"""Half of the users go away; when they return, a backlog of messages waits for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenario import Scenario, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, Run, WantedChat


class Backlog(Scenario):
    """Returns after an absence."""

    name = "backlog"
    summary = "half of the users return to --messages each, --rounds times, all together"

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours: the first writes, the second goes away."""
        return pairs(settings.users - settings.users % 2)

    def writes(self, number: int, settings: Settings) -> bool:
        """Every other user writes; of an odd number, the last does nothing."""
        return number % 2 == 0 and number < settings.users - settings.users % 2

    def messages(self, settings: Settings) -> float:
        """Count what every writer sends in every round."""
        return settings.users // 2 * settings.messages * settings.rounds

    def act(self, user: Actor) -> None:
        """Write while the other is away, or be away."""
        if not user.person.chats:
            return
        for number in range(1, user.settings.rounds + 1):
            goes_on = self._write(user, number) if user.person.writes else self._be_away(user, number)
            if not goes_on:
                return

    def _write(self, user: Actor, number: int) -> bool:
        if not user.wait_for_cue("write", number):
            return False
        for _ in range(user.settings.messages):
            user.device.send(user.person.chats[0])
        while user.device.unacked:
            user.device.wait(1.0)
        user.tell("written")
        return True

    def _be_away(self, user: Actor, number: int) -> bool:
        if not user.wait_for_cue("away", number):
            return False
        user.device.go_away()
        user.tell("away")
        goes_on = user.wait_for_cue("return", number)
        user.device.start()
        while not user.device.level:
            user.device.wait(1.0)
        user.read_history(user.person.chats[0])
        user.tell("read")
        return goes_on

    def course(self, run: Run) -> Iterator[None]:
        """Send them away, have the others write, call them back; `--duration` does not matter here."""
        each = run.settings.users // 2
        returns: list[dict[str, object]] = []
        run.findings["returns"] = returns
        for number in range(1, run.settings.rounds + 1):
            for cue, told in (("away", "away"), ("write", "written"), ("return", "returned")):
                began = run.now
                run.cue(cue)
                while run.told[told] < each * number:
                    yield
            took = run.told_at["returned"] - began
            returns.append({"users": each, "messages": run.settings.messages, "seconds": round(took, 2)})
            while run.told["read"] < each * number:
                yield
