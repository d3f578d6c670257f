"""What functions are deployed: GetFunction's answer, parsed once and kept until something is deployed."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from localcloud.directory_packages import named_directory
from localcloud.functions.aliases import LATEST, is_version, parse_get_alias
from localcloud.interfaces import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from localcloud.functions.aliases import Alias
    from localcloud.interfaces import ControlPlane, Response


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LiveDirectory:
    """A directory of code that is being worked on, as it was after one of its changes."""

    path: Path
    revision: int
    """Grows with every change."""


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function; equal to another exactly when one environment may serve both."""

    name: str
    arn: str
    """Unqualified."""
    version: str
    """``$LATEST``, or the number of a published version."""
    runtime: str
    handler: str
    code_sha256: str
    timeout_seconds: float
    memory_megabytes: int
    log_group: str
    log_format: str
    """``Text`` or ``JSON``: of Lambda's own lines, and of the runtime's for a record of ``logging``."""
    application_log_level: str
    """The least severe record that the runtime writes in JSON; empty where nothing is said."""
    system_log_level: str
    """The least severe of Lambda's own lines in JSON: ``DEBUG``, ``INFO`` or ``WARN``."""
    variables: Mapping[str, str]
    layers: tuple[str, ...]
    """ARNs of layer versions, in the order in which they are laid over each other."""
    directory: Path | None = None
    """The directory of this machine that the deployed package names in place of holding code."""
    live: LiveDirectory | None = None
    """The directory whose code runs in place of the deployed package's."""
    reserved_concurrency: int | None = field(default=None, compare=False)
    """How many invocations may be under way at once; None leaves it to the account's room."""


class _Layer(msgspec.Struct, frozen=True, rename="pascal"):
    arn: str


class _Variables(msgspec.Struct, frozen=True, rename="pascal"):
    variables: dict[str, str] = {}


class _LoggingConfig(msgspec.Struct, frozen=True, rename="pascal"):
    log_group: str = ""
    log_format: str = "Text"
    application_log_level: str = ""
    system_log_level: str = "INFO"


class _Configuration(msgspec.Struct, frozen=True, rename="pascal"):
    function_name: str
    function_arn: str
    code_sha256: str
    version: str = LATEST
    runtime: str = ""
    handler: str = ""
    timeout: float = 3
    memory_size: int = 128
    environment: _Variables = _Variables()
    logging_config: _LoggingConfig = _LoggingConfig()
    layers: list[_Layer] = []


class _Concurrency(msgspec.Struct, frozen=True, rename="pascal"):
    reserved_concurrent_executions: int | None = None


class _GetFunction(msgspec.Struct, frozen=True, rename="pascal"):
    configuration: _Configuration
    concurrency: _Concurrency = _Concurrency()


class Catalog:
    """The functions of the control plane by name."""

    def __init__(self, control_plane: ControlPlane, draw: Callable[[], float] = random.random) -> None:
        """Read from ``control_plane``, again only when its generation has moved on.

        Args:
            control_plane: what is deployed.
            draw: gives a random number from 0 to below 1, by which an alias of two versions chooses one.
        """
        self._control_plane = control_plane
        self._draw = draw
        self._generation = -1
        self._functions: dict[str, Function] = {}
        self._aliases: dict[str, Alias] = {}

    async def find(self, function: str) -> Function:
        """The function, or version of one, of that name or ARN; by an alias, the version for one invocation.

        Raises:
            KeyError: there is no such function, version or alias.
        """
        generation = self._control_plane.generation
        if generation != self._generation:
            self._functions.clear()
            self._aliases.clear()
            self._generation = generation
        found = self._functions.get(function)
        if found is None:
            name, qualifier = parse_reference(function)
            if is_version(qualifier):
                found = await self._version(name, qualifier, generation)
                self._keep(self._functions, function, found, generation)
            else:
                alias = self._aliases.get(f"{name}:{qualifier}") or await self._get_alias(name, qualifier)
                self._keep(self._aliases, f"{name}:{qualifier}", alias, generation)
                found = await self._version(name, alias.choose(self._draw()), generation)
        return found

    async def _version(self, name: str, version: str, generation: int) -> Function:
        found = self._functions.get(f"{name}:{version}")
        if found is None:
            found = await self._get(name, version)
            self._keep(self._functions, f"{name}:{version}", found, generation)
        return found

    def _keep(self, known: dict[str, _T], key: str, value: _T, generation: int) -> None:
        # A deployment may have passed while we asked: what we hold is then good for this call only.
        if self._generation == self._control_plane.generation == generation:
            known[key] = value

    async def _get_alias(self, name: str, alias: str) -> Alias:
        path = f"/2015-03-31/functions/{quote(name, safe='')}/aliases/{quote(alias, safe='')}"
        request = Request(method="GET", path=path, raw_path=path.encode(), query_string=b"", headers=())
        return parse_get_alias(name, alias, await self._control_plane.call("lambda", request))

    async def _get(self, name: str, qualifier: str) -> Function:
        path = f"/2015-03-31/functions/{quote(name, safe='')}"
        query = b"" if qualifier == LATEST else f"Qualifier={quote(qualifier, safe='')}".encode()
        request = Request(method="GET", path=path, raw_path=path.encode(), query_string=query, headers=())
        found = parse_get_function(name, await self._control_plane.call("lambda", request))
        try:
            directory = named_directory(self._control_plane.function_code(name, found.version))
        except KeyError:  # without code, which is said when an environment starts
            return found
        return found if directory is None else dataclasses.replace(found, directory=directory)


def parse_reference(reference: str) -> tuple[str, str]:
    """The name and the qualifier in a name, a partial ARN or an ARN, as Lambda's API takes any of them."""
    parts = reference.split(":")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    name, *qualifier = parts
    return name, qualifier[0] if qualifier else LATEST


def function_name(reference: str) -> str:
    """The name in a name, a partial ARN or an ARN of a function."""
    return parse_reference(reference)[0]


def parse_get_function(name: str, response: Response) -> Function:
    """The function in an answer to GetFunction.

    Raises:
        KeyError: the answer is that there is none.
        RuntimeError: the control plane failed.
    """
    if response.status == 404:  # noqa: PLR2004 - HTTP's Not Found
        raise KeyError(f"There is no function {name}, or no such version of it: deploy it first.")
    if response.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise RuntimeError(f"GetFunction {name} answered {response.status}: {response.body[:500]!r}")
    answer = msgspec.json.decode(response.body, type=_GetFunction)
    configuration = answer.configuration
    return Function(
        name=configuration.function_name,
        arn=configuration.function_arn.removesuffix(f":{configuration.version}"),
        version=configuration.version,
        runtime=configuration.runtime,
        handler=configuration.handler,
        code_sha256=configuration.code_sha256,
        timeout_seconds=configuration.timeout,
        memory_megabytes=configuration.memory_size,
        log_group=configuration.logging_config.log_group or f"/aws/lambda/{configuration.function_name}",
        log_format=configuration.logging_config.log_format,
        application_log_level=configuration.logging_config.application_log_level,
        system_log_level=configuration.logging_config.system_log_level,
        variables=configuration.environment.variables,
        layers=tuple(layer.arn for layer in configuration.layers),
        reserved_concurrency=answer.concurrency.reserved_concurrent_executions,
    )
