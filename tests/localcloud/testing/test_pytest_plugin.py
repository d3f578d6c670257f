"""Other projects' tests, run as they run them: the plugin found by its entry point, in another process."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import localcloud
from tests.localcloud.command.support import processes_on

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
FAULTS = Path(__file__).with_name("other_projects_faults.py")
SOURCES = Path(localcloud.__file__).parents[1]


@pytest.fixture
def installed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A project's empty folder, where localcloud is installed: its distribution's metadata are on the path.

    They are written from localstack/pyproject.toml as an installer writes them; `nox -s example` installs it
    in earnest.
    """
    project = tomllib.loads((ROOT / "localstack" / "pyproject.toml").read_text())["project"]
    metadata = pytester.mkdir("site") / "parley_localcloud-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n")
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(metadata.parent), str(SOURCES))))
    monkeypatch.setenv("PYTEST_DEBUG_TEMPROOT", str(pytester.path))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    yield pytester
    assert processes_on(pytester.path) == []


def run(project: pytest.Pytester) -> pytest.RunResult:
    """Run a project's tests."""
    return project.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "project", timeout=90)


def test_other_projects_pass_with_the_plugin(installed: pytest.Pytester) -> None:
    """The examples, by CloudFormation and by calls; a fault left on fails its test and no other.

    One run, because each starts a localcloud, which takes two seconds.
    """
    folder = installed.mkdir("project")
    for source in (*EXAMPLES.glob("*/*.py"), *EXAMPLES.glob("*/*.yaml")):
        shutil.copy(source, folder)
    shutil.copy(FAULTS, folder / "test_faults.py")
    result = run(installed)
    result.assert_outcomes(passed=5, errors=1)
    result.stdout.fnmatch_lines(
        ["* ERROR at teardown of test_fault_is_left_on *", "*The test left faults on*"]
    )


def test_project_that_does_not_use_the_plugin_starts_nothing(installed: pytest.Pytester) -> None:
    """It is not even imported, so it costs nothing."""
    folder = installed.mkdir("project")
    (folder / "test_nothing.py").write_text(
        "import sys\n\n\ndef test_nothing():\n    assert 'boto3' not in sys.modules\n"
    )
    run(installed).assert_outcomes(passed=1)
    assert not list(installed.path.rglob("localcloud.log"))


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's end"
)
def test_killed_session_leaves_no_process(installed: pytest.Pytester) -> None:
    """Not even where pytest cannot clean up: it takes a localcloud's start to see it."""
    folder = installed.mkdir("project")
    (folder / "test_killed.py").write_text(
        "import os, signal\n\n\ndef test_killed(localcloud):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run(installed).ret == -signal.SIGKILL
    assert list(installed.path.rglob("localcloud.log"))
    deadline = time.monotonic() + 30
    while processes_on(installed.path) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_example_is_short() -> None:
    """Under sixty lines, all its files together."""
    files = [path for path in (EXAMPLES / "echo").iterdir() if path.is_file()]
    assert sum(len(path.read_text().splitlines()) for path in files) < 60
