"""Shows how traffic goes over to new versions while a deployment waits for it: CodeDeploy's deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNNING: Final = ("Created", "Queued", "InProgress")
_DEFAULT: Final = "CodeDeployDefault.Lambda"


class TrafficShifts:
    """The deployments of a stack's application, each said when it begins and when it is over."""

    def __init__(self, codedeploy: Any, application: str, say: Callable[[str], None]) -> None:  # noqa: ANN401 - no stubs
        """Watch an application, which need not be there yet, and tell ``say``."""
        self._codedeploy = codedeploy
        self._application = application
        self._say = say
        self._running: set[str] = set()
        self._may_look = True

    def show(self) -> None:
        """Say what has begun or ended since the last look; who may not look is told so once."""
        if not self._may_look:
            return
        try:
            for deployment in self._list() | self._running:
                self._show(self._codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"])
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "ApplicationDoesNotExistException":
                return  # it is made by this deployment
            self._may_look = False
            self._say(f"How traffic goes over cannot be shown, and goes on: {refused}")

    def _show(self, shift: dict[str, Any]) -> None:
        identifier, function = shift["deploymentId"], shift["deploymentGroupName"]
        if identifier not in self._running:
            self._running.add(identifier)
            steps = shift["deploymentConfigName"].removeprefix(_DEFAULT)
            self._say(f"{function}: traffic goes over by {steps} (aws deploy, {identifier})")
        if shift["status"] not in _RUNNING:
            self._running.discard(identifier)
            reason = shift.get("errorInformation", {}).get("message", "")
            self._say(f"{function}: {shift['status'].lower()}{reason and f', {reason}'}")

    def _list(self) -> set[str]:
        """Those in progress."""
        groups = self._codedeploy.list_deployment_groups(applicationName=self._application)
        found: set[str] = set()
        for group in groups["deploymentGroups"]:
            listed = self._codedeploy.list_deployments(
                applicationName=self._application,
                deploymentGroupName=group,
                includeOnlyStatuses=list(_RUNNING),
            )
            found.update(listed["deployments"])
        return found
