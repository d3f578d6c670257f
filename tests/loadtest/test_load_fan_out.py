"""The last receiver, and the stamps by which receivers know how long a message took."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loadtest.fan_out import Arrivals, LastReceivers
from loadtest.stamps import Stamp, clock_name, read_stamp, stamped


def test_stamp_of_a_text_is_read_again() -> None:
    """Behind it are words, as people write."""
    stamp = Stamp(clock_name(), 12, 34)
    text = stamped(stamp, Random(1))  # noqa: S311 - repeatable on purpose
    assert read_stamp(text) == stamp
    assert len(text.split()) > 2


def test_text_without_a_stamp_has_none() -> None:
    """Whatever somebody else writes is not taken for a stamp."""
    assert [read_stamp(text) for text in ("", "hi", "a.b.c hi", "one.two three", "1.2.-3 x")] == [None] * 5


def test_clock_has_one_name_in_all_processes_of_a_machine() -> None:
    """It can stand in every text, and says nothing about the machine."""
    assert clock_name() == clock_name()
    assert len(clock_name()) == 8


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 1_000)), min_size=9, max_size=9))
def test_last_receiver_is_the_last_of_all_processes(seen: list[tuple[int, int]]) -> None:
    """Nine receivers in three processes, which report in any order and any number of times."""
    done: list[tuple[int, int, int]] = []
    receivers = LastReceivers({"g:1": 10}, lambda due, sent, last: done.append((due, sent, last)))
    processes = [Arrivals(), Arrivals(), Arrivals()]
    latest = [0, 0, 0]
    for number, (process, at) in enumerate(seen):
        latest[process] = max(latest[process], at)
        processes[process].note("g:1", "m", Stamp("c", 0, 0), latest[process])
        if number % 2:
            receivers.add(processes[process].take())
    assert len(done) <= 1
    for arrivals in processes:
        receivers.add(arrivals.take())
    assert done == [(0, 0, max(latest))]


def test_message_that_not_all_have_is_not_counted() -> None:
    """One of three others lacks it: there is no last receiver yet."""
    done: list[int] = []
    receivers = LastReceivers({"g:1": 4}, lambda _due, _sent, last: done.append(last))
    receivers.add({"m": ("g:1", 0, 0, 2, 5)})
    assert done == []
    receivers.add({"m": ("g:1", 0, 0, 1, 7)})
    assert done == [7]


def test_chat_of_two_has_no_last_receiver() -> None:
    """Its only receiver is in `send to delivered` already."""
    done: list[int] = []
    receivers = LastReceivers({"dm:a:b": 2}, lambda _due, _sent, last: done.append(last))
    receivers.add({"m": ("dm:a:b", 0, 0, 1, 5)})
    assert done == []
