"""CloudWatch Logs: saved queries can be neither put nor listed, and AWS::Logs::QueryDefinition not deployed.

Fault: MiniStack runs queries of Logs Insights and knows no definitions of any. They are kept in its module,
so that they are saved with its state.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response, new_uuid
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Properties = Mapping[str, Any]
    Answer = tuple[int, Mapping[str, str], bytes]
    Handler = Callable[..., Awaitable[Answer]]

_STATE = "query_definitions"
_OPTIONAL = ("logGroupNames", "queryLanguage", "parameters")
cloudwatch_logs._query_definitions = AccountRegionScopedDict()  # noqa: SLF001


def _put(request: Properties) -> Answer:
    """Make a definition, or change the one with the id; each keeps its id for good."""
    for wanted in ("name", "queryString"):
        if not request.get(wanted):
            return _refused("InvalidParameterException", f"Give the query a {wanted}.")
    known = cloudwatch_logs._query_definitions  # noqa: SLF001
    query_id = request.get("queryDefinitionId") or new_uuid()
    if "queryDefinitionId" in request and query_id not in known:
        return _refused("ResourceNotFoundException", f"There is no query {query_id}.")
    optional = {name: request[name] for name in _OPTIONAL if request.get(name)}
    known[query_id] = {
        "queryDefinitionId": query_id,
        "name": request["name"],
        "queryString": request["queryString"],
        "lastModified": int(time.time() * 1000),
        **optional,
    }
    return _answered({"queryDefinitionId": query_id})


def _describe(request: Properties) -> Answer:
    """Give those whose names begin so, by name."""
    prefix = request.get("queryDefinitionNamePrefix", "")
    every = sorted(cloudwatch_logs._query_definitions.values(), key=lambda each: each["name"])  # noqa: SLF001
    return _answered({"queryDefinitions": [each for each in every if each["name"].startswith(prefix)]})


def _delete(request: Properties) -> Answer:
    """Delete it; say whether there was one."""
    removed = cloudwatch_logs._query_definitions.pop(request.get("queryDefinitionId"), None)  # noqa: SLF001
    return _answered({"success": removed is not None})


def _answered(content: Properties) -> Answer:
    answer: Answer = json_response(content)
    return answer


def _refused(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer


_OPERATIONS = {
    "PutQueryDefinition": _put,
    "DescribeQueryDefinitions": _describe,
    "DeleteQueryDefinition": _delete,
}


def _with_definitions(handle: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        operation = _OPERATIONS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return await handle(method, path, headers, body, query)
        return operation(json.loads(body or b"{}"))

    return handle_request


def _saving(get_state: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    return lambda: {**get_state(), _STATE: cloudwatch_logs._query_definitions}  # noqa: SLF001


def _restoring(load: Callable[[Properties], object]) -> Callable[[Properties], None]:
    def load_persisted_state(data: Properties) -> None:
        load(data)
        cloudwatch_logs._query_definitions.update(data.get(_STATE, {}))  # noqa: SLF001

    return load_persisted_state


def _create_resource(
    _logical_id: str, properties: Properties, _stack_name: str
) -> tuple[str, dict[str, str]]:
    return _put_resource(properties, {})


def _update_resource(
    query_id: str, _old: Properties, new: Properties, _stack_name: str
) -> tuple[str, dict[str, str]]:
    return _put_resource(new, {"queryDefinitionId": query_id})


def _put_resource(properties: Properties, more: Properties) -> tuple[str, dict[str, str]]:
    request = {name[0].lower() + name[1:]: value for name, value in properties.items()}
    status, _, body = _put({**request, **more})
    answer = json.loads(body)
    if status >= 400:  # noqa: PLR2004 - HTTP's classes of status
        raise ValueError(answer["message"])
    query_id = answer["queryDefinitionId"]
    return query_id, {"QueryDefinitionId": query_id}


def _delete_resource(query_id: str, _properties: Properties) -> None:
    _delete({"queryDefinitionId": query_id})


FIX = Fix(
    Patch(cloudwatch_logs, "handle_request", _with_definitions),
    Patch(cloudwatch_logs, "get_state", _saving),
    Patch(cloudwatch_logs, "load_persisted_state", _restoring),
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::Logs::QueryDefinition",
        lambda _: {"create": _create_resource, "update": _update_resource, "delete": _delete_resource},
    ),
)
