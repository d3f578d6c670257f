"""Marks of members who come and go: what is told, in whichever order, leads to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from parley_client.marks import Marks, MemberMarks

if TYPE_CHECKING:
    from collections.abc import Callable

Told = tuple[int, int, int]
"""Delivered, read, and the change by which the membership began."""

marks = st.tuples(st.integers(1, 9), st.integers(0, 9))


@st.composite
def memberships(draw: st.DrawFn) -> tuple[list[Told], list[int], Marks]:
    """Draw what was told of memberships in turn, when each ended, and how far the last has got."""
    number, told, ends = 0, list[Told](), list[int]()
    known = Marks()
    for stays in draw(st.lists(st.booleans(), min_size=1, max_size=4)):
        known = Marks()
        for delivered, read in draw(st.lists(marks, max_size=3)):
            known = known.forward(delivered, read)
            told.append((known.delivered_seq, known.read_seq, number))
        if stays:
            break
        number += draw(st.integers(1, 3))
        ends.append(number)
        known = Marks()
        number += draw(st.integers(1, 3))
    return told, ends, known


@given(memberships(), st.data())
def test_marks_told_in_any_order_and_repeatedly_are_the_last_memberships(
    course: tuple[list[Told], list[int], Marks], data: st.DataObject
) -> None:
    """Late receipts of an earlier membership count for nothing, before and after its end is known."""
    told, ends, known = course
    user = MemberMarks()
    acts: list[Callable[[], object]] = [lambda one=one: user.advance(*one) for one in told]  # type: ignore[misc]
    acts += [lambda number=number: user.begin(number) for number in ends]  # type: ignore[misc]
    repeated = data.draw(st.lists(st.sampled_from(acts), max_size=5)) if acts else []
    for act in data.draw(st.permutations([*acts, *repeated])):
        act()
    assert user.known == known


def test_mark_of_an_earlier_membership_moves_nothing() -> None:
    """And so nobody is told of it."""
    user = MemberMarks()
    assert user.advance(5, 5, since=2)
    user.begin(4)
    assert not user.advance(9, 9, since=2)
    assert user.advance(1, 0, since=5)
    assert user.known == Marks(delivered_seq=1, read_seq=0)
