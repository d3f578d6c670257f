"""Another project's tests of faults: one turns its own off, one forgets to, and the next finds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.faults.rules import Rule
from localcloud.interfaces import FaultEffect

if TYPE_CHECKING:
    from localcloud.testing import Localcloud

THROTTLE = Rule("dynamodb", "PutItem", FaultEffect.THROTTLE)


def test_fault_for_a_block_ends_with_it(localcloud: Localcloud) -> None:
    """The form to use."""
    with localcloud.faults.on(THROTTLE):
        assert len(localcloud.faults.list()) == 1


def test_fault_is_left_on(localcloud: Localcloud) -> None:
    """The mistake: the plugin fails this test."""
    localcloud.faults.add(THROTTLE)


def test_next_test_finds_no_fault(localcloud: Localcloud) -> None:
    """What was left on is off."""
    assert localcloud.faults.list() == ()
