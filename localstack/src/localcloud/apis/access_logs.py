"""Access logs: a line of a stage's own format for each request and event, written to its log group."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from localcloud.observations import RequestServed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.apis.catalog import Catalog
    from localcloud.apis.resources import AccessLogSettings
    from localcloud.interfaces import Clock, ControlPlane
    from localcloud.observations import Observation

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.5
"""How late a line may be."""

_VARIABLE = re.compile(r"\$context\.([\w-]+(?:\.[\w-]+)*)")
_LOG_GROUP = re.compile(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:*]+)(?::\*)?")
_MISSING = "-"


class AccessLogs:
    """Gathers what was served, and writes it a little later, many lines at once."""

    def __init__(
        self,
        control_plane: ControlPlane,
        catalog: Catalog,
        clock: Clock,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        """Write to the log groups of ``control_plane`` what the stages of ``catalog`` ask for."""
        self._control_plane = control_plane
        self._catalog = catalog
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._served: list[tuple[int, RequestServed]] = []
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(self, observation: Observation) -> None:
        """Keep what was served until it is written; the listener."""
        if not isinstance(observation, RequestServed):
            return
        api = self._catalog.cached(observation.api_id)
        # An API that has just changed is not known here without asking: then the writing finds out.
        if api is not None:
            stage = api.stages.get(observation.stage)
            if stage is None or stage.access_log_settings is None:
                return
        self._served.append((int(self._clock.now() * 1000), observation))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def close(self) -> None:
        """Write what is left, at once; nothing more is waited for."""
        self._closing.set()
        if self._writing is not None:
            await self._writing

    async def _write_soon(self) -> None:
        try:
            while self._served:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._flush_seconds):
                        await self._closing.wait()
                await self._write()
        finally:
            self._writing = None

    async def _write(self) -> None:
        served, self._served = self._served, []
        lines: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for at, request in served:
            try:
                settings = await self._settings(request)
                group = _LOG_GROUP.fullmatch(settings.destination_arn) if settings else None
                if settings is None or group is None:
                    continue
                line = access_log_line(settings.format, request.context())
            except Exception:
                logger.exception("A line of the access log of %s cannot be made.", request.api_id)
                continue
            lines[group[1], f"{request.api_id}/{request.stage}"].append((at, line))
        for (group_name, stream), events in lines.items():
            self._control_plane.append_logs(group_name, stream, events)

    async def _settings(self, request: RequestServed) -> AccessLogSettings | None:
        api = await self._catalog.api(request.api_id)
        stage = api.stages.get(request.stage) if api else None
        return stage.access_log_settings if stage else None


def access_log_line(log_format: str, context: Mapping[str, str]) -> str:
    """A line of the log; a variable without a value is ``-``.

    Args:
        log_format: text of any form (JSON, CLF, XML, CSV) with ``$context`` variables.
        context: the variables' values, by their names without ``$context.``.
    """
    parts = _parts(log_format)
    return "".join((context.get(part) or _MISSING) if is_variable else part for is_variable, part in parts)


@functools.lru_cache(maxsize=64)
def _parts(log_format: str) -> tuple[tuple[bool, str], ...]:
    """The format's texts and the names of its variables, in turn."""
    split = _VARIABLE.split(log_format)
    return tuple((bool(index % 2), part) for index, part in enumerate(split) if part)
