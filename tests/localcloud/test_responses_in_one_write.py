"""How responses leave: head and body in one write, so that their reader wakes up once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from localcloud.websocket_protocol import OneWrite

if TYPE_CHECKING:
    import asyncio


class Written:
    """A transport that keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.writes.append(data)

    def close(self) -> None:
        """Note it."""
        self.closed = True


def one_write() -> tuple[OneWrite, Written]:
    """A transport of one response, and where it leads."""
    written = Written()
    return OneWrite(cast("asyncio.Transport", written)), written


def test_head_leaves_with_the_first_of_the_body() -> None:
    """What follows that leaves as it comes."""
    transport, written = one_write()
    for data in (b"head", b"first", b"second"):
        transport.write(data)
    transport.flush()
    assert written.writes == [b"headfirst", b"second"]


def test_head_without_a_body_leaves_once_the_response_is_whole() -> None:
    """An answer to HEAD has none."""
    transport, written = one_write()
    transport.write(b"head")
    assert written.writes == []
    transport.flush()
    assert written.writes == [b"head"]


def test_head_leaves_before_the_connection_is_closed() -> None:
    """A response may end with its connection."""
    transport, written = one_write()
    transport.write(b"head")
    transport.close()
    assert (written.writes, written.closed) == ([b"head"], True)
