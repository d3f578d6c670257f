"""Names that several regions have: which region's API a look-up leads to, as Route 53 would answer it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from localcloud.control.routes import error, json_answer
from localcloud.regions.records import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from localcloud.control.routes import Endpoint
    from localcloud.interfaces import Request, Response
    from localcloud.regions.health_checks import HealthChecks
    from localcloud.regions.records import Record

_PATH = "/nearest"


class Names:
    """Looks names up. Which region is the nearest is told by the control API, and the first until then."""

    def __init__(
        self,
        regions: Sequence[str],
        unreachable: Collection[str],
        records_of: Callable[[str], Sequence[Record]],
        health_checks: HealthChecks,
    ) -> None:
        """Look up by the records that ``records_of`` gives for a name.

        Args:
            regions: those that are served; after the nearest they are near in this order.
            unreachable: those of them that are out of reach now.
            records_of: gives the records of a name that lead to regions; none for any other name.
            health_checks: asks what a record's health hangs on.
        """
        self._regions = regions
        self._unreachable = unreachable
        self._records_of = records_of
        self._health_checks = health_checks
        self._nearest = regions[0]

    async def regions_of(self, name: str) -> Sequence[str]:
        """The region that the name's records lead to; all regions in their order where it has none."""
        records = self._records_of(name)
        if not records:
            return self._regions
        healthy = [record for record in records if await self._is_healthy(record)]
        nearest_first = sorted(self._regions, key=lambda region: region != self._nearest)
        return [answer(records, healthy, nearest_first)]

    async def _is_healthy(self, record: Record) -> bool:
        if record.evaluates_target and record.region in self._unreachable:
            return False
        return record.health_check is None or await self._health_checks.is_healthy(record.health_check)

    def endpoints(self) -> Mapping[tuple[str, str], Endpoint]:
        """Which region is the nearest, to be told and changed: for ``Control``."""
        return {("GET", _PATH): self._tell, ("PUT", _PATH): self._move, ("DELETE", _PATH): self._return}

    async def _tell(self, _request: Request) -> Response:
        """GET /nearest."""
        return json_answer({"nearest": self._nearest})

    async def _move(self, request: Request) -> Response:
        """PUT /nearest/{region}: who looks a latency record up from now on is near that region."""
        region = request.path.rstrip("/").partition(f"{_PATH}/")[2]
        if region not in self._regions:
            served = ", ".join(self._regions)
            return error(HTTPStatus.NOT_FOUND, f"There is no region {region!r} here: {served} is served.")
        self._nearest = region
        return await self._tell(request)

    async def _return(self, request: Request) -> Response:
        """DELETE /nearest: it is the first one again."""
        self._nearest = self._regions[0]
        return await self._tell(request)
