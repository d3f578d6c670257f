"""The scenarios, each in a file of its own: who talks with whom, what they do, how the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.errors import HarnessError

from .backlog import Backlog
from .channel import Channel
from .direct import Direct
from .group import Group
from .media import Media
from .ramp import Ramp
from .soak import Soak
from .storm import Storm

if TYPE_CHECKING:
    from .scenario import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    Direct(),
    Group(),
    Channel(),
    Ramp(),
    Storm(),
    Backlog(),
    Soak(),
    Media(),
)


def scenario_named(name: str) -> Scenario:
    """Return a scenario; HarnessError where there is none of this name."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    raise HarnessError(f"There is no scenario {name!r}: choose one of {names}.")
