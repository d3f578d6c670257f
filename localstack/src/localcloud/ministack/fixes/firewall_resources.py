"""WAF: IP sets cannot be deployed, web ACLs cannot be told to log, and those of templates are misspelt.

Fault: MiniStack has no provisioners of AWS::WAFv2::IPSet and AWS::WAFv2::LoggingConfiguration, so a stack
with either is rolled back, and no API of the latter, which is kept with its web ACL here. And it stores the
rules of AWS::WAFv2::WebACL with the template's names, and with text for numbers where a parameter gave them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-ipset.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-loggingconfiguration.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs, waf
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Properties = Mapping[str, Any]
    Provisioned = tuple[str, dict[str, str]]
    Handler = Callable[..., Awaitable[Any]]

LOGGING = "LoggingConfiguration"
"""What a web ACL's record has its logging configuration under."""
_FIXED = ("Name", "Scope", "IPAddressVersion")
"""The properties of an IP set that are those of another one when they change."""
_NUMBERS = frozenset({"EvaluationWindowSec", "Limit", "Priority", "ResponseCode", "Size"})
_SWITCHES = frozenset({"CloudWatchMetricsEnabled", "SampledRequestsEnabled"})
_DESTINATION = ":log-group:"
_PREFIX = "aws-waf-logs-"


def _in_api_spelling(provision: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def provision_web_acl(*arguments: Any) -> Provisioned:  # noqa: ANN401 - MiniStack is untyped
        return provision(*(_spelt(each) if isinstance(each, dict) else each for each in arguments))

    return provision_web_acl


def _spelt(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """A template's value as the API has it."""
    if isinstance(value, list):
        return [_spelt(each) for each in value]
    if not isinstance(value, dict):
        return value
    return dict(_member(name, inner) for name, inner in value.items())


def _member(name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - as above
    match name:
        case "Arn":
            return "ARN", value
        case "SearchString":  # bytes, which JSON has in base 64
            return name, base64.b64encode(value.encode()).decode()
        case "SearchStringBase64":
            return "SearchString", value
        case _ if name in _NUMBERS:
            return name, int(value)
        case _ if name in _SWITCHES:
            return name, str(value).lower() == "true"
        case _:
            return name, _spelt(value)


def _create_ip_set(logical_id: str, properties: Properties, stack_name: str) -> Provisioned:
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=128)  # noqa: SLF001
    summary = _answer(waf._create_ip_set({**properties, "Name": name}))["Summary"]  # noqa: SLF001
    physical_id = f"{name}|{summary['Id']}|{properties['Scope']}"
    return physical_id, {"Arn": summary["ARN"], "Id": summary["Id"]}


def _update_ip_set(
    physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Change its addresses in place; else make another, and CloudFormation removes this one."""
    if any(old.get(name) != new.get(name) for name in _FIXED):
        return _create_ip_set(logical_id, new, stack_name)
    ip_set = _ip_set(physical_id)
    ip_set["Description"] = new.get("Description", "")
    _answer(waf._update_ip_set({**ip_set, "Addresses": new["Addresses"]}))  # noqa: SLF001
    return physical_id, {"Arn": ip_set["ARN"], "Id": ip_set["Id"]}


def _delete_ip_set(physical_id: str, _properties: Properties) -> None:
    _name, identifier, scope = physical_id.split("|")
    waf._delete_ip_set({"Id": identifier, "Scope": scope})  # noqa: SLF001


def _ip_set(physical_id: str) -> dict[str, Any]:
    _name, identifier, scope = physical_id.split("|")
    found: dict[str, Any] = waf._resource_from_scope(waf._ip_sets, identifier, scope)  # noqa: SLF001
    return found


def _create_logging(_logical_id: str, properties: Properties, _stack_name: str) -> Provisioned:
    arn = properties["ResourceArn"]
    _put_logging(properties)
    return arn, {}


def _update_logging(
    arn: str, _old: Properties, new: Properties, stack_name: str, logical_id: str
) -> Provisioned:
    """Change it in place; one of another web ACL is another one."""
    if new["ResourceArn"] != arn:
        return _create_logging(logical_id, new, stack_name)
    _put_logging(new)
    return arn, {}


def _delete_logging(arn: str, _properties: Properties) -> None:
    """Forget it; where the web ACL is gone already, it went with that."""
    acl, _missing = waf._resolve_local_web_acl(arn)  # noqa: SLF001
    if acl:
        acl.pop(LOGGING, None)


def _put_logging(configuration: Properties) -> dict[str, Any]:
    """Keep a logging configuration.

    Raises:
        ValueError: there is no such web ACL, or it cannot log there.
    """
    (destination,) = configuration["LogDestinationConfigs"]
    group = destination.partition(_DESTINATION)[2]
    if not group.startswith(_PREFIX):
        raise ValueError(
            f"{destination} is no log group whose name begins with {_PREFIX}: only such can be written."
        )
    if group not in cloudwatch_logs._log_groups:  # noqa: SLF001
        raise ValueError(f"There is no log group {group}.")
    acl, missing = waf._resolve_local_web_acl(configuration["ResourceArn"])  # noqa: SLF001
    if missing:
        raise ValueError(f"There is no web ACL {configuration['ResourceArn']}.")
    acl[LOGGING] = dict(configuration)
    return dict(configuration)


def _with_logging_api(handle: Handler) -> Handler:
    """The three actions that MiniStack lacks, in front of its own."""

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        match headers.get("x-amz-target", "").rpartition(".")[2]:
            case "PutLoggingConfiguration":
                return _put_by_api(json.loads(body)[LOGGING])
            case "GetLoggingConfiguration":
                return _get_by_api(json.loads(body)["ResourceArn"])
            case "DeleteLoggingConfiguration":
                _delete_logging(json.loads(body)["ResourceArn"], {})
                return json_response({})
            case _:
                return await handle(method, path, headers, body, query)

    return handle_request


def _put_by_api(configuration: Properties) -> Any:  # noqa: ANN401 - MiniStack is untyped
    try:
        return json_response({LOGGING: _put_logging(configuration)})
    except ValueError as refused:
        return error_response_json("WAFInvalidParameterException", str(refused), 400)


def _get_by_api(arn: str) -> Any:  # noqa: ANN401 - MiniStack is untyped
    acl, missing = waf._resolve_local_web_acl(arn)  # noqa: SLF001
    if missing:
        return missing
    if LOGGING not in acl:
        return error_response_json("WAFNonexistentItemException", f"{arn} does not log.", 400)
    return json_response({LOGGING: acl[LOGGING]})


def _answer(response: Any) -> dict[str, Any]:  # noqa: ANN401 - MiniStack is untyped
    status, _headers, body = response
    answer: dict[str, Any] = json.loads(body)
    if status >= 400:  # noqa: PLR2004 - HTTP's errors
        raise ValueError(answer.get("message") or answer.get("Message") or body)
    return answer


def _provisioners(create: object, update: object, delete: object) -> Any:  # noqa: ANN401 - MiniStack is untyped
    return lambda _: {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


_WEB_ACL = provisioners._RESOURCE_HANDLERS["AWS::WAFv2::WebACL"]  # noqa: SLF001

FIX = Fix(
    Patch(_WEB_ACL, "create", _in_api_spelling),
    Patch(_WEB_ACL, "update", _in_api_spelling),
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::WAFv2::IPSet",
        _provisioners(_create_ip_set, _update_ip_set, _delete_ip_set),
    ),
    Patch(
        provisioners._RESOURCE_HANDLERS,  # noqa: SLF001
        "AWS::WAFv2::LoggingConfiguration",
        _provisioners(_create_logging, _update_logging, _delete_logging),
    ),
    Patch(waf, "handle_request", _with_logging_api),
)
