"""Who may do what by role, over every combination of roles, and who inherits a chat."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import rights
from chat.domain import CHANNEL, DIRECT, GROUP, Role
from chat.errors import ChatError
from chat.rights import RANK
from chat.roster import Place, Roster

ROLES: tuple[Role, ...] = get_args(Role)
PAIRS = list(product(ROLES, ROLES))

places = st.builds(Place, st.sampled_from(ROLES), st.just(0), st.integers(0, 5))
rosters = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), places, max_size=8).map(
    lambda members: Roster(
        chat_id="g:1", kind=GROUP, name="n", history="start", created_by="a", created_at="t", places=members
    )
)


def test_every_role_has_a_rank_of_its_own() -> None:
    """Or a new role would be let through by a rule that never thought of it."""
    assert sorted(RANK) == sorted(ROLES)
    assert len(set(RANK.values())) == len(ROLES)


@pytest.mark.parametrize(("kind", "role"), list(product((DIRECT, GROUP, CHANNEL), ROLES)))
def test_everyone_writes_but_for_members_of_a_channel(kind: str, role: Role) -> None:
    """A channel is for reading."""
    assert rights.may_write(kind, role) is not (kind == CHANNEL and role == "member")


@pytest.mark.parametrize(("role", "other"), PAIRS)
def test_no_one_touches_who_stands_as_high(role: Role, other: Role) -> None:
    """Neither removes nor demotes an equal or a superior."""
    if RANK[other] >= RANK[role]:
        assert not rights.may_remove(role, other)
        assert not rights.may_give_role(role, other)


@pytest.mark.parametrize(("role", "wanted"), PAIRS)
def test_no_one_gives_or_takes_more_than_their_own(role: Role, wanted: Role) -> None:
    """So that nobody can come to stand above who let them in, nor raise themselves."""
    if rights.may_add(role, wanted):
        assert RANK[wanted] <= RANK[role]
    assert rights.may_step_down(role, wanted) is (RANK[wanted] <= RANK[role])


@pytest.mark.parametrize("other", ROLES)
def test_members_administer_nothing(other: Role) -> None:
    """They write, read and leave."""
    assert not rights.may_administer("member")
    assert not rights.may_add("member", other)
    assert not rights.may_remove("member", other)
    assert not rights.may_give_role("member", other)


@pytest.mark.parametrize(("lower", "higher", "other"), list(product(ROLES, repeat=3)))
def test_who_stands_higher_may_all_that_who_stands_lower_may(lower: Role, higher: Role, other: Role) -> None:
    """Rights grow with the role."""
    if RANK[lower] <= RANK[higher]:
        for may in (rights.may_add, rights.may_remove, rights.may_give_role, rights.may_step_down):
            assert may(higher, other) or not may(lower, other)


def test_what_is_not_allowed_is_refused() -> None:
    """And what is passes."""
    rights.require(True)
    with pytest.raises(ChatError, match=r"^not_permitted"):
        rights.require(False)


@given(rosters)
def test_heir_is_an_admin_before_a_member_and_the_oldest_of_them(roster: Roster) -> None:
    """None but in an empty chat."""
    heir = roster.heir()
    if heir is None:
        assert not roster.places
        return
    admins = {user: place for user, place in roster.places.items() if place.role == "admin"}
    candidates = admins or dict(roster.places)
    assert heir in candidates
    assert all(place.since >= candidates[heir].since for place in candidates.values())


@given(rosters, st.text("abc", min_size=1, max_size=2), places)
def test_roster_with_somebody_and_without_them_again_has_lost_nobody_else(
    roster: Roster, user_id: str, place: Place
) -> None:
    """Nothing of the original is changed."""
    others = {user: kept for user, kept in roster.places.items() if user != user_id}
    assert roster.having(user_id, place).without(user_id).places == others
    assert roster.having(user_id, place).places[user_id] == place
