"""A table's definition: what of it decides where its items lie and how they are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table as the control plane has it."""

    table_id: str
    """Another id under the same name is another table: the first was deleted."""
    name: str
    shape: bytes
    """Key schema and local indexes, as JSON: fixed for the table's life."""
    attributes: bytes
    """The attribute definitions, as JSON."""
    indexes: tuple[tuple[str, bytes], ...]
    """The global secondary indexes: name, and the definition as JSON."""
    ttl_attribute: str | None
    """The attribute that holds an item's end in epoch seconds; None when time to live is off."""

    def may_keep_items_of(self, other: TableDefinition) -> bool:
        """Whether ``other`` is the same table, so that it is changed and not made anew."""
        return (self.table_id, self.shape) == (other.table_id, other.shape)

    def key_names(self) -> tuple[str, ...]:
        """The attributes of the key."""
        return tuple(part["AttributeName"] for part in msgspec.json.decode(self.shape)["KeySchema"])

    def create_request(self) -> dict[str, Any]:
        """CreateTable's input for this definition."""
        request: dict[str, Any] = {
            "TableName": self.name,
            **msgspec.json.decode(self.shape),
            "AttributeDefinitions": msgspec.json.decode(self.attributes),
            "BillingMode": "PAY_PER_REQUEST",
            "Tags": [{"Key": "TableId", "Value": self.table_id}],
        }
        if self.indexes:
            request["GlobalSecondaryIndexes"] = [msgspec.json.decode(index) for _name, index in self.indexes]
        return request


def parse(table: Mapping[str, Any], ttl: Mapping[str, Any] | None) -> TableDefinition:
    """A definition from a table description and a time-to-live description, as DynamoDB words them."""
    shape: dict[str, Any] = {"KeySchema": table["KeySchema"]}
    if table.get("LocalSecondaryIndexes"):
        shape["LocalSecondaryIndexes"] = [_index(index) for index in table["LocalSecondaryIndexes"]]
    indexes = table.get("GlobalSecondaryIndexes") or ()
    attributes = sorted(table["AttributeDefinitions"], key=lambda attribute: str(attribute["AttributeName"]))
    enabled = ttl is not None and ttl.get("TimeToLiveStatus") == "ENABLED"
    return TableDefinition(
        table_id=table["TableId"],
        name=table["TableName"],
        shape=_json(shape),
        attributes=_json(attributes),
        indexes=tuple(sorted((index["IndexName"], _json(_index(index))) for index in indexes)),
        ttl_attribute=ttl["AttributeName"] if enabled and ttl is not None else None,
    )


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    return {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}


def _json(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")
