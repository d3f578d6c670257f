"""What is noted of observations: counts by second, latencies, connections, functions, log lines."""

from __future__ import annotations

import pytest

from localcloud.control.statistics import (
    ERRORS_KEPT,
    LATENCY_BOUNDS_MS,
    LINE_CHARACTERS,
    LINES_KEPT,
    SECONDS,
    Statistics,
)
from localcloud.observations import (
    ConnectionClosed,
    ConnectionOpened,
    FunctionInvoked,
    LogWritten,
    MessageSent,
    RequestServed,
)


class HeldClock:
    """A clock that tests move."""

    time = 1_000_000.0

    def now(self) -> float:
        """The time."""
        return self.time


@pytest.fixture
def clock() -> HeldClock:
    """The time."""
    return HeldClock()


@pytest.fixture
def statistics(clock: HeldClock) -> Statistics:
    """Statistics that begin now."""
    return Statistics(clock)


def served(
    latency_ms: float = 5.0, *, protocol: str = "WEBSOCKET", event_type: str = "MESSAGE", status: int = 200
) -> RequestServed:
    """A message or a request that was answered."""
    return RequestServed(
        "api", "dev", protocol, "$default", status, latency_ms, 4.0, status >= 500, dict, event_type, "c"
    )


def invoked(error: str = "", *, throttled: bool = False) -> FunctionInvoked:
    """An invocation of the function F."""
    return FunctionInvoked("F", "r", 3.0, None, error, throttled)


def test_rates_count_by_kind_and_second(statistics: Statistics, clock: HeldClock) -> None:
    """A message, a request, a sent text, an invocation and a fault each have their own series."""
    statistics.note(served())
    statistics.note(served())
    clock.time += 1
    statistics.note(served(protocol="HTTP", event_type="", status=502))
    statistics.note(served(event_type="CONNECT"))
    statistics.note(MessageSent("api", "dev", "c", 10))
    statistics.note(invoked())
    rates = statistics.rates()
    assert rates.messages_received[-2:] == [2, 0]
    assert rates.http_requests[-2:] == [0, 1]
    assert rates.messages_sent[-2:] == [0, 1]
    assert rates.invocations[-2:] == [0, 1]
    assert rates.errors[-2:] == [0, 1]
    assert len(rates.messages_received) == SECONDS


@pytest.mark.parametrize("later", [SECONDS, SECONDS + 1, 10 * SECONDS + 7])
def test_rates_forget_what_is_too_long_ago(statistics: Statistics, clock: HeldClock, later: int) -> None:
    """However long nothing happened meanwhile."""
    statistics.note(served())
    clock.time += SECONDS - 1
    assert statistics.rates().messages_received == [1] + [0] * (SECONDS - 1)
    assert sum(statistics.latencies().counts) == 1
    clock.time += later - SECONDS + 1
    assert statistics.rates().messages_received == [0] * SECONDS
    assert sum(statistics.latencies().counts) == 0


def test_latencies_are_counted_in_buckets(statistics: Statistics) -> None:
    """A bound belongs to its bucket; what is slower than the last one has a bucket too."""
    for latency_ms in (0.1, LATENCY_BOUNDS_MS[0], 0.6, LATENCY_BOUNDS_MS[-1] + 1):
        statistics.note(served(latency_ms))
    counts = statistics.latencies().counts
    assert (counts[0], counts[1], counts[-1]) == (2, 1, 1)
    assert len(counts) == len(LATENCY_BOUNDS_MS) + 1


def test_latencies_quantiles_lie_in_their_buckets(statistics: Statistics) -> None:
    """Of a hundred latencies of 1 to 100 ms the 95th is between 70 and 100 ms."""
    for latency_ms in range(1, 101):
        statistics.note(served(float(latency_ms)))
    latencies = statistics.latencies()
    assert latencies.p50_ms == pytest.approx(50, abs=1)
    assert latencies.p95_ms == pytest.approx(95, abs=1)
    assert latencies.p99_ms == pytest.approx(99, abs=1)


def test_latencies_without_any_have_no_quantile(statistics: Statistics) -> None:
    """Nothing is not 0 ms."""
    assert statistics.latencies().p50_ms is None


def test_connections_are_those_that_are_open(statistics: Statistics, clock: HeldClock) -> None:
    """One comes with its opening and goes with its close; a close of an unknown one is no error."""
    statistics.note(ConnectionOpened("api", "dev", "a"))
    clock.time += 2
    statistics.note(ConnectionOpened("api", "dev", "b"))
    statistics.note(ConnectionClosed("api", "dev", "a", 1000, ""))
    statistics.note(ConnectionClosed("api", "dev", "never", 1000, ""))
    assert list(statistics.connections) == ["b"]
    assert statistics.connections["b"].opened_at == 1_000_002_000


def test_functions_have_their_counts_and_last_error(statistics: Statistics) -> None:
    """A throttle is no invocation, and no error."""
    for observation in (invoked(), invoked("first"), invoked("second"), invoked(throttled=True)):
        statistics.note(observation)
    counts = statistics.functions["F"]
    assert (counts.invocations, counts.errors, counts.throttles) == (3, 2, 1)
    assert counts.last_error is not None
    assert counts.last_error.text == "second"
    assert [line.text for line in statistics.last_errors] == ["first", "second"]


def test_lines_come_after_the_number_that_was_asked_with(statistics: Statistics) -> None:
    """So that who asks again and again gets each once."""
    statistics.note(LogWritten("/aws/lambda/F", 1_000, "one"))
    first, last = statistics.lines_after(0)
    assert [(line.source, line.at, line.text) for line in first] == [("/aws/lambda/F", 1_000, "one")]
    statistics.note(LogWritten("/aws/lambda/F", 2_000, "two"))
    statistics.note(invoked("an error between"))
    statistics.note(LogWritten("/aws/lambda/F", 3_000, "three"))
    later, last = statistics.lines_after(last)
    assert [line.text for line in later] == ["two", "three"]
    assert statistics.lines_after(last) == ([], last)
    assert [line.text for line in statistics.last_lines(2)[0]] == ["two", "three"]


def test_memory_is_bounded_however_much_is_logged(statistics: Statistics) -> None:
    """The oldest lines and errors go, and the end of a long line."""
    for number in range(LINES_KEPT + 10):
        statistics.note(LogWritten("g", 0, f"{number} {'x' * 10_000 if number == LINES_KEPT else ''}"))
    for _ in range(ERRORS_KEPT + 10):
        statistics.note(invoked("e"))
    lines, _last = statistics.lines_after(0)
    assert len(lines) == LINES_KEPT
    assert max(len(line.text) for line in lines) == LINE_CHARACTERS
    assert len(statistics.last_errors) == ERRORS_KEPT
