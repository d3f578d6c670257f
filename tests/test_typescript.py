"""The web client's types are the protocol's: written from it, and as it is now."""

from __future__ import annotations

import re

from chat.protocol.client_frames import CLIENT_FRAMES
from chat.protocol.server_frames import SERVER_FRAMES
from specs.__main__ import TYPES, rendered_types


def test_types_of_the_web_client_are_those_of_the_code() -> None:
    """Who changes a type or a frame runs `nox -s specs`."""
    assert TYPES.read_text() == rendered_types()


def test_types_of_the_web_client_have_every_frame_of_both_sides() -> None:
    """A frame that a union lacks would be one that the web client cannot send, or does not see coming."""
    unions = {
        name: set(re.findall(r"\w+", members))
        for name, members in re.findall(r"export type (\w+Frame) =\n(.*?);\n", rendered_types(), re.DOTALL)
    }
    assert unions == {
        "ClientFrame": {frame.__name__ for frame in CLIENT_FRAMES},
        "ServerFrame": {frame.__name__ for frame in SERVER_FRAMES},
    }
