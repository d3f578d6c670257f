"""The pool's promises in whatever order events, starts, ends, deaths and deployments come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.localcloud.functions.functions_fakes import function
from tests.localcloud.functions.pool_bench import LIMIT, STARTS, Bench, quiescence

if TYPE_CHECKING:
    from tests.localcloud.functions.pool_bench import FakeEnvironment


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
TestPoolMachine.settings = settings(max_examples=40, stateful_step_count=30)
