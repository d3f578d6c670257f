"""An event source mapping of a queue that Lambda would refuse is refused when it is made.

MiniStack makes any mapping: of a queue that the function's role may not read, of one that shows a message
again while the function may still have it, of large batches without a window to gather them in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import lambda_svc, sqs
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch
from localcloud.ministack.permissions import Roles

if TYPE_CHECKING:
    from collections.abc import Callable

_ACTIONS: Final = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_LARGEST_BATCH_WITHOUT_WINDOW: Final = 10


def _objection(mapping: dict[str, Any]) -> str:
    """Why Lambda refuses a mapping of these properties; empty when it does not."""
    queue_arn = str(mapping.get("EventSourceArn", ""))
    function, config, name = lambda_svc._get_func_record_for_ref(str(mapping.get("FunctionName", "")))  # noqa: SLF001
    if ":sqs:" not in queue_arn or not function or not config:
        return ""
    roles = Roles(get_account_id(), get_region())
    for action in _ACTIONS:
        if roles.may(name, f"sqs:{action}", queue_arn) is not None:
            return f"The provided execution role does not have permissions to call {action} on SQS"
    queue = sqs._queue_by_arn(queue_arn)  # noqa: SLF001
    visible_after = int(queue["attributes"].get("VisibilityTimeout", 30)) if queue else 0
    timeout = int(config.get("Timeout", 3))
    if queue and visible_after < timeout:
        short = f"Queue visibility timeout: {visible_after} seconds"
        return f"{short} is less than Function timeout: {timeout} seconds"
    is_large = int(mapping.get("BatchSize", 10)) > _LARGEST_BATCH_WITHOUT_WINDOW
    if is_large and int(mapping.get("MaximumBatchingWindowInSeconds", 0)) < 1:
        return (
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    return ""


def _refusing(create: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def create_event_source_mapping(mapping: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack is untyped
        if objection := _objection(mapping):
            return error_response_json("InvalidParameterValueException", objection, 400)
        return create(mapping)

    return create_event_source_mapping


def _failing(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_resource(logical_id: str, properties: dict[str, Any], stack: str) -> Any:  # noqa: ANN401
        if objection := _objection(properties):
            raise ValueError(f"Invalid request provided: {objection}")
        return create(logical_id, properties, stack)

    return create_resource


FIX = Fix(
    Patch(lambda_svc, "_create_esm", _refusing),
    Patch(provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"], "create", _failing),  # noqa: SLF001
)
