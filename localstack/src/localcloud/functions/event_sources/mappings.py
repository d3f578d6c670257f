"""Event source mappings: Lambda's list of them, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.interfaces import ControlPlane

_PATH = "/2015-03-31/event-source-mappings"


@dataclass(frozen=True, slots=True)
class Mapping:
    """An enabled mapping of an event source to a function."""

    mapping_id: str
    source_arn: str
    """The queue's or the stream's."""
    function_arn: str
    batch_size: int
    window_seconds: float
    """How long to gather a batch at most."""
    maximum_concurrency: int | None
    """How many batches may be with the function at once; None leaves it to Lambda."""
    reports_failures: bool
    """Whether the function says which messages of a batch have failed."""
    filters: tuple[str, ...]
    """Patterns in JSON; a message that matches none of them is deleted unseen. Without any, all match."""


class _Filter(msgspec.Struct, frozen=True, rename="pascal"):
    pattern: str = "{}"


class _FilterCriteria(msgspec.Struct, frozen=True, rename="pascal"):
    filters: list[_Filter] = []


class _ScalingConfig(msgspec.Struct, frozen=True, rename="pascal"):
    maximum_concurrency: int | None = None


class _EventSourceMapping(msgspec.Struct, frozen=True, rename="pascal"):
    uuid: str = msgspec.field(name="UUID")
    function_arn: str
    event_source_arn: str = ""
    state: str = "Enabled"
    batch_size: int = 10
    maximum_batching_window_in_seconds: float = 0
    function_response_types: list[str] = []
    scaling_config: _ScalingConfig | None = None
    filter_criteria: _FilterCriteria | None = None


class _ListEventSourceMappings(msgspec.Struct, frozen=True, rename="pascal"):
    event_source_mappings: list[_EventSourceMapping]


async def enabled_mappings(control_plane: ControlPlane) -> list[Mapping]:
    """Every mapping that is enabled."""
    request = Request("GET", _PATH, _PATH.encode(), b"MaxItems=10000", ())
    response = await control_plane.call("lambda", request)
    # CloudFormation passes numbers of a template on as the strings that parameters are.
    answer = msgspec.json.decode(response.body, type=_ListEventSourceMappings, strict=False)
    return [_mapping(found) for found in answer.event_source_mappings if found.state == "Enabled"]


def _mapping(found: _EventSourceMapping) -> Mapping:
    criteria = found.filter_criteria or _FilterCriteria()
    return Mapping(
        mapping_id=found.uuid,
        source_arn=found.event_source_arn,
        function_arn=found.function_arn,
        batch_size=found.batch_size,
        window_seconds=found.maximum_batching_window_in_seconds,
        maximum_concurrency=(found.scaling_config or _ScalingConfig()).maximum_concurrency,
        reports_failures="ReportBatchItemFailures" in found.function_response_types,
        filters=tuple(each.pattern for each in criteria.filters),
    )
