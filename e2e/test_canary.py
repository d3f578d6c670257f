"""The canary chats through the deployed stack as its users do, and notices when they cannot."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from e2e.support.faults import fault

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.faults import Faults


def sing(account: Account) -> dict[str, Any]:
    """Have it chat once; the line that tells of its round."""
    name = account.resources["AWS::Lambda::Function", "Canary"]
    answer = account.functions.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    assert not answer.get("FunctionError")
    lines = b64decode(answer["LogResult"]).decode().splitlines()
    (line,) = [line for line in lines if '"event":"invocation"' in line]
    told: dict[str, Any] = json.loads(line)
    return told


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
