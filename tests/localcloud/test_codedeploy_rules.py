"""CodeDeploy's rules for Lambda: shares as time passes, and what an AppSpec says."""

from __future__ import annotations

import pytest

from localcloud.codedeploy.app_spec import InvalidAppSpecError, Shift, parse_app_spec
from localcloud.codedeploy.routing import CONFIGURATIONS

MINUTE = 60


@pytest.mark.parametrize(
    ("name", "minutes", "share"),
    [
        ("AllAtOnce", 0, 1),
        ("Canary10Percent5Minutes", 0, 0.1),
        ("Canary10Percent5Minutes", -60, 0.1),
        ("Canary10Percent5Minutes", 4.9, 0.1),
        ("Canary10Percent5Minutes", 5, 1),
        ("Canary10Percent30Minutes", 29, 0.1),
        ("Linear10PercentEvery1Minute", 0, 0.1),
        ("Linear10PercentEvery1Minute", 3, 0.4),
        ("Linear10PercentEvery1Minute", 9, 1),
        ("Linear10PercentEvery10Minutes", 45, 0.5),
        ("Linear10PercentEvery10Minutes", 1000, 1),
    ],
)
def test_new_version_has_its_share_of_the_traffic_at_each_time(
    name: str, minutes: float, share: float
) -> None:
    """A canary in two steps, a line in ten."""
    routing = CONFIGURATIONS[f"CodeDeployDefault.Lambda{name}"]
    assert routing.share(minutes * MINUTE) == pytest.approx(share)


def test_app_spec_of_a_shift_says_that_shift() -> None:
    """Written and read again; YAML is read as well."""
    shift = Shift("greet", "live", "1", "2")
    assert parse_app_spec(shift.app_spec()) == shift
    yaml = """
version: 0.0
Resources:
  - greet:
      Type: AWS::Lambda::Function
      Properties: { Name: greet, Alias: live, CurrentVersion: 1, TargetVersion: "2" }
"""
    assert parse_app_spec(yaml) == shift


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("version: 0.0", "not one of Lambda"),
        ("[", "not one of Lambda"),
        ('{"version": 0.0, "Resources": []}', "one resource"),
        (
            Shift("greet", "live", "1", "2").app_spec()[:-1] + ', "Hooks": [{"BeforeAllowTraffic": "x"}]}',
            "leave them out",
        ),
    ],
)
def test_app_spec_that_cannot_be_followed_is_refused(content: str, says: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(InvalidAppSpecError, match=says):
        parse_app_spec(content)
