"""CodeDeploy's API, for Lambda: JSON 1.1 with the target ``CodeDeploy_20141006``.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response, new_uuid

from localcloud.codedeploy.app_spec import InvalidAppSpecError, parse_app_spec
from localcloud.codedeploy.routing import CONFIGURATIONS
from localcloud.ministack.codedeploy import store
from localcloud.ministack.codedeploy.shifts import SHIFTS
from localcloud.ministack.codedeploy.store import (
    CodeDeployError,
    get_state,
    load_persisted_state,
    reset,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Members = Mapping[str, Any]
    Answer = tuple[int, Mapping[str, str], bytes]

__all__ = ["get_state", "handle_request", "load_persisted_state", "reset"]

_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
_SETTINGS = ("alarmConfiguration", "autoRollbackConfiguration", "deploymentConfigName", "serviceRoleArn")


def create_application(request: Members) -> Members:
    """Make an application of Lambda's platform."""
    name = request["applicationName"]
    if request.get("computePlatform", "Server") != "Lambda":
        raise CodeDeployError("InvalidComputePlatformException", "Only the platform Lambda is served here.")
    if name in store.applications:
        raise CodeDeployError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    store.applications[name] = {
        "applicationId": new_uuid(),
        "applicationName": name,
        "computePlatform": "Lambda",
        "createTime": time.time(),
        "linkedToGitHub": False,
    }
    return {"applicationId": store.applications[name]["applicationId"]}


def delete_application(request: Members) -> Members:
    """Delete it, and its deployment groups."""
    store.applications.pop(request["applicationName"], None)
    for key in [key for key in store.groups if key.startswith(f"{request['applicationName']}/")]:
        del store.groups[key]
    return {}


def create_deployment_group(request: Members) -> Members:
    """Make a deployment group."""
    application = store.application(request["applicationName"])
    key = f"{application['applicationName']}/{request['deploymentGroupName']}"
    if key in store.groups:
        raise CodeDeployError(
            "DeploymentGroupAlreadyExistsException",
            f"Deployment group name already exists: {request['deploymentGroupName']}",
        )
    if request.get("deploymentStyle", _STYLE) != _STYLE:
        raise CodeDeployError(
            "InvalidDeploymentStyleException", "Lambda is deployed BLUE_GREEN, WITH_TRAFFIC_CONTROL."
        )
    store.groups[key] = {
        "applicationName": application["applicationName"],
        "computePlatform": "Lambda",
        "deploymentGroupId": new_uuid(),
        "deploymentGroupName": request["deploymentGroupName"],
        "deploymentStyle": _STYLE,
        **_settings({"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce", **request}),
    }
    return {"deploymentGroupId": store.groups[key]["deploymentGroupId"]}


def update_deployment_group(request: Members) -> Members:
    """Change what a request names; the rest stays."""
    group = store.group(request["applicationName"], request["currentDeploymentGroupName"])
    if request.get("newDeploymentGroupName", group["deploymentGroupName"]) != group["deploymentGroupName"]:
        raise CodeDeployError(
            "InvalidDeploymentGroupNameException", "A group keeps its name here: make another."
        )
    group |= _settings(request)
    return {}


def delete_deployment_group(request: Members) -> Members:
    """Delete it; there may be none."""
    store.groups.pop(f"{request['applicationName']}/{request['deploymentGroupName']}", None)
    return {}


def _settings(request: Members) -> dict[str, Any]:
    settings = {name: request[name] for name in _SETTINGS if name in request}
    if settings.get("deploymentConfigName", next(iter(CONFIGURATIONS))) not in CONFIGURATIONS:
        raise CodeDeployError(
            "DeploymentConfigDoesNotExistException",
            f"No Deployment Configuration found for {settings['deploymentConfigName']}",
        )
    return settings


def _create_deployment(request: Members) -> Members:
    group = store.group(request["applicationName"], request["deploymentGroupName"])
    revision = request.get("revision", {})
    content = revision.get("appSpecContent", revision.get("string", {})).get("content", "")
    try:
        shift = parse_app_spec(content)
    except InvalidAppSpecError as fault:
        raise CodeDeployError("InvalidRevisionException", str(fault)) from fault
    given = {
        "configuration": request.get("deploymentConfigName", ""),
        "description": request.get("description", ""),
    }
    return {"deploymentId": SHIFTS.begin(group, shift, **given)["deploymentId"]}


def _stop_deployment(request: Members) -> Members:
    record = store.deployment(request["deploymentId"])
    if record["status"] not in store.IN_PROGRESS:
        raise CodeDeployError(
            "DeploymentAlreadyCompletedException", f"Deployment {record['deploymentId']} is already completed"
        )
    SHIFTS.stop(record, rolls_back=request.get("autoRollbackEnabled"))
    return {"status": "Succeeded", "statusMessage": "No more traffic goes over."}


def _list_deployments(request: Members) -> Members:
    wanted = {name: request[name] for name in ("applicationName", "deploymentGroupName") if name in request}
    statuses = request.get("includeOnlyStatuses")
    newest_first = sorted(store.deployments.values(), key=lambda each: -each["createTime"])
    return {
        "deployments": [
            each["deploymentId"]
            for each in newest_first
            if all(each[name] == value for name, value in wanted.items())
            and (not statuses or each["status"] in statuses)
        ]
    }


def _list_groups(request: Members) -> Members:
    name = store.application(request["applicationName"])["applicationName"]
    names = [
        group["deploymentGroupName"] for group in store.groups.values() if group["applicationName"] == name
    ]
    return {"applicationName": name, "deploymentGroups": sorted(names)}


def _configuration(request: Members) -> Members:
    name = request["deploymentConfigName"]
    if name not in CONFIGURATIONS:
        raise CodeDeployError(
            "DeploymentConfigDoesNotExistException", f"No Deployment Configuration found for {name}"
        )
    routing = CONFIGURATIONS[name]
    member = {"TimeBasedCanary": "Canary", "TimeBasedLinear": "Linear"}.get(routing.type)
    described: dict[str, Any] = {"type": routing.type}
    if member:
        described[routing.type[0].lower() + routing.type[1:]] = {
            f"{member.lower()}Percentage": routing.percentage,
            f"{member.lower()}Interval": routing.minutes,
        }
    info = {"deploymentConfigName": name, "computePlatform": "Lambda", "trafficRoutingConfig": described}
    return {"deploymentConfigInfo": info}


def _shown(record: Members) -> Members:
    return {name: value for name, value in record.items() if not name.startswith("_")}


_OPERATIONS: Mapping[str, Callable[[Members], Members]] = {
    "CreateApplication": create_application,
    "GetApplication": lambda request: {"application": store.application(request["applicationName"])},
    "ListApplications": lambda _: {"applications": sorted(store.applications)},
    "DeleteApplication": delete_application,
    "CreateDeploymentGroup": create_deployment_group,
    "GetDeploymentGroup": lambda request: {
        "deploymentGroupInfo": store.group(request["applicationName"], request["deploymentGroupName"])
    },
    "UpdateDeploymentGroup": update_deployment_group,
    "ListDeploymentGroups": _list_groups,
    "DeleteDeploymentGroup": delete_deployment_group,
    "CreateDeployment": _create_deployment,
    "GetDeployment": lambda request: {"deploymentInfo": _shown(store.deployment(request["deploymentId"]))},
    "BatchGetDeployments": lambda request: {
        "deploymentsInfo": [_shown(store.deployment(each)) for each in request["deploymentIds"]]
    },
    "ListDeployments": _list_deployments,
    "StopDeployment": _stop_deployment,
    "GetDeploymentConfig": _configuration,
    "ListDeploymentConfigs": lambda _: {"deploymentConfigsList": list(CONFIGURATIONS)},
}


async def handle_request(
    _method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Mapping[str, Any]
) -> Answer:
    """Serve one call of the API."""
    name = headers.get("x-amz-target", "").rpartition(".")[2]
    operation = _OPERATIONS.get(name)
    answer: Answer
    if operation is None:
        answer = error_response_json("InvalidAction", f"{name} is not served here.", 400)
        return answer
    try:
        answer = json_response(operation(json.loads(body or b"{}")))
    except CodeDeployError as refused:
        answer = error_response_json(refused.code, str(refused), 400)
    except KeyError as missing:
        answer = error_response_json("ValidationException", f"The request has no {missing}.", 400)
    return answer
