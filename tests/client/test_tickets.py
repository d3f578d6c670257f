"""A ticket that opened nothing is good for another attempt, for a while."""

from __future__ import annotations

from parley_client.tickets import GOOD_FOR, Tickets
from parley_client.tokens import read_claims
from tests.client.fake_service import access_token

CLAIMS = read_claims(access_token("ann"))


class Clock:
    """Seconds that pass when the test says so."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_kept_ticket_is_given_once() -> None:
    """Whoever takes it spends it, or keeps it again."""
    tickets = Tickets(Clock())
    assert tickets.take() is None
    ticket = tickets.got("t", CLAIMS)
    assert tickets.take() is None
    tickets.keep(ticket)
    assert tickets.take() == ticket
    assert tickets.take() is None


def test_kept_ticket_is_good_until_its_end() -> None:
    """However often it is kept, it lasts from when it was given."""
    clock = Clock()
    tickets = Tickets(clock)
    ticket = tickets.got("t", CLAIMS)
    tickets.keep(ticket)
    clock.now += GOOD_FOR - 1
    assert tickets.take() == ticket
    tickets.keep(ticket)
    clock.now += 1
    assert tickets.take() is None
