"""What CodeDeploy keeps: applications, deployment groups and deployments, as its API answers them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import AccountRegionScopedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

applications: Final = AccountRegionScopedDict()
"""By name."""
groups: Final = AccountRegionScopedDict()
"""By the application's name, a slash, and the group's."""
deployments: Final = AccountRegionScopedDict()
"""By id. Members that begin with an underscore are ours and in no answer."""

IN_PROGRESS: Final = frozenset({"Created", "Queued", "InProgress"})


class CodeDeployError(Exception):
    """AWS's refusal of a request."""

    def __init__(self, code: str, message: str) -> None:
        """Refuse with an error code of CodeDeploy's."""
        super().__init__(message)
        self.code = code


def application(name: str) -> dict[str, Any]:
    """An application; CodeDeployError where there is none."""
    found: dict[str, Any] | None = applications.get(name)
    if found is None:
        raise CodeDeployError("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return found


def group(application_name: str, name: str) -> dict[str, Any]:
    """A deployment group; CodeDeployError where there is none."""
    application(application_name)
    found: dict[str, Any] | None = groups.get(f"{application_name}/{name}")
    if found is None:
        raise CodeDeployError(
            "DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}"
        )
    return found


def deployment(deployment_id: str) -> dict[str, Any]:
    """A deployment; CodeDeployError where there is none."""
    found: dict[str, Any] | None = deployments.get(deployment_id)
    if found is None:
        raise CodeDeployError(
            "DeploymentDoesNotExistException", f"The deployment {deployment_id} could not be found"
        )
    return found


def get_state() -> dict[str, Any]:
    """All of it, to be saved."""
    return {
        "applications": copy.deepcopy(applications),
        "groups": copy.deepcopy(groups),
        "deployments": copy.deepcopy(deployments),
    }


def load_persisted_state(data: Mapping[str, Any]) -> None:
    """Take up what was saved."""
    for kept, name in ((applications, "applications"), (groups, "groups"), (deployments, "deployments")):
        kept.clear()
        kept.update(data.get(name, {}))


def reset() -> None:
    """Forget all of it."""
    for kept in (applications, groups, deployments):
        kept.clear()
