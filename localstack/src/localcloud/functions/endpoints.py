"""The control API of live code: ``/_localcloud/code``, which functions run from which directory."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from localcloud.control.routes import error, json_answer
from localcloud.interfaces import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.control.routes import Endpoint
    from localcloud.functions.plane import ExecutionPlane
    from localcloud.interfaces import Request


class _Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    directory: str


def code_endpoints(functions: ExecutionPlane) -> Mapping[tuple[str, str], Endpoint]:
    """The endpoints, for :class:`localcloud.control.routes.Control`.

    ``PUT /code/{function}`` with ``{"directory": "/an/absolute/path"}`` makes a deployed function run the
    code of that directory, anew whenever a file in it changes; its layers stay. ``DELETE /code/{function}``
    gives it its package back. ``GET /code`` answers ``{"directories": {"<function>": "<path>"}}``. A restart
    forgets them.
    """

    async def put(request: Request) -> Response:
        try:
            directory = Path(msgspec.json.decode(request.body, type=_Code).directory)
        except msgspec.DecodeError as fault:
            return error(HTTPStatus.BAD_REQUEST, f'The body must be {{"directory": "<path>"}}: {fault}.')
        if not _is_usable(directory):
            return error(
                HTTPStatus.BAD_REQUEST, f"{directory} must be the absolute path of a directory that exists."
            )
        name = _function(request)
        try:
            await functions.run_from(name, directory)
        except KeyError as fault:
            return error(HTTPStatus.NOT_FOUND, str(fault.args[0]))
        return json_answer({"function": name, "directory": str(directory)})

    async def delete(request: Request) -> Response:
        name = _function(request)
        if name not in functions.live_code.directories:
            return error(HTTPStatus.NOT_FOUND, f"{name!r} runs from no directory.")
        functions.live_code.stop(name)
        return Response(HTTPStatus.NO_CONTENT)

    async def get(_request: Request) -> Response:
        return json_answer(
            {"directories": {name: str(path) for name, path in functions.live_code.directories.items()}}
        )

    return {("PUT", "/code"): put, ("DELETE", "/code"): delete, ("GET", "/code"): get}


def _is_usable(directory: Path) -> bool:
    return directory.is_absolute() and directory.is_dir()


def _function(request: Request) -> str:
    return unquote(request.path.rstrip("/").partition("/code/")[2])
