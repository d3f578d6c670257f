"""How a function wants its asynchronous invocations: retries, age, destinations, dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.interfaces import ControlPlane, Response

_NOT_FOUND: Final = 404
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Configuration:
    """A function's settings; the defaults are AWS's."""

    maximum_retry_attempts: int = 2
    maximum_event_age_seconds: float = 21_600
    on_success: str = ""
    """The ARN of what is told of an event that was dealt with."""
    on_failure: str = ""
    """The ARN of what is told of an event that was given up."""
    dead_letter_target: str = ""
    """The ARN of the queue or topic that gets an event that was given up."""


class _Destination(msgspec.Struct, frozen=True, rename="pascal"):
    destination: str = ""


class _Destinations(msgspec.Struct, frozen=True, rename="pascal"):
    on_success: _Destination = _Destination()
    on_failure: _Destination = _Destination()


class _EventInvokeConfig(msgspec.Struct, frozen=True, rename="pascal"):
    maximum_retry_attempts: int | None = None
    maximum_event_age_in_seconds: int | None = None
    destination_config: _Destinations | None = None


class _DeadLetterConfig(msgspec.Struct, frozen=True, rename="pascal"):
    target_arn: str = ""


class _FunctionConfiguration(msgspec.Struct, frozen=True, rename="pascal"):
    dead_letter_config: _DeadLetterConfig | None = None


class Configurations:
    """The settings by function, read from the control plane and kept until something is deployed."""

    def __init__(self, control_plane: ControlPlane) -> None:
        """Read from ``control_plane``."""
        self._control_plane = control_plane
        self._generation = -1
        self._known: dict[str, Configuration] = {}

    async def of(self, name: str) -> Configuration:
        """The settings of the function ``name``.

        Raises:
            KeyError: there is no such function.
        """
        if self._generation != self._control_plane.generation:
            self._known.clear()
            self._generation = self._control_plane.generation
        if name not in self._known:
            self._known[name] = await self._read(name)
        return self._known[name]

    async def _read(self, name: str) -> Configuration:
        function = await self._get(f"/2015-03-31/functions/{quote(name, safe='')}/configuration")
        if function.status == _NOT_FOUND:
            raise KeyError(f"There is no function {name}: deploy it first.")
        dead_letter = msgspec.json.decode(function.body, type=_FunctionConfiguration).dead_letter_config
        path = f"/2019-09-25/functions/{quote(name, safe='')}/event-invoke-config"
        found = await self._get(path)
        if found.status == _NOT_FOUND:
            found = await self._get(path, b"Qualifier=%24LATEST")  # as CloudFormation has to name it
        event = _EventInvokeConfig()
        if found.status == _OK:
            event = msgspec.json.decode(found.body, type=_EventInvokeConfig)
        default, destinations = Configuration(), event.destination_config or _Destinations()
        retries, age = event.maximum_retry_attempts, event.maximum_event_age_in_seconds
        return Configuration(
            maximum_retry_attempts=default.maximum_retry_attempts if retries is None else retries,
            maximum_event_age_seconds=age or default.maximum_event_age_seconds,
            on_success=destinations.on_success.destination,
            on_failure=destinations.on_failure.destination,
            dead_letter_target=dead_letter.target_arn if dead_letter else "",
        )

    async def _get(self, path: str, query: bytes = b"") -> Response:
        return await self._control_plane.call("lambda", Request("GET", path, path.encode(), query, ()))
