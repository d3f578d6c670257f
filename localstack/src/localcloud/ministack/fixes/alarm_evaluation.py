"""CloudWatch: alarms are evaluated by localcloud, where MiniStack does so with every PutMetricData.

Faults: it takes values of every set of dimensions together, knows neither periods nor M out of N nor what
missing data count as, never evaluates again while nothing is put, and ignores what services publish
themselves.
"""

from __future__ import annotations

from ministack.services import cloudwatch

from localcloud.ministack.patch import Fix, Patch

FIX = Fix(Patch(cloudwatch, "_evaluate_alarm", lambda _evaluate: lambda _alarm: None))
