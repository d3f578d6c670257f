"""Concurrency limits: what throttles, and whose room an invocation takes."""

from __future__ import annotations

from localcloud.functions.concurrency import Concurrency
from tests.localcloud.functions.functions_fakes import function


def test_concurrency_account_used_up_throttles_until_one_ends() -> None:
    """The account's room is for all functions together."""
    concurrency = Concurrency(2)
    assert concurrency.enter(function("a"))
    assert concurrency.enter(function("b"))
    assert not concurrency.enter(function("c"))
    concurrency.leave(function("a"))
    assert concurrency.enter(function("c"))


def test_concurrency_default_is_awss_thousand() -> None:
    """The 1,001st invocation at once is throttled."""
    concurrency = Concurrency()
    assert all(concurrency.enter(function()) for _ in range(1000))
    assert not concurrency.enter(function())


def test_concurrency_reservation_is_the_functions_own_and_taken_from_the_others() -> None:
    """A reservation guarantees and limits; the others share what it leaves."""
    concurrency = Concurrency(3)
    reserved = function("reserved", reserved_concurrency=2)
    assert concurrency.enter(reserved)
    assert concurrency.enter(function("other"))
    assert not concurrency.enter(function("other"))
    assert concurrency.enter(reserved)
    assert not concurrency.enter(reserved)


def test_concurrency_reservation_of_zero_always_throttles() -> None:
    """Zero is AWS's way to stop a function."""
    assert not Concurrency().enter(function(reserved_concurrency=0))


def test_concurrency_reservation_that_is_lifted_gives_its_room_back() -> None:
    """What is deployed now counts; an invocation leaves the room that it entered."""
    concurrency = Concurrency(2)
    assert concurrency.enter(function("a", reserved_concurrency=2))
    assert not concurrency.enter(function("b"))
    assert concurrency.enter(function("a"))
    assert concurrency.enter(function("b"))
    concurrency.leave(function("a", reserved_concurrency=2))
    assert not concurrency.enter(function("b"))
