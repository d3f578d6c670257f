"""What is provisioned for DynamoDB's tables and indexes, as MiniStack keeps it and CloudFormation sets it.

MiniStack takes a global table's ``WriteProvisionedThroughputSettings`` when it makes the table, and neither
later nor for indexes, and its replicas' ``ReadProvisionedThroughputSettings`` never; ``fixes.global_tables``
has them applied here. The bounds of auto scaling, which ``localcloud.dynamodb.throttle`` does, are kept
beside the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from ministack.services import dynamodb

from localcloud.dynamodb.capacity import Capacity, Kind, Place, Scaling

if TYPE_CHECKING:
    from collections.abc import Iterator
Properties = dict[str, Any]

_SCALING: Final = "AutoScaling"
"""A member of a table as MiniStack keeps it, which no answer has: bounds and target by index and kind."""
_SETTINGS: Final = ("ReadProvisionedThroughputSettings", "WriteProvisionedThroughputSettings")


def without_settings(properties: Properties) -> Properties:
    """A table's properties without what is provisioned, so that no index differs by it."""
    kept = {name: value for name, value in properties.items() if name not in _SETTINGS}
    if indexes := properties.get("GlobalSecondaryIndexes"):
        kept["GlobalSecondaryIndexes"] = [
            {name: value for name, value in index.items() if name not in _SETTINGS} for index in indexes
        ]
    return kept


def apply(name: str, properties: Properties, replica: Properties) -> None:
    """Give a table of this request's scope and its indexes what a template provisions.

    Args:
        name: the table's name.
        properties: those of the global table: its writes are provisioned everywhere alike.
        replica: what it says of this region: reads are provisioned for each.
    """
    table = dynamodb._tables[name]  # noqa: SLF001
    mode = properties.get("BillingMode", "PAY_PER_REQUEST")
    table["BillingModeSummary"] = {**(table.get("BillingModeSummary") or {}), "BillingMode": mode}
    writes = {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", ())}
    reads = {index["IndexName"]: index for index in replica.get("GlobalSecondaryIndexes", ())}
    scaled_before, scaled = table.get(_SCALING) or {}, {}
    for index, part in _parts(table):
        settings = (reads.get(index, {}), writes.get(index, {})) if index else (replica, properties)
        if mode == "PROVISIONED":
            scaled[index] = _provide(part, *settings, is_scaled=bool(scaled_before.get(index)))
        else:
            part["ProvisionedThroughput"] = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    table[_SCALING] = scaled


def _provide(
    part: dict[str, Any], reads: Properties, writes: Properties, *, is_scaled: bool
) -> dict[str, Any]:
    """Provision a table or an index; the bounds of its auto scaling.

    What auto scaling has made of it stays while within bounds; where it was not scaled, the seed counts.
    """
    before, throughput, scaling = part.get("ProvisionedThroughput") or {}, {}, {}
    for kind, settings in zip(get_args(Kind), (reads, writes), strict=True):
        units = f"{kind}CapacityUnits"
        wanted = settings.get(f"{kind}ProvisionedThroughputSettings", {})
        if bounds := wanted.get(f"{kind}CapacityAutoScalingSettings"):
            least, most = int(bounds["MinCapacity"]), int(bounds["MaxCapacity"])
            target = float(bounds["TargetTrackingScalingPolicyConfiguration"]["TargetValue"])
            scaling[kind] = {"MinCapacity": least, "MaxCapacity": most, "TargetValue": target}
            now = before.get(units) if is_scaled else bounds.get("SeedCapacity")
            throughput[units] = min(most, max(least, int(now or least)))
        else:
            throughput[units] = int(wanted.get(units) or before.get(units) or 0)
    part["ProvisionedThroughput"] = throughput
    return scaling


def capacities() -> dict[Place, Capacity]:
    """What is provisioned in this request's scope."""
    found: dict[Place, Capacity] = {}
    for name, table in dynamodb._tables.items():  # noqa: SLF001
        if (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED") != "PROVISIONED":
            continue
        scaled = table.get(_SCALING) or {}
        for index, part in _parts(table):
            for kind in get_args(Kind):
                units = int((part.get("ProvisionedThroughput") or {}).get(f"{kind}CapacityUnits", 0))
                if units:
                    scaling = _scaling(scaled.get(index, {}).get(kind))
                    found[Place(name, index, kind)] = Capacity(units, scaling)
    return found


def provision(place: Place, units: int) -> None:
    """Change what is provisioned, in this request's scope, as auto scaling does by UpdateTable."""
    table = dynamodb._tables.get(place.table)  # noqa: SLF001
    for index, part in _parts(table or {}):
        if index == place.index:
            throughput = part.get("ProvisionedThroughput") or {}
            part["ProvisionedThroughput"] = {**throughput, f"{place.kind}CapacityUnits": units}


def _scaling(bounds: dict[str, Any] | None) -> Scaling | None:
    if not bounds:
        return None
    return Scaling(bounds["MinCapacity"], bounds["MaxCapacity"], bounds["TargetValue"] / 100)


def _parts(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A table, by the empty name, and its indexes, as MiniStack keeps them."""
    yield "", table
    for index in table.get("GlobalSecondaryIndexes") or ():
        yield index["IndexName"], index
