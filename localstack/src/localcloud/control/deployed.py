"""The APIs and functions that are deployed, read over the AWS API and kept until something is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from localcloud.interfaces import Request

if TYPE_CHECKING:
    from localcloud.interfaces import ControlPlane


@dataclass(frozen=True, slots=True)
class DeployedApi:
    """An API of API Gateway."""

    api_id: str
    name: str
    protocol: str
    endpoint: str
    """Its address; a stage's name follows after a slash."""
    stages: tuple[str, ...]


class DeployedFunction(msgspec.Struct, frozen=True):
    """A Lambda function, as ListFunctions has it."""

    name: str = msgspec.field(name="FunctionName")
    runtime: str = msgspec.field(name="Runtime", default="")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was deployed at some moment, by names."""

    apis: tuple[DeployedApi, ...]
    functions: tuple[DeployedFunction, ...]


class _Api(msgspec.Struct, frozen=True, rename="camel"):
    api_id: str
    name: str
    protocol_type: str
    api_endpoint: str


class _Stage(msgspec.Struct, frozen=True, rename="camel"):
    stage_name: str


_Item = TypeVar("_Item")


class _Items(msgspec.Struct, Generic[_Item], frozen=True):
    items: tuple[_Item, ...] = ()


class _Functions(msgspec.Struct, frozen=True, rename="pascal"):
    functions: tuple[DeployedFunction, ...] = ()


class Deployed:
    """Answers what is deployed; asks the control plane again only once its generation has moved on."""

    def __init__(self, control_plane: ControlPlane) -> None:
        """Ask ``control_plane``."""
        self._control_plane = control_plane
        self._generation = -1
        self._deployment = Deployment((), ())

    async def now(self) -> Deployment:
        """What is deployed now."""
        generation = self._control_plane.generation
        if generation != self._generation:
            # Noted first: what is deployed while we read moves the generation on, and is read next time.
            self._generation = generation
            apis = [await self._api(api) for api in await self._list("/v2/apis", _Api)]
            answer = await self._get("lambda", "/2015-03-31/functions", b"MaxItems=10000")
            functions = msgspec.json.decode(answer, type=_Functions).functions if answer else ()
            self._deployment = Deployment(
                tuple(sorted(apis, key=lambda api: api.name)),
                tuple(sorted(functions, key=lambda function: function.name)),
            )
        return self._deployment

    async def _api(self, api: _Api) -> DeployedApi:
        stages = await self._list(f"/v2/apis/{api.api_id}/stages", _Stage)
        return DeployedApi(
            api_id=api.api_id,
            name=api.name,
            protocol=api.protocol_type,
            endpoint=api.api_endpoint,
            stages=tuple(sorted(stage.stage_name for stage in stages)),
        )

    async def _list(self, path: str, kind: type[_Item]) -> tuple[_Item, ...]:
        answer = await self._get("apigateway", path)
        return msgspec.json.decode(answer, type=_Items[kind]).items if answer else ()  # type: ignore[valid-type]

    async def _get(self, service: str, path: str, query: bytes = b"") -> bytes | None:
        """The answer to a read; None where what it is about was deleted meanwhile."""
        host = f"{service}.{self._control_plane.region}.amazonaws.com".encode()
        request = Request("GET", path, path.encode(), query, ((b"host", host),))
        response = await self._control_plane.call(service, request)
        if response.status == 404:  # noqa: PLR2004 - HTTP's Not Found
            return None
        if response.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise RuntimeError(
                f"GET {path} of {service} answered {response.status}: {response.body[:200]!r}."
            )
        return response.body
