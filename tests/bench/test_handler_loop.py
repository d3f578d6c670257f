"""The loop that the efficiency is measured against."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench.handler_loop import Work, call

WORK = Work(
    module="m", request_context={"connectionId": "c"}, chat_id="dm:a:b", after=7, text="hi", seconds=0.01
)


def test_loop_sends_each_message_after_the_last_ack() -> None:
    """As a client does; so no call meets a conflict, and each costs what a message costs."""
    seen: list[int] = []

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        assert event["requestContext"] == WORK.request_context
        frame = msgspec.json.decode(event["body"])
        seen.append(frame["after"])
        acked = {"id": frame["messages"][0]["id"], "seq": frame["after"] + 1}
        return {"body": msgspec.json.encode({"type": "ack", "messages": [acked]})}

    done = call(WORK, handler)
    assert seen == list(range(7, 7 + done.messages))
    assert done.last_seq == 7 + done.messages
    assert done.seconds >= WORK.seconds


def test_loop_whose_handler_refuses_ends() -> None:
    """A loop of errors would be fast, and worth nothing."""
    with pytest.raises(RuntimeError, match="bad_after"):
        call(WORK, lambda _event, _context: {"body": b'{"type":"error","code":"bad_after"}'})
