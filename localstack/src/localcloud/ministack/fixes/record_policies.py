"""Route 53: records that cannot stand beside each other are taken.

Fault: MiniStack takes any record of another SetIdentifier. Route 53 refuses one whose name and type have
records of another routing policy, a latency record of a region that has one, and a second primary (or
secondary): a template that fails there has to fail here.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import route53
from ministack.services.cloudformation import provisioners

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]
    Record = dict[str, Any]

_POLICIES = ("Region", "Failover", "Weight", "GeoLocation", "MultiValueAnswer", "CidrRoutingConfig")
_ONCE = ("Region", "Failover")
"""Policies whose every value one record has at most."""


def _creating(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_checked(logical_id: str, properties: Properties, stack_name: str) -> Any:  # noqa: ANN401
        _check(properties)
        return create(logical_id, properties, stack_name)

    return create_checked


def _updating(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_checked(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Any:  # noqa: ANN401
        _check(new)
        return update(physical_id, old, new, stack_name)

    return update_checked


def _check(properties: Properties) -> None:
    """Raise ValueError where Route 53 would not take the record beside the others."""
    record = provisioners._r53_record_set_build_rs(properties)  # noqa: SLF001
    zone = provisioners._r53_resolve_hosted_zone_id(properties)  # noqa: SLF001
    others = [
        other
        for other in route53._records.get(zone, [])  # noqa: SLF001
        if (other["Name"], other["Type"]) == (record["Name"], record["Type"])
        and other.get("SetIdentifier") != record.get("SetIdentifier")
    ]
    if refused := _refusal(record, others):
        raise ValueError(f"RRSet with DNS name {record['Name']}, type {record['Type']} {refused}.")


def _refusal(record: Record, others: list[Record]) -> str:
    """What is wrong with the record beside others of its name and type; empty for nothing."""
    policy = _policy(record)
    if policy and "SetIdentifier" not in record:
        return "has a routing policy and no SetIdentifier"
    if any(_policy(other) != policy for other in others):
        return "cannot be created as other RRSets exist with the same name and type and another policy"
    if policy in _ONCE and any(other[policy] == record[policy] for other in others):
        return f"cannot be created because one with {policy}={record[policy]} exists"
    return ""


def _policy(record: Record) -> str:
    """The property that makes its routing policy; empty for a simple record."""
    return next((name for name in _POLICIES if name in record), "")


_RECORD = provisioners._RESOURCE_HANDLERS["AWS::Route53::RecordSet"]  # noqa: SLF001

FIX = Fix(Patch(_RECORD, "create", _creating), Patch(_RECORD, "update", _updating))
