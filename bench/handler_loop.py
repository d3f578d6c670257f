"""Calls a function's handler in a loop: what an API Gateway and a Lambda without cost would do.

Run by the efficiency scenario with the environment variables of the function. It reads its work as JSON from
standard input and writes what it did to standard error; standard output is the handler's.
"""

from __future__ import annotations

import importlib
import itertools
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
from ulid import ULID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Work(msgspec.Struct, frozen=True):
    """What to do."""

    module: str
    """The function's module, whose ``handler`` is called."""
    request_context: dict[str, Any]
    """Of every event."""
    chat_id: str
    after: int
    """The number of the chat's last message."""
    text: str
    seconds: float


class Done(msgspec.Struct, frozen=True):
    """What was done."""

    messages: int
    seconds: float
    last_seq: int


def call(work: Work, handler: Callable[[dict[str, Any], object], dict[str, Any]]) -> Done:
    """Call the handler with one event after the other for as long as asked.

    Raises:
        RuntimeError: an answer is not an ack.
    """
    began = time.perf_counter()
    seq = work.after
    for number in _until(began + work.seconds):
        event = {"requestContext": work.request_context, "body": _body(work, seq), "isBase64Encoded": False}
        answer = msgspec.json.decode(handler(event, None)["body"])
        if answer["type"] != "ack":
            raise RuntimeError(f"The handler answered message {number}: {answer}")
        seq = answer["messages"][0]["seq"]
    return Done(seq - work.after, time.perf_counter() - began, seq)


def _until(end: float) -> Iterator[int]:
    return itertools.takewhile(lambda _: time.perf_counter() < end, itertools.count(1))


def _body(work: Work, after: int) -> str:
    message = {"id": str(ULID()), "text": work.text}
    frame = {"action": "sendMessage", "requestId": "1", "chatId": work.chat_id, "after": after}
    return msgspec.json.encode({**frame, "messages": [message]}).decode()


def main() -> None:
    """Read the work, warm up with a tenth of it, do it, tell."""
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    handler = importlib.import_module(work.module).handler
    warm = call(msgspec.structs.replace(work, seconds=work.seconds / 10), handler)
    done = call(msgspec.structs.replace(work, after=warm.last_seq), handler)
    sys.stderr.buffer.write(msgspec.json.encode(done))


if __name__ == "__main__":
    main()
