"""AsyncAPI 3 of the WebSocket: what clients send and what answers it, what the service sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.protocol.client_frames import CLIENT_FRAMES
from chat.protocol.server_frames import SERVER_FRAMES, Error
from specs.frames import ANSWERS, PUSHED
from specs.schemas import schemas

if TYPE_CHECKING:
    import msgspec

_CHANNEL = {"$ref": "#/channels/socket"}
_ABOUT = (
    "JSON text frames over one WebSocket. A client's frame names its action, the service's its type; each "
    "frame of a client has one answer, which repeats its requestId. docs/protocol.md says what they promise."
)


def document(version: str) -> dict[str, Any]:
    """The document, of this version of the service."""
    frames: list[type[msgspec.Struct]] = [*CLIENT_FRAMES, *SERVER_FRAMES]
    payloads, components = schemas(frames)
    messages = {
        _tag(frame): {"name": _tag(frame), "summary": _meaning(frame), "payload": payload}
        for frame, payload in zip(frames, payloads, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Parley's WebSocket", "version": version, "description": _ABOUT},
        "servers": {
            "stack": {"host": "{webSocketUrl}", "protocol": "wss", "description": "WebSocketUrl of the stack"}
        },
        "channels": {"socket": _channel(messages)},
        "operations": {
            **{_tag(frame): _asked(frame) for frame in ANSWERS},
            **{f"push {_tag(frame)}": _pushed(frame) for frame in PUSHED},
        },
        "components": {"schemas": components, "messages": messages},
    }


def _channel(messages: dict[str, Any]) -> dict[str, Any]:
    query = {"type": "object", "properties": {"ticket": {"type": "string"}}, "required": ["ticket"]}
    return {
        "address": "/",
        "description": "One connection: it opens with a ticket of POST /tickets, which works once.",
        "bindings": {"ws": {"method": "GET", "query": query}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _asked(frame: type[msgspec.Struct]) -> dict[str, Any]:
    answers: list[type[msgspec.Struct]] = [ANSWERS[frame], Error]
    return {
        "action": "receive",
        "channel": _CHANNEL,
        "summary": _meaning(frame),
        "messages": [_message(frame)],
        "reply": {"channel": _CHANNEL, "messages": [_message(answer) for answer in answers]},
    }


def _pushed(frame: type[msgspec.Struct]) -> dict[str, Any]:
    return {"action": "send", "channel": _CHANNEL, "summary": _meaning(frame), "messages": [_message(frame)]}


def _message(frame: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{_tag(frame)}"}


def _tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _meaning(frame: type[msgspec.Struct]) -> str:
    return " ".join((frame.__doc__ or "").split())
