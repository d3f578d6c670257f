"""The wire: what is sent is exact, what is read is tolerant, and nothing that arrives raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley_client import client_frames, frames, server_frames
from parley_client.values import NewMessage


def test_encode_leaves_out_what_was_not_asked() -> None:
    """The service refuses unknown and null fields, so an absent bound is absent."""
    frame = client_frames.GetMessages(request_id="r1", chat_id="c", before=4)
    assert json.loads(frames.encode(frame)) == {
        "action": "getMessages",
        "requestId": "r1",
        "chatId": "c",
        "before": 4,
    }


def test_decode_ignores_fields_of_a_newer_service() -> None:
    """Fields that this client does not know do not keep it from reading the rest."""
    message = {
        "id": "m",
        "seq": 1,
        "senderId": "b",
        "sentAt": "2026-11-21T00:00:00.123Z",
        "mood": {"+1": 2},
    }
    frame = frames.decode(json.dumps({"type": "message", "chatId": "c", "message": message, "v": 2}))
    assert isinstance(frame, server_frames.MessageFrame)
    assert (frame.message.text, frame.message.sent_at.microsecond) == ("", 123_000)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ('{"message": "Forbidden", "connectionId":"x=", "requestId":"y="}', server_frames.GatewayErrorFrame),
        ('{"type": "confetti", "chatId": "c"}', server_frames.UnknownFrame),
        ('{"type": "ack"}', server_frames.UnknownFrame),
        ('{"type": 7}', server_frames.UnknownFrame),
        ("[]", server_frames.UnknownFrame),
        ("", server_frames.UnknownFrame),
        (b"\xff\xfe", server_frames.UnknownFrame),
    ],
)
def test_decode_of_what_is_no_frame_of_ours(data: str | bytes, kind: type) -> None:
    """API Gateway's errors are told from frames, and what cannot be read says why."""
    frame = frames.decode(data)
    assert isinstance(frame, kind)
    assert not isinstance(frame, server_frames.UnknownFrame) or frame.reason


@given(st.binary(max_size=100))
def test_decode_never_raises(data: bytes) -> None:
    """Whatever arrives, the session goes on."""
    assert frames.decode(data) is not None


@given(st.text(alphabet='a"\\\n\x00\x1fé€😀', max_size=50))
def test_size_is_what_the_text_takes_in_a_frame(text: str) -> None:
    """A frame's text is counted as it is encoded, escapes and all."""
    frame = client_frames.SendMessage(request_id="r", chat_id="c", after=0, messages=(NewMessage("m", text),))
    empty = client_frames.SendMessage(request_id="r", chat_id="c", after=0, messages=(NewMessage("m", ""),))
    extra = len(frames.encode(frame).encode()) - len(frames.encode(empty).encode())
    assert frames.size(text) == extra + 2
