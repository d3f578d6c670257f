"""A gradual deployment from the command line: what names it, and what is said while traffic goes over."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.deploy import with_release
from harness.traffic_shifts import TrafficShifts

RUNNING = {
    "deploymentId": "d-1",
    "deploymentGroupName": "parley-sync",
    "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "status": "InProgress",
}


class CodeDeploy:
    """An application with one deployment group, and what its one deployment is at now."""

    def __init__(self) -> None:
        """Begin before there is an application."""
        self.application = ""
        self.refusal = "ApplicationDoesNotExistException"
        self.deployment: dict[str, Any] = {}

    def list_deployment_groups(self, **given: str) -> dict[str, list[str]]:
        """As the API has it."""
        if given["applicationName"] != self.application:
            error = {"Error": {"Code": self.refusal, "Message": "no"}}
            raise ClientError(error, "ListDeploymentGroups")  # type: ignore[arg-type]
        return {"deploymentGroups": ["parley-sync"]}

    def list_deployments(self, **given: Any) -> dict[str, list[str]]:
        """As the API has it."""
        runs = self.deployment.get("status") in given["includeOnlyStatuses"]
        return {"deployments": ["d-1"] if runs else []}

    def get_deployment(self, **_given: str) -> dict[str, dict[str, Any]]:
        """As the API has it."""
        return {"deploymentInfo": self.deployment}


def test_shift_is_said_once_when_it_begins_and_once_when_it_is_over() -> None:
    """However often it is looked at, and with the reason where it was stopped."""
    said: list[str] = []
    codedeploy = CodeDeploy()
    shifts = TrafficShifts(codedeploy, "parley", said.append)
    shifts.show()  # nothing is there yet
    codedeploy.application = "parley"
    shifts.show()
    codedeploy.deployment = RUNNING
    shifts.show()
    shifts.show()
    assert said == ["parley-sync: traffic goes over by Canary10Percent5Minutes (aws deploy, d-1)"]
    stopped = {"code": "ALARM_ACTIVE", "message": "One or more alarms have been activated: parley-slow-sends"}
    codedeploy.deployment = {**RUNNING, "status": "Stopped", "errorInformation": stopped}
    shifts.show()
    shifts.show()
    assert said[1:] == [
        "parley-sync: stopped, One or more alarms have been activated: parley-slow-sends",
    ]


def test_who_may_not_see_shifts_is_told_once_and_deploys_on() -> None:
    """What is shown is no part of the deployment."""
    said: list[str] = []
    codedeploy = CodeDeploy()
    codedeploy.refusal = "AccessDeniedException"
    shifts = TrafficShifts(codedeploy, "parley", said.append)
    shifts.show()
    shifts.show()
    (line,) = said
    assert "cannot be shown" in line


@pytest.mark.parametrize(
    ("parameters", "release"),
    [
        ({"TrafficShift": "AllAtOnce", "Release": ""}, ""),
        ({"TrafficShift": "Canary10Percent5Minutes", "Release": "v7"}, "v7"),
        ({"TrafficShift": "Canary10Percent5Minutes", "Release": ""}, "0123456789ab"),
    ],
)
def test_release_is_named_after_the_template_where_a_shift_wants_one(
    parameters: dict[str, str], release: str
) -> None:
    """A name that was given stays, and without a gradual shift there is none."""
    assert with_release(parameters, "0123456789abcdef.template")["Release"] == release
