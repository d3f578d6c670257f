"""The pool's promises: one event an environment, arrival order, reuse, limits, and nothing lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from localcloud.functions.concurrency import Concurrency
from localcloud.functions.environment import InvocationRequest
from localcloud.functions.pool import Pool
from localcloud.interfaces import Invocation
from tests.localcloud.functions.functions_fakes import function, until

if TYPE_CHECKING:
    from localcloud.functions.catalog import Function

LIMIT = 3
STARTS = 2


class FakeEnvironment:
    """An environment whose every step a test decides."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.result: asyncio.Future[str | None] | None = None
        self.request: InvocationRequest | None = None
        self.served: list[str] = []
        self.alive = True
        self.ended = False
        self.may_end = asyncio.Event()
        self.may_end.set()

    @property
    def ready(self) -> bool:
        """Whether it takes an event."""
        return self.started.done() and self.started.result() and self.alive and self.result is None

    async def start(self) -> bool:
        """Wait for the test's word."""
        return await asyncio.shield(self.started)

    async def run(self, request: InvocationRequest) -> Invocation:
        """Serve until the test's word."""
        assert self.result is None, "two events in one environment"
        assert self.alive, "an event in an environment that is dead"
        self.served.append(request.request_id)
        if not self.started.result():
            return Invocation(request.request_id, function_error="Unhandled")
        self.result = asyncio.get_running_loop().create_future()
        function_error = await self.result
        self.result = None
        return Invocation(request.request_id, function_error=function_error)

    async def settle(self) -> bool:
        """Ready at once, or dead."""
        return self.alive

    async def end(self) -> None:
        """Be gone."""
        self.alive = False
        await self.may_end.wait()
        self.ended = True
        if not self.gone.done():
            self.gone.set_result(None)

    def finish(self) -> None:
        """The handler returns."""
        assert self.result is not None
        self.result.set_result(None)

    def lose(self) -> None:
        """The process has ended by itself, which is not known yet."""
        self.alive = False

    def die(self) -> None:
        """The process has ended by itself."""
        self.lose()
        self.gone.set_result(None)
        if self.result is not None:
            self.result.set_result("Unhandled")


class Bench:
    """A pool with what it created."""

    def __init__(
        self, deployed: Function | None = None, limit: int = LIMIT, idle_seconds: float = 600
    ) -> None:
        self.environments: list[FakeEnvironment] = []
        self.pool = Pool(deployed or function(), self._create, limit, STARTS, Concurrency(), idle_seconds)
        self.invocations: dict[str, asyncio.Task[Invocation]] = {}

    def _create(self, deployed: Function) -> FakeEnvironment:
        self.environments.append(FakeEnvironment(deployed))
        return self.environments[-1]

    async def invoke(self) -> asyncio.Task[Invocation]:
        """Invoke, and let everything happen that can."""
        request = InvocationRequest(f"{len(self.invocations):04}", b"{}", "arn")
        task = asyncio.create_task(self.pool.invoke(request))
        self.invocations[request.request_id] = task
        await quiescence()
        return task

    async def adopt(self, deployed: Function) -> None:
        """Deploy, and let everything happen that can."""
        self.pool.adopt(deployed)
        await quiescence()

    async def start(self, environment: int, *, well: bool = True) -> FakeEnvironment:
        """Have an environment's initialization end."""
        self.environments[environment].started.set_result(well)
        await quiescence()
        return self.environments[environment]


async def quiescence() -> None:
    """Let every task run until it waits for something that a test decides."""
    for _ in range(12):
        await asyncio.sleep(0)


async def test_pool_idle_environment_is_reused() -> None:
    """A second event goes to the environment that the first one started."""
    bench = Bench()
    first = await bench.invoke()
    environment = await bench.start(0)
    environment.finish()
    await first
    second = await bench.invoke()
    environment.finish()
    assert (await second).function_error is None
    assert environment.served == ["0000", "0001"]
    assert len(bench.environments) == 1
    await bench.pool.close()


async def test_pool_several_idle_takes_the_last_used() -> None:
    """Of idle environments the one used last serves, so that the others can go."""
    bench = Bench()
    for index in range(2):
        await bench.invoke()
        await bench.start(index)
    for index in (1, 0):
        bench.environments[index].finish()
        await quiescence()
    await bench.invoke()
    assert bench.environments[0].served == ["0000", "0002"]
    await bench.pool.close()


async def test_pool_at_its_limit_queues_in_arrival_order() -> None:
    """Beyond the limit events wait and are served first come, first served."""
    bench = Bench(limit=1)
    for _ in range(4):
        await bench.invoke()
    environment = await bench.start(0)
    for task in list(bench.invocations.values()):
        environment.finish()
        await task
        await quiescence()
    assert environment.served == ["0000", "0001", "0002", "0003"]
    assert len(bench.environments) == 1
    await bench.pool.close()


async def test_pool_many_events_at_once_start_few_environments_at_a_time() -> None:
    """Starts do not compete: the next one begins when one is done and events still wait."""
    bench = Bench(limit=3)
    for _ in range(4):
        await bench.invoke()
    assert len(bench.environments) == STARTS
    await bench.start(0)
    assert len(bench.environments) == 3
    await bench.pool.close()


async def test_pool_reserved_concurrency_used_up_throttles() -> None:
    """Reserved concurrency counts what is under way; one more is throttled, until one ends."""
    bench = Bench(function(reserved_concurrency=1))
    first = await bench.invoke()
    second = await bench.invoke()
    assert (await second).throttled
    (await bench.start(0)).finish()
    assert not (await first).throttled
    third = await bench.invoke()
    bench.environments[0].finish()
    assert not (await third).throttled
    await bench.pool.close()


async def test_pool_reserved_concurrency_zero_throttles_everything() -> None:
    """Zero reserved concurrency is AWS's way to stop a function."""
    bench = Bench(function(reserved_concurrency=0))
    assert (await (await bench.invoke())).throttled
    assert bench.environments == []


async def test_pool_new_code_retires_environments_after_their_event() -> None:
    """A deployment lets a running event end where it is, and serves the next one with the new code."""
    bench = Bench(function(code_sha256="old"))
    first = await bench.invoke()
    old = await bench.start(0)
    bench.pool.adopt(function(code_sha256="new"))
    await quiescence()
    ended_during_its_event = old.ended
    old.finish()
    assert (await first).function_error is None
    await quiescence()
    assert (ended_during_its_event, old.ended) == (False, True)
    await bench.invoke()
    assert bench.environments[1].function.code_sha256 == "new"
    await bench.pool.close()


async def test_pool_new_code_during_a_start_starts_anew() -> None:
    """What starts with old code, and might fail with it, gets no event."""
    bench = Bench(function(code_sha256="old"), limit=1)
    first = await bench.invoke()
    await bench.adopt(function(code_sha256="new"))
    assert bench.environments[0].ended
    (await bench.start(1)).finish()
    assert (await first).function_error is None
    assert bench.environments[0].served == []
    await bench.pool.close()


async def test_pool_prewarmed_environment_serves_the_next_event() -> None:
    """An environment that was started ahead of events takes the next one; a second one is not started."""
    bench = Bench()
    for _ in range(2):
        prewarming = asyncio.create_task(bench.pool.prewarm())
        await quiescence()
        if not prewarming.done():
            await bench.start(0)
        await prewarming
    first = await bench.invoke()
    bench.environments[0].finish()
    await first
    assert len(bench.environments) == 1
    await bench.pool.close()


async def test_pool_changed_reserved_concurrency_keeps_environments() -> None:
    """A change that concerns no environment retires none."""
    bench = Bench()
    first = await bench.invoke()
    environment = await bench.start(0)
    environment.finish()
    await first
    bench.pool.adopt(function(reserved_concurrency=5))
    await quiescence()
    assert not environment.ended
    await bench.pool.close()


async def test_pool_failed_start_answers_one_event_and_starts_anew_for_the_next() -> None:
    """An environment that cannot initialize takes one event with it; the next event has a new start."""
    bench = Bench(limit=1)
    first = await bench.invoke()
    second = await bench.invoke()
    await bench.start(0, well=False)
    assert (await first).function_error == "Unhandled"
    (await bench.start(1)).finish()
    assert (await second).function_error is None
    await bench.pool.close()


async def test_pool_fault_while_starting_is_raised_to_the_caller() -> None:
    """A fault of localcloud's own reaches a caller; nobody waits, and nothing starts, for ever."""
    bench = Bench(limit=1)
    first = await bench.invoke()
    bench.environments[0].started.set_exception(RuntimeError("the control plane is gone"))
    with pytest.raises(RuntimeError, match="control plane"):
        await first
    await quiescence()
    assert bench.environments[0].ended
    assert len(bench.environments) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_pool_idle_process_that_died_gets_no_event(*, known: bool) -> None:
    """An event goes to a new environment when the idle one has died, whether or not that is known yet."""
    bench = Bench()
    first = await bench.invoke()
    dead = await bench.start(0)
    dead.finish()
    await first
    await quiescence()
    if known:
        dead.die()
        await quiescence()
        assert dead.ended
    else:
        dead.lose()
    second = await bench.invoke()
    (await bench.start(1)).finish()
    assert (await second).function_error is None
    assert dead.served == ["0000"]
    await bench.pool.close()


async def test_pool_unused_environment_goes() -> None:
    """An environment without an event ends after the idle time."""
    bench = Bench(idle_seconds=0.001)
    first = await bench.invoke()
    environment = await bench.start(0)
    environment.finish()
    await first
    await until(lambda: environment.ended)


async def test_pool_caller_gives_up_event_still_runs() -> None:
    """An integration's timeout ends the wait, not the event: as on AWS, the handler goes on."""
    bench = Bench(limit=1)
    first = await bench.invoke()
    second = await bench.invoke()
    environment = await bench.start(0)
    second.cancel()
    environment.finish()
    await first
    await quiescence()
    environment.finish()
    await quiescence()
    assert environment.served == ["0000", "0001"]
    assert environment.ready
    await bench.pool.close()


async def test_pool_close_answers_everything_under_way() -> None:
    """Closing ends running and starting environments, and every caller hears of it."""
    bench = Bench(limit=1)
    running = await bench.invoke()
    queued = await bench.invoke()
    await bench.start(0)
    await bench.pool.close()
    assert b"signal: killed" in (await running).payload
    assert b"signal: killed" in (await queued).payload
    assert bench.environments[0].ended


async def test_pool_close_during_an_end_waits_for_it() -> None:
    """An environment that is about to end when the pool closes is not left half ended."""
    bench = Bench()
    await bench.invoke()
    environment = await bench.start(0)
    environment.may_end.clear()
    environment.die()
    await quiescence()
    closing = asyncio.create_task(bench.pool.close())
    await quiescence()
    assert not closing.done()
    environment.may_end.set()
    await closing
    assert environment.ended


class PoolMachine(RuleBasedStateMachine):
    """Any sequence of invocations, starts, ends, deaths and deployments."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.bench = self.runner.run(self._bench())
        self.deployments = 0
        self.faults: list[object] = []
        self.runner.get_loop().set_exception_handler(lambda _loop, context: self.faults.append(context))

    async def _bench(self) -> Bench:
        return Bench(function(code_sha256="0"))

    def _let_go(self) -> None:
        self.runner.run(quiescence())

    def _starting(self) -> list[FakeEnvironment]:
        return [one for one in self.bench.environments if not one.started.done() and not one.ended]

    def _busy(self) -> list[FakeEnvironment]:
        return [one for one in self.bench.environments if one.result is not None]

    def _idle(self) -> list[FakeEnvironment]:
        return [one for one in self.bench.environments if one.ready]

    def _unanswered(self) -> list[str]:
        return [request_id for request_id, task in self.bench.invocations.items() if not task.done()]

    @rule()
    def invoke(self) -> None:
        """An event comes."""
        self.runner.run(self.bench.invoke())

    @precondition(lambda self: self._starting())
    @rule(data=st.data(), well=st.booleans())
    def initialization_ends(self, data: st.DataObject, *, well: bool) -> None:
        """An environment can serve, or cannot."""
        data.draw(st.sampled_from(self._starting())).started.set_result(well)
        self._let_go()

    @precondition(lambda self: self._busy())
    @rule(data=st.data())
    def handler_returns(self, data: st.DataObject) -> None:
        """An event is done."""
        data.draw(st.sampled_from(self._busy())).finish()
        self._let_go()

    @precondition(lambda self: self._busy())
    @rule(data=st.data())
    def busy_process_dies(self, data: st.DataObject) -> None:
        """A process ends by itself during an event."""
        data.draw(st.sampled_from(self._busy())).die()
        self._let_go()

    @precondition(lambda self: self._idle())
    @rule(data=st.data(), event_first=st.booleans())
    def idle_process_dies(self, data: st.DataObject, *, event_first: bool) -> None:
        """An idle process ends by itself; an event may come before that is known."""
        environment = data.draw(st.sampled_from(self._idle()))
        environment.lose()
        if event_first:
            self.runner.run(self.bench.invoke())
        environment.die()
        self._let_go()

    @rule()
    def deployment(self) -> None:
        """New code is deployed."""
        self.deployments += 1
        self.runner.run(self.bench.adopt(function(code_sha256=str(self.deployments))))

    @invariant()
    def events_start_in_arrival_order(self) -> None:
        """Nothing overtakes, nothing runs twice."""
        for environment in self.bench.environments:
            assert environment.served == sorted(environment.served)
        served = [request_id for one in self.bench.environments for request_id in one.served]
        assert len(served) == len(set(served)), "an event was run twice"
        assert sorted(served) == sorted(self.bench.invocations)[: len(served)], "an event overtook another"

    @invariant()
    def limits_hold_and_nobody_waits_without_need(self) -> None:
        """No more environments than allowed; no fewer than needed."""
        living = [one for one in self.bench.environments if not one.ended]
        assert len(living) <= LIMIT
        assert all(one.alive for one in living), "a dead environment is kept"
        served = {request_id for one in self.bench.environments for request_id in one.served}
        queued = [request_id for request_id in self._unanswered() if request_id not in served]
        assert not (queued and self._idle()), "an event waits beside an idle environment"
        assert len(self._starting()) <= STARTS
        assert not queued or len(self._starting()) >= min(len(queued), STARTS, LIMIT - len(self._busy()))

    def teardown(self) -> None:
        """Let everything end: every event must have been answered."""
        for _ in range(1000):
            for environment in self._starting():
                environment.started.set_result(True)
            self._let_go()
            for environment in self._busy():
                environment.finish()
            self._let_go()
            if not self._unanswered():
                break
        assert self._unanswered() == [], "an event was lost"
        for task in self.bench.invocations.values():
            assert task.exception() is None
        self.runner.run(self.bench.pool.close())
        assert all(environment.ended for environment in self.bench.environments)
        assert self.faults == []
        self.runner.close()


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
