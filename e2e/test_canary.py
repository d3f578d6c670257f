"""The canary chats through the deployed stack as its users do, and notices when they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.support.canary import sing
from e2e.support.faults import fault

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults


def test_canary_signs_two_users_in_and_sees_a_message_delivered(account: Account) -> None:
    """Made on the first round, signed in again on the second: both end well, in one chat."""
    for _ in range(2):
        line = sing(account)
        assert line["CanarySuccess"] == 1
        assert line["CanaryDelivery"] > 0


@pytest.mark.embedded_only("only localcloud fails on purpose")
def test_canary_notices_that_nothing_can_be_sent(account: Account, faults: Faults) -> None:
    """By an answer that is an error; it does not fail itself."""
    broken = fault("dynamodb", "PutItem", "error", resource=account.table("Messages"))
    with faults.on(broken):
        assert sing(account)["CanarySuccess"] == 0
    assert sing(account)["CanarySuccess"] == 1
