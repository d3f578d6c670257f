"""The pool's promises: one event an environment, arrival order, reuse, limits, and nothing lost."""

from __future__ import annotations

import asyncio

import pytest

from tests.localcloud.functions.functions_fakes import function, until
from tests.localcloud.functions.pool_bench import STARTS, Bench, quiescence


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
