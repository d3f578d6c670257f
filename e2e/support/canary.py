"""The canary of the stack under test: a round of it on demand."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from e2e.support.account import Account
    from e2e.support.scenes import Scene


def sing(account: Account) -> dict[str, Any]:
    """Have it chat once; the line that tells of its round."""
    name = account.resources["AWS::Lambda::Function", "Canary"]
    answer = account.functions.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    assert not answer.get("FunctionError")
    lines = b64decode(answer["LogResult"]).decode().splitlines()
    (line,) = [line for line in lines if '"event":"invocation"' in line]
    told: dict[str, Any] = json.loads(line)
    return told


async def sings(scene: Scene) -> None:
    """A round of the canary goes well."""
    assert sing(scene.account)["CanarySuccess"] == 1
