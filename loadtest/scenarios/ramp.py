"""Finds the knee: the highest rate of direct messages that is delivered within a limit.

The rate doubles until a step misses the limit, then the interval between the best and the worst is halved
until it is narrow. A step meets the limit when the 99th percentile of send to delivered is within it, counted
from when each message was due, and when as many messages were acked as were due: a service that falls behind
is beyond its knee, however fast those are that come through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from loadtest.history import Kind

from .scenario import Scenario, pairs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from loadtest.settings import Settings

    from .scenario import Actor, Run, WantedChat

FIRST_RATE: Final = 10.0
LIMIT: Final = 500.0
_SETTLE_SECONDS: Final = 3.0
"""After a change of the rate, before measuring: what was due before it is out of the way."""
_REST_SECONDS: Final = 30.0
"""After a step that was too much, at most so long until deliveries are quick again."""
_NARROW: Final = 1.1
"""The knee is found when the lowest rate that was too much is so close above the best."""
_DOUBLED: Final = 64
"""How many times the first rate a run may come to, for its cost's sake."""
_KEPT_UP: Final = 0.75
"""Of what was due in a step, so much must be acked; reports come each second, so the count is off by some."""


class Step(msgspec.Struct, frozen=True, rename="camel"):
    """A rate that was tried; times in milliseconds."""

    rate: float
    acked: float
    """Messages a second that were acked."""
    p50: float
    p99: float
    """Of send to delivered."""
    met: bool


class Ramp(Scenario):
    """A search for the highest rate."""

    name = "ramp"
    summary = (
        "direct messages at a rate that rises until p99 is beyond --p99-limit, then the knee by bisection"
    )

    def complete(self, settings: Settings) -> Settings:
        """Start with a rate, and have a limit."""
        rate, limit = settings.rate or FIRST_RATE, settings.p99_limit or LIMIT
        return msgspec.structs.replace(settings, rate=rate, p99_limit=limit)

    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Pair neighbours."""
        return pairs(settings.users)

    def messages(self, settings: Settings) -> float:
        """Expect the rate to double until the time is up, or a few times at least."""
        return (settings.rate or FIRST_RATE) * _DOUBLED * settings.duration

    def act(self, user: Actor) -> None:
        """Write to whoever one is in a chat with."""
        for due in user.turns():
            user.device.send(user.random.choice(user.person.chats), due)

    def course(self, run: Run) -> Iterator[None]:
        """Step up, then halve; `--duration` ends the search where it has not ended by itself."""
        steps: list[Step] = []
        best, worst = 0.0, float("inf")
        rate = run.settings.rate or FIRST_RATE
        while worst > best * _NARROW and run.elapsed < run.settings.duration:
            step = yield from self._try(run, rate)
            steps.append(step)
            best, worst = (rate, worst) if step.met else (best, rate)
            run.findings.update(steps=msgspec.to_builtins(steps), knee=best, narrow=worst <= best * _NARROW)
            if not step.met:
                yield from self._rest(run, rate)
            rate = rate * 2 if worst == float("inf") else (best + worst) / 2

    def _try(self, run: Run, rate: float) -> Generator[None, None, Step]:
        run.set_rate(rate)
        yield from _seconds(run, _SETTLE_SECONDS)
        run.new_window()
        began = run.now
        yield from _seconds(run, run.settings.step)
        acked = run.window.row(Kind.ACK).count / (run.now - began)
        delivered = run.window.row(Kind.DELIVERED)
        p50, p99 = delivered.percentile(50), delivered.percentile(99)
        met = p99 <= (run.settings.p99_limit or LIMIT) and acked >= _KEPT_UP * rate
        return Step(rate, round(acked, 1), round(p50, 1), round(p99, 1), met)

    def _rest(self, run: Run, rate: float) -> Iterator[None]:
        """Let what has piled up flow off."""
        run.set_rate(max(1.0, rate / 10))
        end = run.now + _REST_SECONDS
        while run.now < end:
            run.new_window()
            yield from _seconds(run, 2.0)
            acked = run.window.row(Kind.ACK)
            if acked.count and acked.percentile(99) <= (run.settings.p99_limit or LIMIT):
                return


def _seconds(run: Run, seconds: float) -> Iterator[None]:
    end = run.now + seconds
    while run.now < end:
        yield
