"""Functions that Lambda would refuse are refused when they are deployed.

MiniStack takes reserved environment variables, more than 4 KB of them, and any timeout.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_SECONDS: Final = 900
_VARIABLES_BYTES: Final = 4096
_RESERVED: Final = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
_UNABLE: Final = (
    "Lambda was unable to configure your environment variables because the environment variables you have "
    "provided"
)


def _objection(function: dict[str, Any]) -> tuple[str, str] | None:
    """The code and the words by which Lambda refuses these properties; None when it does not."""
    timeout = int(function.get("Timeout") or 3)
    if timeout > _LONGEST_SECONDS:
        said = f"Value '{timeout}' at 'timeout' failed to satisfy constraint"
        most = f"Member must have value less than or equal to {_LONGEST_SECONDS}"
        return "ValidationException", f"1 validation error detected: {said}: {most}"
    variables = (function.get("Environment") or {}).get("Variables") or {}
    if reserved := sorted(_RESERVED & variables.keys()):
        why = "contains reserved keys that are currently not supported for modification"
        keys = f"Reserved keys used in this request: {', '.join(reserved)}"
        return "InvalidParameterValueException", f"{_UNABLE} {why}. {keys}"
    measured = json.dumps(variables, separators=(",", ":"))
    if len(measured.encode()) > _VARIABLES_BYTES:
        too_large = f"{_UNABLE} exceeded the 4KB limit. String measured: {measured}"
        return "InvalidParameterValueException", too_large
    return None


def _refusing(deploy: Callable[..., Any]) -> Callable[..., Any]:
    def deploy_checked(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if objection := _objection(arguments[-1]):
            return error_response_json(*objection, 400)
        return deploy(*arguments)

    return deploy_checked


def _failing(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_resource(logical_id: str, properties: dict[str, Any], stack: str) -> Any:  # noqa: ANN401
        if objection := _objection(properties):
            raise ValueError(f"Resource handler returned message: {objection[1]}")
        return create(logical_id, properties, stack)

    return create_resource


FIX = Fix(
    Patch(lambda_svc, "_create_function", _refusing),
    Patch(lambda_svc, "_update_config", _refusing),
    Patch(provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"], "create", _failing),  # noqa: SLF001
)
