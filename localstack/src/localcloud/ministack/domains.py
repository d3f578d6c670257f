"""What is behind a domain of one's own: API Gateway's mappings, and CloudFront's aliases."""

from __future__ import annotations

from ministack.services import apigateway_v1, cloudfront

from localcloud.apis.addresses import PATH_PREFIX as APIS
from localcloud.distributions import PATH_PREFIX as DISTRIBUTIONS


def path_of(domain: str, raw_path: str) -> str | None:
    """The path form of an address at a domain of one's own; None where the domain is nobody's.

    Call it within MiniStack's request scope, which decides the account and the region.

    Args:
        domain: without the port, in lower case.
        raw_path: percent-encoded, from ``/``.
    """
    if mapped := apigateway_v1.resolve_base_path_mapping(domain, raw_path):
        api_id, stage, rest = mapped
        return f"{APIS}{api_id}/{stage}{rest}"
    for distribution in cloudfront._distributions.values():  # noqa: SLF001
        if domain in cloudfront._get_distribution_aliases(distribution):  # noqa: SLF001
            label = distribution["DomainName"].partition(".")[0]
            return f"{DISTRIBUTIONS}{label}{raw_path}"
    return None
