"""localcloud's own API answers this machine's programs, and no page of another site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.control.routes import Control, json_answer

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from localcloud.interfaces import Request, Response


async def _echo(request: Request) -> Response:
    return json_answer(request.path)


async def answer(path: str, *headers: tuple[str, str], method: str = "GET", client: str = "127.0.0.1") -> int:
    """Ask a control of one endpoint; give the status."""
    given = {"host": "127.0.0.1:4566", **dict(headers)}
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": (client, 1),
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    control = Control({("GET", "/faults"): _echo})
    assert control.owns(scope)
    await control(scope, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize("path", ["/_localcloud/faults", "/_localcloud/faults/", "/_localcloud/faults/f1"])
async def test_control_known_endpoint_answers(path: str) -> None:
    """The endpoint's own path, and what is one segment below it."""
    assert await answer(path) == 200


async def test_control_unknown_endpoint_is_not_found() -> None:
    """Another path, or another method."""
    assert await answer("/_localcloud/other") == 404
    assert await answer("/_localcloud/faults", method="DELETE") == 404


@pytest.mark.parametrize(
    "header",
    [("host", "evil.test:4566"), ("origin", "https://evil.test"), ("origin", "null"), ("host", "")],
    ids=["name that an attacker points here", "page of another site", "sandboxed page", "no host"],
)
async def test_control_request_of_a_foreign_page_is_refused(header: tuple[str, str]) -> None:
    """A browser lets any page send requests to loopback: what it says of them refuses them."""
    assert await answer("/_localcloud/faults", header) == 403


async def test_control_request_of_another_machine_is_refused() -> None:
    """Even where localcloud was made to listen on more than loopback."""
    assert await answer("/_localcloud/faults", client="192.0.2.7") == 403


@pytest.mark.parametrize("host", ["localhost:4566", "127.0.0.1:4566", "[::1]:4566"])
async def test_control_request_to_a_loopback_name_answers(host: str) -> None:
    """However the machine is called, and also from its own pages."""
    assert await answer("/_localcloud/faults", ("host", host)) == 200
    assert await answer("/_localcloud/faults", ("host", host), ("origin", f"http://{host}")) == 200
