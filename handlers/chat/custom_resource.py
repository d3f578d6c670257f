"""CloudFormation's custom resources: an event in, and the answer PUT to the URL that the event names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from urllib.request import Request, urlopen

import msgspec

from chat.invocation import carry_out

ANSWER_TIMEOUT = 10
"""Seconds."""
NOT_MADE = "not-made"
"""The id of a resource whose creation failed; CloudFormation asks to delete that one, too."""


class Made(NamedTuple):
    """A resource that is there."""

    resource_id: str
    attributes: Mapping[str, str]
    """What the template reads of it by GetAtt."""


class _Event(msgspec.Struct, frozen=True, rename="pascal"):
    request_type: Literal["Create", "Update", "Delete"]
    request_id: str
    stack_id: str
    logical_resource_id: str
    response_url: str = msgspec.field(name="ResponseURL")
    physical_resource_id: str = ""
    resource_properties: dict[str, Any] = {}


class _Answer(msgspec.Struct, frozen=True, rename="pascal"):
    status: Literal["SUCCESS", "FAILED"]
    reason: str
    physical_resource_id: str
    stack_id: str
    request_id: str
    logical_resource_id: str
    data: Mapping[str, str] = {}


def handler(
    create: Callable[[Mapping[str, Any]], Made], delete: Callable[[str], None]
) -> Callable[[Mapping[str, Any], object], None]:
    """Make the handler of a custom resource's function, which answers whatever goes wrong.

    Args:
        create: makes the resource by its properties, or gives the one that is there already.
        delete: removes a resource by its id, if it is there.
    """

    def handle(event: Mapping[str, Any], _context: object) -> None:
        parsed = msgspec.convert(event, _Event)

        def work() -> Made:
            if parsed.request_type != "Delete":  # an update makes another where the properties ask for one
                return create(parsed.resource_properties)
            if parsed.physical_resource_id != NOT_MADE:
                delete(parsed.physical_resource_id)
            return Made(parsed.physical_resource_id, {})

        result = carry_out(f"{parsed.request_type} {parsed.logical_resource_id}", {}, work)
        _answer(parsed, result if isinstance(result, Made) else None)

    return handle


def _answer(event: _Event, made: Made | None) -> None:
    answer = _Answer(
        status="SUCCESS" if made else "FAILED",
        reason="" if made else "The function failed: its log says why.",
        physical_resource_id=made.resource_id if made else event.physical_resource_id or NOT_MADE,
        stack_id=event.stack_id,
        request_id=event.request_id,
        logical_resource_id=event.logical_resource_id,
        data=made.attributes if made else {},
    )
    # S3 signed the URL for an empty content type.
    request = Request(event.response_url, msgspec.json.encode(answer), {"Content-Type": ""}, method="PUT")  # noqa: S310
    with urlopen(request, timeout=ANSWER_TIMEOUT):  # noqa: S310 - CloudFormation's own URL
        pass
