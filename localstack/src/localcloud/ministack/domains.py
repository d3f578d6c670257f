"""What is behind a domain of one's own: API Gateway's mappings, Route 53's records, CloudFront's aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id
from ministack.services import apigateway_v1, cloudfront, route53

from localcloud.apis.addresses import PATH_PREFIX as APIS
from localcloud.distributions import PATH_PREFIX as DISTRIBUTIONS
from localcloud.regions.records import HealthCheck, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROOT = "(none)"
"""MiniStack's key of the mapping of all paths that no other one has."""
_API = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.")


def path_of(domain: str, raw_path: str, regions: Sequence[str]) -> str | None:
    """The path form of an address at a domain of one's own; None where the domain is nobody's.

    Call it within MiniStack's request scope, which decides the account and the region.

    Args:
        domain: without the port, in lower case.
        raw_path: percent-encoded, from ``/``.
        regions: whose API it leads to; the first of them that has the domain.
    """
    for region in regions:
        if apigateway_v1._domain_names.contains_scoped(get_account_id(), region, domain):  # noqa: SLF001
            return _mapped(domain, raw_path, region)
    for distribution in cloudfront._distributions.values():  # noqa: SLF001
        if domain in cloudfront._get_distribution_aliases(distribution):  # noqa: SLF001
            label = distribution["DomainName"].partition(".")[0]
            return f"{DISTRIBUTIONS}{label}{raw_path}"
    return None


def _mapped(domain: str, raw_path: str, region: str) -> str | None:
    """By the longest key that the path begins with; None where it begins with none."""
    mappings = apigateway_v1._base_path_mappings.get_scoped(get_account_id(), region, domain, {})  # noqa: SLF001
    prefixes = {"" if key == _ROOT else f"/{key}": mapping for key, mapping in mappings.items()}
    prefix = max((each for each in prefixes if f"{raw_path}/".startswith(f"{each}/")), key=len, default=None)
    if prefix is None:
        return None
    mapping = prefixes[prefix]
    return f"{APIS}{mapping['restApiId']}/{mapping['stage']}{raw_path[len(prefix) :] or '/'}"


def records(domain: str) -> Sequence[Record]:
    """The records of a name by which Route 53 chooses among the APIs of regions; none where it does not.

    Weights, places and addresses are not chosen by: such records are none here.
    """
    apis = {
        record["regionalDomainName"]: region
        for (account, region, _), record in apigateway_v1._domain_names.all_items()  # noqa: SLF001
        if account == get_account_id()
    }
    return [
        _record(found, apis[target])
        for zone in route53._records.values()  # noqa: SLF001
        for found in zone
        if (found["Name"].lower(), found["Type"]) == (f"{domain}.", "A")
        and found.keys() & {"Region", "Failover"}
        and (target := found.get("AliasTarget", {}).get("DNSName", "").rstrip(".")) in apis
    ]


def _record(found: Mapping[str, Any], region: str) -> Record:
    return Record(
        region=region,
        failover=found.get("Failover", ""),
        health_check=_health_check(found.get("HealthCheckId", "")),
        evaluates_target=found["AliasTarget"]["EvaluateTargetHealth"],
    )


def _health_check(check_id: str) -> HealthCheck | None:
    """What it asks of an API; None where there is none, or one of something else: that counts as healthy."""
    config = route53._health_checks.get(check_id, {}).get("config", {})  # noqa: SLF001
    api = _API.match(config.get("FullyQualifiedDomainName", ""))
    return HealthCheck(check_id, api["api"], config.get("ResourcePath", "/")) if api else None
