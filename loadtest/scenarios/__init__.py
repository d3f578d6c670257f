"""The scenarios, each in a file of its own: who talks with whom, what they do, how the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.errors import HarnessError

from .direct import Direct

if TYPE_CHECKING:
    from .scenario import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (Direct(),)


def scenario_named(name: str) -> Scenario:
    """Return a scenario; HarnessError where there is none of this name."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    raise HarnessError(f"There is no scenario {name!r}: choose one of {names}.")
