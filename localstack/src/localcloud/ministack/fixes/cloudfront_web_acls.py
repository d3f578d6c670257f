"""CloudFront: a distribution's web ACL lets everything through.

Fault: MiniStack keeps WebACLId, that of a web ACL which was never there too, and asks none. Here such a
distribution is refused, and each request is judged by the rules that ``localcloud.firewall`` knows before the
distribution looks at it; log and metrics are written. CloudFront cannot tell this 403 from its origin's, so a
custom error page for 403 answers, unless the rule has a response of its own.
https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-waf-use-cases.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import cloudfront, waf
from ministack.services.cloudformation import provisioners

from localcloud.clock import SystemClock
from localcloud.firewall import records
from localcloud.firewall.rates import Rates
from localcloud.firewall.requests import WebRequest
from localcloud.firewall.web_acls import Action, judge, parse_web_acl
from localcloud.ministack import logs, metrics
from localcloud.ministack.fixes.firewall_resources import LOGGING
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from localcloud.firewall.web_acls import Judgement

    Viewer = Callable[..., Awaitable[Any]]

_CLOCK = SystemClock()
_RATES = Rates(_CLOCK)


def _guarded(serve: Viewer) -> Viewer:
    async def handle_viewer_request(  # noqa: PLR0917 - MiniStack calls it so
        distribution: Mapping[str, Any],
        method: str,
        path: str,
        raw_path: str,
        raw_query: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
        client_ip: str = "127.0.0.1",
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        stored = _web_acl(_web_acl_arn(cloudfront._dist_config_el(distribution)))  # noqa: SLF001
        if stored is not None:
            request = WebRequest(client_ip, method, raw_path, raw_query, headers, body)
            judgement = _judge(stored, request, distribution)
            if judgement.action is Action.BLOCK:
                return await _blocked(serve, distribution, judgement, headers, client_ip)
        return await serve(distribution, method, path, raw_path, raw_query, headers, body, query, client_ip)

    return handle_viewer_request


async def _blocked(
    serve: Viewer,
    distribution: Mapping[str, Any],
    judgement: Judgement,
    headers: Mapping[str, str],
    client_ip: str,
) -> Any:  # noqa: ANN401 - MiniStack is untyped
    """What a viewer gets whose request is blocked: the distribution's page for that status, if it has one."""
    pages = cloudfront.parse_distribution_dataplane_config(distribution)["custom_error_responses"]
    custom = pages.get(judgement.status)
    if custom is None or (judgement.rule and judgement.rule.response_status):
        return cloudfront._cf_error_response(  # noqa: SLF001
            judgement.status,
            "Request blocked.",
            cloudfront._ERROR_X_CACHE,  # noqa: SLF001
        )
    page = custom["page"]
    _status, page_headers, content = await serve(
        distribution, "GET", page, page, "", headers, b"", {}, client_ip
    )
    return custom["response_code"], page_headers, content


def _judge(stored: Mapping[str, Any], request: WebRequest, distribution: Mapping[str, Any]) -> Judgement:
    """Ask a web ACL, and write down what it says."""
    arn = parse_arn(stored["ARN"])
    with request_scope(arn.account_id, arn.region):
        acl = parse_web_acl(stored, _addresses)
        judgement = judge(acl, request, _RATES)
        now = _CLOCK.now()
        metrics.put(records.metrics(judgement, acl, now))
        if settings := stored.get(LOGGING):
            now_ms = int(now * 1000)
            line = records.log_line(judgement, acl, request, settings, distribution["Id"], now_ms)
            group = settings["LogDestinationConfigs"][0].partition(":log-group:")[2]
            if line and logs.has_group(group):
                logs.append(group, f"cloudfront_{acl.name}_0", [(now_ms, line)])
    return judgement


def _addresses(arn: str) -> Sequence[str]:
    """The addresses of an IP set; none where it has been deleted."""
    place = parse_arn(arn)
    identifier = place.resource.rpartition("/")[2]
    ip_set = waf._ip_sets.get_scoped(place.account_id, place.region, identifier)  # noqa: SLF001
    return ip_set["Addresses"] if ip_set else ()


def _web_acl(arn: str) -> Mapping[str, Any] | None:
    """A web ACL by its ARN; None where there is none."""
    if not arn.startswith("arn:"):
        return None
    place = parse_arn(arn)
    identifier = place.resource.rpartition("/")[2]
    found: Mapping[str, Any] | None = waf._web_acls.get_scoped(place.account_id, place.region, identifier)  # noqa: SLF001
    return found


def _web_acl_arn(config: Any) -> str:  # noqa: ANN401 - an element of MiniStack's
    arn: str = cloudfront._text(config, "WebACLId")  # noqa: SLF001
    return arn


def _of_known_web_acls(configure: Callable[..., Any]) -> Callable[..., Any]:
    def distribution_config(properties: Mapping[str, Any], caller_reference: str) -> Any:  # noqa: ANN401 - untyped
        config = configure(properties, caller_reference)
        arn = _web_acl_arn(config)
        if arn and _web_acl(arn) is None:
            raise ValueError(f"There is no web ACL {arn}.")
        return config

    return distribution_config


FIX = Fix(
    Patch(cloudfront, "handle_viewer_request", _guarded),
    Patch(provisioners, "_cf_distribution_config", _of_known_web_acls),
)
