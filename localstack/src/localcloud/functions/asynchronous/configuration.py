"""How a function wants its asynchronous invocations: retries, age, destinations, dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from localcloud.functions.aliases import LATEST
from localcloud.functions.catalog import parse_reference
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.interfaces import ControlPlane, Response

_NOT_FOUND: Final = 404
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Configuration:
    """A function's settings, or those of a version or an alias of it; the defaults are AWS's."""

    function_name: str
    function_arn: str
    """With the qualifier that was invoked."""
    version: str = LATEST
    """The version that runs."""
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
    maximum_retry_attempts: int = 2
    maximum_event_age_in_seconds: int = 21_600
    destination_config: _Destinations | None = None


class _DeadLetterConfig(msgspec.Struct, frozen=True, rename="pascal"):
    target_arn: str = ""


class _FunctionConfiguration(msgspec.Struct, frozen=True, rename="pascal"):
    version: str = LATEST
    dead_letter_config: _DeadLetterConfig | None = None


class Configurations:
    """The settings by function, read from the control plane and kept until something is deployed."""

    def __init__(self, control_plane: ControlPlane) -> None:
        """Read from ``control_plane``."""
        self._control_plane = control_plane
        self._generation = -1
        self._known: dict[str, Configuration] = {}

    async def of(self, function: str) -> Configuration:
        """The settings of a function, a version or an alias, by name or ARN.

        Raises:
            KeyError: there is none.
        """
        if self._generation != self._control_plane.generation:
            self._known.clear()
            self._generation = self._control_plane.generation
        if function not in self._known:
            self._known[function] = await self._read(*parse_reference(function))
        return self._known[function]

    async def _read(self, name: str, qualifier: str) -> Configuration:
        found = await self._get(f"/2015-03-31/functions/{quote(name, safe='')}/configuration", qualifier)
        if found.status == _NOT_FOUND:
            raise KeyError(f"There is no function {name}, or no {qualifier} of it: deploy it first.")
        function = msgspec.json.decode(found.body, type=_FunctionConfiguration)
        event = await self._event_invoke_config(name, qualifier)
        destinations = event.destination_config or _Destinations()
        region, account_id = self._control_plane.region, self._control_plane.account_id
        return Configuration(
            function_name=name,
            function_arn=f"arn:aws:lambda:{region}:{account_id}:function:{name}:{qualifier}",
            version=function.version,
            maximum_retry_attempts=event.maximum_retry_attempts,
            maximum_event_age_seconds=event.maximum_event_age_in_seconds,
            on_success=destinations.on_success.destination,
            on_failure=destinations.on_failure.destination,
            dead_letter_target=function.dead_letter_config.target_arn if function.dead_letter_config else "",
        )

    async def _event_invoke_config(self, name: str, qualifier: str) -> _EventInvokeConfig:
        path = f"/2019-09-25/functions/{quote(name, safe='')}/event-invoke-config"
        found = await self._get(path, qualifier)  # CloudFormation has to name $LATEST
        if found.status == _NOT_FOUND and qualifier == LATEST:
            found = await self._get(path)
        if found.status != _OK:
            return _EventInvokeConfig()
        return msgspec.json.decode(found.body, type=_EventInvokeConfig)

    async def _get(self, path: str, qualifier: str = "") -> Response:
        query = f"Qualifier={quote(qualifier, safe='')}".encode() if qualifier else b""
        return await self._control_plane.call("lambda", Request("GET", path, path.encode(), query, ()))
