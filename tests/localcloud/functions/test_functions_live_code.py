"""Code that is run from a directory: the next event runs what was saved last, and no event is lost."""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.directory_packages import package_naming
from localcloud.functions.endpoints import code_endpoints
from localcloud.interfaces import Request
from tests.localcloud.functions.functions_fakes import FakeControlPlane, execution_plane, returning, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from localcloud.functions import ExecutionPlane

DEADLINE_SECONDS = 30


@pytest.fixture
def control_plane() -> FakeControlPlane:
    """What is deployed: a function that answers with ``package``."""
    control_plane = FakeControlPlane()
    control_plane.deploy("greet", returning("package"), Timeout=10)
    return control_plane


@pytest.fixture
async def plane(control_plane: FakeControlPlane, tmp_path: Path) -> AsyncIterator[ExecutionPlane]:
    """An execution plane over the control plane."""
    async with execution_plane(control_plane, tmp_path) as plane:
        yield plane


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory whose function answers with ``first``."""
    directory = tmp_path / "handlers"
    directory.mkdir()
    (directory / "main.py").write_text(returning("first"))
    return directory


async def answer(plane: ExecutionPlane) -> Any:
    """What the function returns, or its error's type."""
    invocation = await plane.invoke("greet", b"{}")
    content = json.loads(invocation.payload)
    return content["errorType"] if invocation.function_error else content


async def answers(plane: ExecutionPlane, wanted: str) -> None:
    """Invoke until the function answers ``wanted``, and see that it goes on to."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await answer(plane) != wanted:
            pass
    assert await answer(plane) == wanted


async def test_live_code_directory_runs_in_place_of_the_package(
    plane: ExecutionPlane, directory: Path
) -> None:
    """From the next event on, and the package again once the directory is taken away."""
    assert await answer(plane) == "package"
    await plane.run_from("greet", directory)
    assert await answer(plane) == "first"
    assert plane.live_code.directories == {"greet": directory}
    plane.live_code.stop("greet")
    assert await answer(plane) == "package"


async def test_live_code_saved_file_runs_without_a_deployment(plane: ExecutionPlane, directory: Path) -> None:
    """Two saves of the same length within one second are told apart."""
    await plane.run_from("greet", directory)
    assert await answer(plane) == "first"
    for text in ("other", "third"):
        (directory / "main.py").write_text(returning(text))
        await answers(plane, text)


async def test_live_code_saved_file_has_an_environment_before_the_next_event(
    plane: ExecutionPlane, directory: Path
) -> None:
    """Where an environment was, one is started with the new code at once, without an event."""
    started = directory / "started"
    await plane.run_from("greet", directory)
    await answer(plane)
    (directory / "main.py").write_text(f"open({str(started)!r}, 'w').close()\n{returning('second')}")
    await until(started.exists)


async def test_live_code_syntax_error_is_an_error_until_the_next_save(
    plane: ExecutionPlane, directory: Path
) -> None:
    """What cannot be loaded says so at every event, and the next save mends it."""
    await plane.run_from("greet", directory)
    (directory / "main.py").write_text("def handler(")
    await answers(plane, "Runtime.UserCodeSyntaxError")
    assert await answer(plane) == "Runtime.UserCodeSyntaxError"
    (directory / "main.py").write_text(returning("mended"))
    await answers(plane, "mended")


async def test_live_code_saves_under_load_lose_no_event(plane: ExecutionPlane, directory: Path) -> None:
    """Events before, during and after saves are all answered by the code of one of them."""
    await plane.run_from("greet", directory)
    texts = [f"save {number}" for number in range(4)]
    seen: set[str] = set()
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            seen.add(await answer(plane))

    clients = [asyncio.create_task(load()) for _ in range(3)]
    for text in texts:
        (directory / "main.py").write_text(returning(text))
        await until(lambda text=text: text in seen, DEADLINE_SECONDS)  # type: ignore[misc]
    stop.set()
    await asyncio.gather(*clients)
    assert seen <= {"first", *texts}


async def test_live_code_update_under_load_loses_no_event(
    plane: ExecutionPlane, control_plane: FakeControlPlane
) -> None:
    """Deployments while events come: every one is answered, by the old or the new code, then by the new."""
    texts = [f"package {number}" for number in range(4)]
    seen: set[str] = set()
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            seen.add(await answer(plane))

    clients = [asyncio.create_task(load()) for _ in range(3)]
    for text in texts:
        control_plane.deploy("greet", returning(text), Timeout=10)
        await until(lambda text=text: text in seen, DEADLINE_SECONDS)  # type: ignore[misc]
    stop.set()
    await asyncio.gather(*clients)
    assert seen <= {"package", *texts}
    assert await answer(plane) == texts[-1]


async def test_live_code_package_that_names_a_directory_runs_it(
    plane: ExecutionPlane, control_plane: FakeControlPlane, directory: Path
) -> None:
    """A deployed directory runs, anew at every save, until another package is deployed."""
    control_plane.deploy("greet", package_naming(str(directory)), Timeout=10)
    assert await answer(plane) == "first"
    assert plane.live_code.directories == {"greet": directory}
    (directory / "main.py").write_text(returning("second"))
    await answers(plane, "second")
    control_plane.deploy("greet", returning("package"), Timeout=10)
    assert await answer(plane) == "package"
    assert plane.live_code.directories == {}


async def test_live_code_directory_with_our_own_files_is_at_rest(
    plane: ExecutionPlane, tmp_path: Path
) -> None:
    """What running functions write, and tools into hidden directories, is no change of code."""
    (tmp_path / "main.py").write_text("import os\ndef handler(event, context): return os.getpid()")
    (tmp_path / ".git").mkdir()
    await plane.run_from("greet", tmp_path)
    first = await answer(plane)
    for number in range(5):
        (tmp_path / "work" / "environments" / str(number)).touch()
        (tmp_path / ".git" / str(number)).touch()
        await asyncio.sleep(0.05)  # longer than a save takes to be noticed
    assert await answer(plane) == first


async def test_live_code_directory_that_is_gone_says_so(plane: ExecutionPlane, directory: Path) -> None:
    """The error names the directory."""
    await plane.run_from("greet", directory)
    shutil.rmtree(directory)
    invocation = await plane.invoke("greet", b"{}")
    assert f"{directory} is no directory" in json.loads(invocation.payload)["errorMessage"]


def request(method: str, path: str, body: bytes = b"") -> Request:
    """A request of the control API."""
    return Request(method, f"/_localcloud{path}", path.encode(), b"", (), body)


async def test_code_endpoints_put_list_and_delete(plane: ExecutionPlane, directory: Path) -> None:
    """A directory is set, listed and taken away."""
    endpoints = code_endpoints(plane)
    body = json.dumps({"directory": str(directory)}).encode()
    set_ = await endpoints["PUT", "/code"](request("PUT", "/code/greet", body))
    assert (set_.status, json.loads(set_.body)) == (200, {"function": "greet", "directory": str(directory)})
    listed = await endpoints["GET", "/code"](request("GET", "/code"))
    assert json.loads(listed.body) == {"directories": {"greet": str(directory)}}
    assert (await endpoints["DELETE", "/code"](request("DELETE", "/code/greet"))).status == 204
    assert (await endpoints["DELETE", "/code"](request("DELETE", "/code/greet"))).status == 404


@pytest.mark.parametrize(
    ("function", "body", "status", "said"),
    [
        ("greet", b'{"directory": "handlers"}', 400, "absolute path"),
        ("greet", b'{"directory": "/there/is/none"}', 400, "absolute path"),
        ("greet", b'{"path": "/"}', 400, "The body must be"),
        ("nobody", b'{"directory": "/"}', 404, "There is no function nobody"),
    ],
)
async def test_code_endpoints_wrong_put_says_what_is_wrong(
    plane: ExecutionPlane, function: str, body: bytes, status: int, said: str
) -> None:
    """Nothing is set, and the sentence names the cause."""
    refused = await code_endpoints(plane)["PUT", "/code"](request("PUT", f"/code/{function}", body))
    assert refused.status == status
    assert said in json.loads(refused.body)["message"]
    assert plane.live_code.directories == {}
