"""Brings Parley up on a target, step by step, and takes it down again."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harness import binaries, embedded, frontend, localstack
from harness.demo_users import ensure_demo_users, introduce
from harness.deploy import deploy_local
from harness.errors import HarnessError
from harness.live_code import Saves, run_from
from harness.local_files import LocalFiles
from harness.logs import LogFollower
from harness.outputs import Outputs, read_outputs, write_outputs
from harness.package import package
from harness.parameters import parameters_file, read_parameters
from harness.publish import publish
from harness.state import Running, read_running, write_running
from harness.targets import DEFAULT_STACK, Target
from harness.users import UserPool

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from harness.progress import Progress

_FOLLOW_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """What to bring up, and where."""

    target: Target
    stack_name: str = DEFAULT_STACK
    environment: str = "dev"
    """Which of stack/params/ to deploy with."""
    started_elsewhere: bool = False
    """Whether the target runs already: named by its address, neither started nor stopped here."""
    clean: bool = False
    """Whether to forget the data of earlier runs first."""
    detached: bool = False
    """Whether what is started outlives this process."""
    live: Path | None = None
    """The directory whose code the functions run, anew at every save; None: what was packaged."""
    files: LocalFiles = field(default_factory=LocalFiles)


class Up:
    """Parley, up: what `bring_up` gives."""

    def __init__(self, options: Options, outputs: Outputs, process: subprocess.Popen[bytes] | None) -> None:
        """Hold what was started; process is the embedded AWS's, where it is that."""
        self.outputs = outputs
        self._options = options
        self._process = process

    def follow(self, progress: Progress) -> None:
        """Print what the functions log, and what is saved of live code, until Ctrl-C.

        Raises:
            HarnessError: the embedded AWS ends meanwhile.
        """
        target = self._options.target
        logs = target.session().client("logs", endpoint_url=target.endpoint_url)
        follower = LogFollower(logs, self._options.stack_name)
        saves = Saves(self._options.live) if self._options.live else None
        with ExitStack() as blame:
            if self._process:
                blame.enter_context(embedded.blaming_its_end(self._process, self._options.files))
            while True:
                for line in follower.new_lines():
                    clock = time.strftime("%H:%M:%S", time.localtime(line.at))
                    progress.say(f"{clock} {line.function:<12} {line.text}")
                if saves and (saved := saves.new()):
                    progress.say(f"{', '.join(saved)} saved: the next message runs it.")
                time.sleep(_FOLLOW_SECONDS)

    def stop(self) -> None:
        """Stop what `bring_up` started; the data stay."""
        _stop(self._options, self._process)


def bring_up(options: Options, progress: Progress) -> Up:
    """Start the target, deploy the stack, make the demo users, write down where everything is.

    What was started is stopped again where a later step fails or is interrupted.

    Raises:
        HarnessError: it is up already, or a step failed; one clear sentence.
    """
    _refuse_impossible(options)
    if options.clean:
        forget(options.files)
    target, files = options.target, options.files
    files.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as undo:
        with progress.step("Packaging the functions"):
            bundle = package(target.platform)
        if bundle.lacking:
            progress.say(bundle.lacking)
        process = _start(options, progress, undo)
        with progress.step("Deploying the stack"):
            parameters = read_parameters(parameters_file(options.environment))
            deploy_local(target, bundle, options.stack_name, parameters)
        if options.live:
            run_from(target, options.stack_name, options.live)
        outputs = read_outputs(target, options.stack_name)
        _publish(target, options.stack_name, progress)
        with progress.step("Making the demo users"):
            tokens = ensure_demo_users(UserPool.of(target, outputs), files.demo_users)
            introduce(outputs.http_api_url, tokens)
        write_outputs(files.outputs, outputs)
        undo.pop_all()
    return Up(options, outputs, process)


def _publish(target: Target, stack_name: str, progress: Progress) -> None:
    """Build and publish the web site; where that cannot be, say why: all else works without it."""
    try:
        with progress.step("Building the web client"):
            site = frontend.build()
    except HarnessError as lacking:
        progress.say(f"There is no web site: {lacking}")
        return
    with progress.step("Publishing the web site"):
        publish(target, stack_name, site)


def take_down(files: LocalFiles, *, clean: bool) -> bool:
    """Stop what an earlier `up` left running; gives whether there was anything.

    Args:
        files: where it was noted.
        clean: whether to forget the data as well.

    Raises:
        HarnessError: Docker refuses.
    """
    running = read_running(files.state)
    if running and running.process_id is not None:
        embedded.stop_detached(running.process_id)
    elif running:
        localstack.stop(running.port, clean=clean)
    files.state.unlink(missing_ok=True)
    files.outputs.unlink(missing_ok=True)
    if clean:
        forget(files)
    return running is not None


def forget(files: LocalFiles) -> None:
    """Remove all that a local target keeps."""
    if files.folder.exists():
        shutil.rmtree(files.folder)


def _refuse_impossible(options: Options) -> None:
    """Raise HarnessError where it is up already or cannot be started, before anything is touched."""
    if running := read_running(options.files.state):
        raise HarnessError(
            f"Parley is up already: {running.target} on port {running.port}. `nox -s down` stops it."
        )
    if options.started_elsewhere:
        return
    if options.target.name == "embedded":
        embedded.refuse_taken(options.target.port)
    else:
        localstack.refuse_unequipped(os.environ)


def _start(options: Options, progress: Progress, undo: ExitStack) -> subprocess.Popen[bytes] | None:
    """Start the target, note it, and wait until it answers."""
    if options.started_elsewhere:
        return None
    if options.target.name == "embedded":
        return _start_embedded(options, progress, undo)
    _start_localstack(options, progress, undo)
    return None


def _start_localstack(options: Options, progress: Progress, undo: ExitStack) -> None:
    port = options.target.port
    undo.callback(_stop, options, None)
    write_running(options.files.state, Running(options.target.name, port))
    with progress.step("Starting LocalStack's image"):
        localstack.start(port)


def _start_embedded(options: Options, progress: Progress, undo: ExitStack) -> subprocess.Popen[bytes]:
    target, files = options.target, options.files
    if not binaries.has_dynoxide():
        with progress.step("Fetching dynoxide"):
            lacking = binaries.ensure_dynoxide()
        if lacking:
            progress.say(lacking)
    process = embedded.start(target.port, files, detached=options.detached)
    undo.callback(_stop, options, process)
    write_running(files.state, Running(target.name, target.port, process.pid))
    with progress.step("Starting the embedded AWS"):
        embedded.wait_until_ready(process, target, files)
    undo.enter_context(embedded.blaming_its_end(process, files))
    return process


def _stop(options: Options, process: subprocess.Popen[bytes] | None) -> None:
    if process:
        embedded.stop(process)
    elif not options.started_elsewhere:
        localstack.stop(options.target.port, clean=False)
    options.files.state.unlink(missing_ok=True)
    options.files.outputs.unlink(missing_ok=True)
