"""What a run on AWS would cost, said before it begins; beyond the budget it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import HarnessError

from .capacity.runs import estimate_run
from .scenarios import scenario_named

if TYPE_CHECKING:
    from harness.progress import Progress

    from .settings import Settings


def estimate(settings: Settings) -> float:
    """Return what a run costs on AWS, in dollars at list prices; rather too much than too little."""
    scenario = scenario_named(settings.scenario)
    chats = scenario.chats(settings)
    return estimate_run(
        users=settings.users,
        seconds=settings.duration + settings.patience + settings.stragglers,
        messages=scenario.messages(settings),
        fan_out=max((len(chat.members) for chat in chats), default=2) - 1,
        connects=1 + settings.rounds,
    ).usd


def refuse_expensive(settings: Settings, budget: float, progress: Progress, *, agreed: bool) -> None:
    """Say what the run would cost; HarnessError where that is beyond the budget and nobody agreed to it."""
    dollars = estimate(settings)
    progress.say(f"This run costs about {dollars:.2f} USD on AWS, by the calls that were measured.")
    if dollars > budget and not agreed:
        raise HarnessError(
            f"That is more than the budget of {budget:.2f} USD: give it --budget, or say --i-know-the-cost."
        )
