"""One process of a run: all of it, the master, or a worker. Locust, and gevent with it, lives here alone."""

from __future__ import annotations

# ruff: noqa: I001 - Locust makes the standard library cooperative before anything else is imported.
from locust import runners
from locust.env import Environment

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import msgspec
from gevent.event import Event

from .conductor import Conductor
from .fan_out import Arrivals
from .history import History, Run
from .meter import Meter
from .outcome import OUTCOME, Outcome, write_outcome
from .population import Plan
from .progress import progress
from .recorder import Recorder
from .stage import Phase, Stage
from .user import ChatUser, http_pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.event import EventHook
    from locust.runners import MasterRunner, Runner, WorkerRunner

_REPORT_SECONDS = 1.0


class Seen:
    """What this process has seen since it last reported."""

    def __init__(self, environment: Environment) -> None:
        """Watch Locust's requests."""
        self.meter = Meter()
        self.arrivals = Arrivals()
        _listen(environment.events.request, self._note)

    def _note(self, name: str, response_time: float, exception: Exception | None, **_: object) -> None:
        self.meter.note(name, response_time, failed=exception is not None)

    def report(self, client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002 - Locust's signature
        """Add it to what Locust reports to the master."""
        data["parley"] = [self.meter.take(), self.arrivals.take()]


def main() -> int:
    """Take part in a run as the arguments say."""
    asked = _arguments()
    del sys.argv[1:]  # Locust's web UI would read them as its own
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    runners.WORKER_REPORT_INTERVAL = _REPORT_SECONDS
    history = History.create(asked.folder)
    try:
        if asked.role == "worker":
            _work(history, asked.host, asked.port)
        else:
            _conduct(history, asked)
    finally:
        history.close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.process", description=__doc__)
    parser.add_argument("role", choices=("local", "master", "worker"))
    parser.add_argument("--folder", type=Path, required=True, help="where the history goes")
    parser.add_argument("--plan", type=Path, help="of a local process or a master: what is to be done")
    parser.add_argument("--host", default="127.0.0.1", help="the master's address")
    parser.add_argument("--port", type=int, default=5557, help="the master's port")
    parser.add_argument("--workers", type=int, default=1, help="of a master: for how many it waits")
    parser.add_argument("--web", type=int, help="the port of Locust's web UI, which then starts the run")
    return parser.parse_args()


def _listen(hook: EventHook, listener: Callable[..., None]) -> None:
    hook.add_listener(listener)  # type: ignore[no-untyped-call] # Locust's is not annotated


def _work(history: History, host: str, port: int) -> None:
    """Play users until the master says that it is over."""
    environment = Environment(user_classes=[ChatUser])
    seen = Seen(environment)
    _listen(environment.events.report_to_master, seen.report)
    runner: WorkerRunner = environment.create_worker_runner(host, port)
    _cast(environment, runner, history, seen)
    runner.greenlet.join()


def _cast(environment: Environment, runner: Runner, history: History, seen: Seen) -> None:
    """Let users come in this process."""
    ChatUser.recorder = Recorder(history, environment)
    ChatUser.arrivals = seen.arrivals
    ChatUser.pool = http_pool()
    ChatUser.stage = Stage(runner, lambda plan: history.write(_begin(plan)))
    ChatUser.stage.ask()


def _begin(plan: Plan) -> Run:
    settings = plan.settings
    return Run.begin(settings.scenario, settings.workload, settings.target, msgspec.to_builtins(settings))


def _conduct(history: History, asked: argparse.Namespace) -> None:
    """Conduct the run to its end, and write down what came of it."""
    plan = msgspec.json.decode(asked.plan.read_bytes(), type=Plan)
    environment = Environment(user_classes=[ChatUser])
    seen = Seen(environment)
    conductor = Conductor(plan, Recorder(history, environment))
    environment.shape_class = conductor
    ended = Event()
    _listen(environment.events.test_stop, lambda **_: ended.set())
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, conductor.interrupt)
    runner: Runner
    if asked.role == "local":
        runner = environment.create_local_runner()
        conductor.attach(runner)
        _cast(environment, runner, history, seen)
    else:
        history.write(_begin(plan))
        master = runner = environment.create_master_runner(asked.host, asked.port)
        conductor.attach(runner)
        _listen(environment.events.worker_report, conductor.reported)
        _wait_for_workers(master, asked.workers, conductor)
    if not conductor.failure:
        _perform(runner, conductor, seen, ended, asked.web)
    write_outcome(asked.folder / OUTCOME, Outcome.of(conductor))


def _wait_for_workers(master: MasterRunner, workers: int, conductor: Conductor) -> None:
    while master.worker_count < workers:
        if conductor.interrupted:
            conductor.failure = f"Only {master.worker_count} of {workers} workers had come."
            return
        gevent.sleep(0.05)


def _perform(runner: Runner, conductor: Conductor, seen: Seen, ended: Event, web: int | None) -> None:
    """Start the run, or have the web UI start it, and show how it goes until it is over."""
    with progress(conductor) as show:
        if web is None:
            runner.start_shape()
        else:
            runner.environment.create_web_ui("127.0.0.1", web)
        while not ended.wait(_REPORT_SECONDS):
            if web is not None and conductor.interrupted and conductor.phase is Phase.GATHERING:
                conductor.failure = "The run was given up before it began."
                break
            conductor.second()
            conductor.take(seen.meter.take(), seen.arrivals.take())
            show()
    runner.quit()
    conductor.take(seen.meter.take(), seen.arrivals.take())


if __name__ == "__main__":
    sys.exit(main())
