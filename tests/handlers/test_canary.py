"""The canary: what it measures of a chat that works, and of one that does not at any step."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chat import metrics
from chat.adapters.canary import new_message_id
from chat.service.canary import Canary

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

CHAT = "dm:reader:sender"


@dataclass
class World:
    """A chat of two, which breaks where it is told to."""

    breaks_at: str = ""
    stored: list[str] = field(default_factory=list)
    open_sockets: int = 0

    def reach(self, step: str) -> None:
        """Break here, or not."""
        if step == self.breaks_at:
            raise OSError(f"no {step}")

    def sign_in(self, username: str) -> FakeChatter:
        """Sign one in."""
        self.reach("sign in")
        return FakeChatter(self, username.rpartition("-")[2])


@dataclass
class FakeChatter:
    """A user of the world."""

    world: World
    user_id: str

    def open_chat(self, user_id: str) -> str:
        """Open it."""
        self.world.reach("open the chat")
        return "dm:" + ":".join(sorted((user_id, self.user_id)))

    def last_number(self, chat_id: str) -> int:
        """Count."""
        assert chat_id == CHAT
        return len(self.world.stored)

    def connect(self) -> FakeSocket:
        """Connect."""
        self.world.reach("connect")
        self.world.open_sockets += 1
        return FakeSocket(self.world)


@dataclass
class FakeSocket:
    """A connection to the world."""

    world: World

    def send(self, frame: Mapping[str, Any]) -> None:
        """Store the message."""
        self.world.reach("send")
        assert frame["after"] == len(self.world.stored)
        self.world.stored.append(frame["messages"][0]["id"])

    def receive(self, type_: str) -> Mapping[str, Any]:
        """Ack or bring the newest."""
        self.world.reach({"ack": "be acked", "message": "be delivered"}[type_])
        message = {"id": self.world.stored[-1], "seq": len(self.world.stored)}
        return {"messages": [message]} if type_ == "ack" else {"message": message}

    def close(self) -> None:
        """Close."""
        self.world.open_sockets -= 1


def measured(world: World) -> dict[str, Any]:
    """What a round records."""
    metrics.take()
    Canary(world, new_message_id)()
    return metrics.take()


def test_round_that_goes_well_tells_success_and_how_long_the_message_took() -> None:
    """Round after round, in one chat."""
    world = World()
    for _ in range(2):
        found = measured(world)
        assert found["CanarySuccess"] == 1
        assert found["CanaryDelivery"] >= 0
    assert (len(world.stored), world.open_sockets) == (2, 0)


@pytest.mark.parametrize("step", ["sign in", "open the chat", "connect", "send", "be acked", "be delivered"])
def test_round_that_fails_tells_the_step_and_leaves_no_connection(
    step: str, chat_log: list[logging.LogRecord]
) -> None:
    """And is no error of the function: a failure is what it is there to measure."""
    world = World(step)
    found = measured(world)
    assert found["CanarySuccess"] == 0
    assert "CanaryDelivery" not in found
    (record,) = chat_log
    assert vars(record)["fields"] == {"step": step}
    assert world.open_sockets == 0
    assert json.dumps(found)


def test_message_ids_are_ulids_that_grow() -> None:
    """What the protocol takes."""
    ids = [new_message_id() for _ in range(50)]
    assert all(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in ids)
    assert len(set(ids)) == 50
    assert [each[:10] for each in ids] == sorted(each[:10] for each in ids)
