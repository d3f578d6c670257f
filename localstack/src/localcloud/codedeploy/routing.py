"""CodeDeploy's predefined deployment configurations of Lambda: the new version's share as time passes.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TrafficRouting:
    """In which steps traffic goes over."""

    type: str
    """``AllAtOnce``, ``TimeBasedCanary`` (one step, then the rest) or ``TimeBasedLinear`` (equal steps)."""
    percentage: int = 100
    """Of the traffic that goes over in a step."""
    minutes: int = 0
    """From one step to the next."""

    def share(self, elapsed_seconds: float) -> float:
        """The new version's share, from 0 to 1, so long after the first step."""
        if self.type == "AllAtOnce":
            return 1.0
        steps = 1 + max(0, int(elapsed_seconds // (self.minutes * 60)))
        if self.type == "TimeBasedCanary" and steps > 1:
            return 1.0
        return min(1.0, steps * self.percentage / 100)


_PREFIX: Final = "CodeDeployDefault.Lambda"
CONFIGURATIONS: Final = {
    f"{_PREFIX}AllAtOnce": TrafficRouting("AllAtOnce"),
    **{
        f"{_PREFIX}Canary10Percent{minutes}Minutes": TrafficRouting("TimeBasedCanary", 10, minutes)
        for minutes in (5, 10, 15, 30)
    },
    **{
        f"{_PREFIX}Linear10PercentEvery{minutes}Minute{'s' if minutes > 1 else ''}": TrafficRouting(
            "TimeBasedLinear", 10, minutes
        )
        for minutes in (1, 2, 3, 10)
    },
}
"""By their names."""
