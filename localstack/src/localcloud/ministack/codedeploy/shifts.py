"""Deployments in progress: aliases go over step by step, and back where an alarm goes off.

They follow the clock by which alarms are evaluated, so that a test which moves it ahead need not wait.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch, lambda_svc

from localcloud.codedeploy.routing import CONFIGURATIONS
from localcloud.ministack.codedeploy import store
from localcloud.ministack.codedeploy.store import CodeDeployError
from localcloud.ministack.permissions import role_may

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.codedeploy.app_spec import Shift

LOOK_SECONDS: Final = 0.1
"""How often deployments in progress are looked at."""
_EVENTS: Final = {
    "ALARM_ACTIVE": "DEPLOYMENT_STOP_ON_ALARM",
    "MANUAL_STOP": "DEPLOYMENT_STOP_ON_REQUEST",
}
"""What a group's AutoRollbackConfiguration calls the reasons to stop; all others are failures."""


class TrafficShifts:
    """Every deployment of every account and region."""

    def __init__(self) -> None:
        """Follow the system's clock unless told another."""
        self.now: Callable[[], float] = time.time
        self.changed: Callable[[], None] = lambda: None
        """Called when an alias, or a deployment, is not what it was."""

    def begin(
        self,
        group: dict[str, Any],
        shift: Shift,
        *,
        configuration: str = "",
        creator: str = "user",
        description: str = "",
    ) -> dict[str, Any]:
        """Begin a deployment within the request's account and region; its record.

        Raises:
            CodeDeployError: the group has one in progress, or there is no such configuration.
        """
        configuration = configuration or group["deploymentConfigName"]
        if configuration not in CONFIGURATIONS:
            raise CodeDeployError(
                "DeploymentConfigDoesNotExistException",
                f"No Deployment Configuration found for {configuration}",
            )
        for other in store.deployments.values():
            same = all(other[name] == group[name] for name in ("applicationName", "deploymentGroupName"))
            if same and other["status"] in store.IN_PROGRESS:
                raise CodeDeployError(
                    "DeploymentLimitExceededException",
                    f"The Deployment Group '{group['deploymentGroupName']}' already has an active"
                    f" Deployment '{other['deploymentId']}'",
                )
        record = _record(group, shift, configuration, creator, description)
        record["_begun"] = self.now()
        store.deployments[record["deploymentId"]] = record
        self._advance(record)
        return record

    def advance(self) -> None:
        """Do what is due of every deployment in progress."""
        for (account_id, region, _), record in store.deployments.all_items():
            if record["status"] in store.IN_PROGRESS:
                with request_scope(account_id, region):
                    self._advance(record)

    def end_interrupted(self) -> None:
        """Take back what CloudFormation had begun when localcloud ended: no stack waits for it any more."""
        for (account_id, region, _), record in store.deployments.all_items():
            if record["status"] in store.IN_PROGRESS and record["creator"] == "CloudFormation":
                with request_scope(account_id, region):
                    self._end(
                        record, "MANUAL_STOP", "localcloud ended during this deployment.", rolls_back=True
                    )

    def stop(self, record: dict[str, Any], *, rolls_back: bool | None = None) -> None:
        """Stop one on request; the traffic goes back where the request says so, else where its group does."""
        if record["status"] in store.IN_PROGRESS:
            self._end(record, "MANUAL_STOP", "The deployment was stopped on request.", rolls_back=rolls_back)

    def _advance(self, record: dict[str, Any]) -> None:
        group = store.groups.get(f"{record['applicationName']}/{record['deploymentGroupName']}")
        if group is None:
            self._end(record, "DEPLOYMENT_GROUP_MISSING", "Its deployment group was deleted.")
            return
        if refusal := _refusal(group, record["_shift"]):
            self._end(record, *refusal)
            return
        routing = CONFIGURATIONS[record["deploymentConfigName"]]
        share = max(record["_share"], routing.share(self.now() - record["_begun"]))
        if share == record["_share"]:
            return
        record["_share"] = share
        shift = record["_shift"]
        if share < 1:
            _route(shift, shift["current_version"], {shift["target_version"]: share})
        else:
            _route(shift, shift["target_version"], {})
            record |= {"status": "Succeeded", "completeTime": time.time()}
        self.changed()

    def _end(
        self, record: dict[str, Any], code: str, message: str, *, rolls_back: bool | None = None
    ) -> None:
        """End one that cannot go on, and take the traffic back where its group says so."""
        status = "Stopped" if code in _EVENTS else "Failed"
        record |= {
            "status": status,
            "completeTime": time.time(),
            "errorInformation": {"code": code, "message": message},
        }
        automatic = record.get("autoRollbackConfiguration", {})
        event = _EVENTS.get(code, "DEPLOYMENT_FAILURE")
        if rolls_back is None:
            rolls_back = automatic.get("enabled", False) and event in automatic.get("events", ())
        if rolls_back:
            _take_back(record)
        self.changed()


SHIFTS: Final = TrafficShifts()
"""Those of this process, as MiniStack's services are."""


def _record(
    group: dict[str, Any], shift: Shift, configuration: str, creator: str, description: str
) -> dict[str, Any]:
    content = shift.app_spec()
    return {
        "applicationName": group["applicationName"],
        "deploymentGroupName": group["deploymentGroupName"],
        "deploymentConfigName": configuration,
        "deploymentId": f"d-{secrets.token_hex(5)[:9].upper()}",
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
        "status": "InProgress",
        "createTime": time.time(),
        "startTime": time.time(),
        "description": description,
        "creator": creator,
        "computePlatform": "Lambda",
        "deploymentStyle": group["deploymentStyle"],
        **{name: group[name] for name in ("autoRollbackConfiguration",) if name in group},
        "_share": 0.0,
        "_shift": {
            "function": shift.function,
            "alias": shift.alias,
            "current_version": shift.current_version,
            "target_version": shift.target_version,
        },
    }


def _refusal(group: dict[str, Any], shift: dict[str, str]) -> tuple[str, str] | None:
    """Why a deployment cannot go on: an error code and a sentence; None where it can."""
    arn = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{shift['function']}"
    denied = role_may(group["serviceRoleArn"], "lambda:UpdateAlias", arn)
    if denied is not None:
        return "IAM_ROLE_PERMISSIONS", denied.message
    function = lambda_svc._functions.get(shift["function"])  # noqa: SLF001
    alias = function and function["aliases"].get(shift["alias"])
    if not alias or shift["target_version"] not in function["versions"]:
        return "INVALID_LAMBDA_FUNCTION", "The function has no such alias, or no such version."
    if alias["FunctionVersion"] != shift["current_version"]:
        return (
            "INVALID_LAMBDA_CONFIGURATION",
            "The Lambda function alias version does not match the current version in the AppSpec file.",
        )
    return _alarming(group)


def _alarming(group: dict[str, Any]) -> tuple[str, str] | None:
    """Which of the group's alarms says stop."""
    configuration = group.get("alarmConfiguration", {})
    if not configuration.get("enabled"):
        return None
    for name in [alarm["name"] for alarm in configuration.get("alarms", ())]:
        arn = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"
        denied = role_may(group["serviceRoleArn"], "cloudwatch:DescribeAlarms", arn)
        alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)  # noqa: SLF001
        if denied is not None or alarm is None:
            if configuration.get("ignorePollAlarmFailure"):
                continue
            return "ALARM_ACTIVE", denied.message if denied else f"There is no alarm {name}."
        if alarm["StateValue"] == "ALARM":
            return "ALARM_ACTIVE", f"One or more alarms have been activated: {name}"
    return None


def _take_back(record: dict[str, Any]) -> None:
    """Send all traffic to the version before, by a deployment of its own as on AWS."""
    shift = record["_shift"]
    if record["_share"]:
        _route(shift, shift["current_version"], {})
    back = {name: value for name, value in record.items() if name != "errorInformation"}
    back |= {
        "deploymentId": f"d-{secrets.token_hex(5)[:9].upper()}",
        "status": "Succeeded",
        "creator": "codeDeployRollback",
        "rollbackInfo": {"rollbackTriggeringDeploymentId": record["deploymentId"]},
    }
    store.deployments[back["deploymentId"]] = back
    record["rollbackInfo"] = {
        "rollbackDeploymentId": back["deploymentId"],
        "rollbackMessage": "The traffic was sent back to the version before.",
    }


def _route(shift: dict[str, str], version: str, weights: dict[str, float]) -> None:
    request = {"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights}}
    status, _, body = lambda_svc._update_alias(shift["function"], shift["alias"], request)  # noqa: SLF001
    if status >= 400:  # noqa: PLR2004 - HTTP's classes of status
        raise RuntimeError(f"UpdateAlias answered {status}: {body!r}")
