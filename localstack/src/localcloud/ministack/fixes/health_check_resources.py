"""CloudFormation: AWS::Route53::HealthCheck cannot be deployed.

Fault: MiniStack has the API of health checks and no provisioner, so a stack with one is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-healthcheck.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import new_uuid
from ministack.services import route53
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]

_REPLACING = ("Type", "RequestInterval", "MeasureLatency")
"""What of a check cannot be changed."""
_NUMBERS = ("Port", "RequestInterval", "FailureThreshold", "HealthThreshold")
_FLAGS = ("EnableSNI", "Inverted", "Disabled", "MeasureLatency")


def _create(_logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    check_id = route53._hc_id()  # noqa: SLF001
    check = {"id": check_id, "caller_reference": new_uuid(), "config": _config(properties), "version": 1}
    with route53._lock:  # noqa: SLF001
        route53._health_checks[check_id] = check  # noqa: SLF001
        _tag(check_id, properties)
    return check_id, {"HealthCheckId": check_id}


def _update(check_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str) -> Provisioned:
    """Change it in place, or where it is another one, make that; CloudFormation then removes this one."""
    config = _config(new)
    if any(config.get(name) != _config(old).get(name) for name in _REPLACING):
        return _create(logical_id, new, stack_name)
    with route53._lock:  # noqa: SLF001
        check = route53._health_checks[check_id]  # noqa: SLF001
        check.update(config=config, version=check["version"] + 1)
        _tag(check_id, new)
    return check_id, {"HealthCheckId": check_id}


def _delete(check_id: str, _properties: Properties) -> None:
    with route53._lock:  # noqa: SLF001
        route53._health_checks.pop(check_id, None)  # noqa: SLF001
        route53._tags.pop(("healthcheck", check_id), None)  # noqa: SLF001


def _config(properties: Properties) -> dict[str, Any]:
    """The template's configuration as the API answers it, which writes what it finds as text."""
    config: dict[str, Any] = dict(properties["HealthCheckConfig"])
    config |= {name: int(config[name]) for name in _NUMBERS if name in config}
    return config | {name: str(config[name]).lower() for name in _FLAGS if name in config}


def _tag(check_id: str, properties: Properties) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("HealthCheckTags", ())}
    route53._tags["healthcheck", check_id] = tags  # noqa: SLF001


FIX = Fix(
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::Route53::HealthCheck",
        lambda _: {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete},
    )
)
