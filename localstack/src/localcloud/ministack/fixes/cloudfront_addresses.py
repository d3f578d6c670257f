"""CloudFront: a distribution's ``DomainName`` leads to AWS.

Fault: it is ``{label}.cloudfront.net``, a name by which no request comes to this machine.
Ours is ``127.0.0.1:{port}/_aws/cloudfront/{label}``: what is built from it opens in every program.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ministack.services import cloudfront
from ministack.services.cloudformation import provisioners

from localcloud.distributions import PATH_PREFIX
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from xml.etree.ElementTree import Element


def domain_name(distribution: Mapping[str, Any]) -> str:
    """Where a distribution of MiniStack's is reached."""
    label = distribution["DomainName"].partition(".")[0]
    return f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}{PATH_PREFIX}{label}"


def _addressed(distribution: Mapping[str, Any]) -> dict[str, Any]:
    return {**distribution, "DomainName": domain_name(distribution)}


def _provision(provision: Callable[..., Any]) -> Callable[..., Any]:
    def provision_with_address(*arguments: object) -> tuple[str, dict[str, Any]]:
        distribution_id, attributes = provision(*arguments)
        return distribution_id, _addressed(attributes)

    return provision_with_address


def _describe(describe: Callable[..., None]) -> Callable[..., None]:
    def describe_with_address(parent: Element, distribution: Mapping[str, Any]) -> None:
        describe(parent, _addressed(distribution))

    return describe_with_address


def _list(describe: Callable[..., None]) -> Callable[..., None]:
    def list_with_addresses(parent: Element, distributions: Sequence[Mapping[str, Any]]) -> None:
        describe(parent, [_addressed(distribution) for distribution in distributions])

    return list_with_addresses


_DISTRIBUTION = provisioners._RESOURCE_HANDLERS["AWS::CloudFront::Distribution"]  # noqa: SLF001

FIX = Fix(
    Patch(_DISTRIBUTION, "create", _provision),
    Patch(_DISTRIBUTION, "update", _provision),
    Patch(cloudfront, "_build_distribution_xml", _describe),
    Patch(cloudfront, "_build_distribution_list_xml", _list),
)
