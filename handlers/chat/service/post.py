"""Posts frames to connections, and forgets those that are gone."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from chat import metrics
from chat.domain import CONNECT_TIMEOUT
from chat.metrics import Metric
from chat.ports.connections import PostFailedError
from chat.service.parallel import each

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chat.domain import Connection
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections, Push

LOGGER = logging.getLogger("chat")


class _Sent(msgspec.Struct, frozen=True, rename="camel"):
    sent_at: datetime


class _MessageFrame(msgspec.Struct, frozen=True):
    """Of the frames that are posted, those that bring a new message."""

    type: Literal["message"]
    message: _Sent


_MESSAGE_FRAMES = msgspec.json.Decoder(_MessageFrame)


class Outcome(Enum):
    """What became of the frames for one connection."""

    REACHED = auto()
    GONE = auto()
    MISSED = auto()
    """They may be posted later."""


class Posted(NamedTuple):
    """Who has a connection that was reached, and who has one that was not but may be later; each once."""

    reached: Collection[str]
    missed: Sequence[str]

    def away(self, user_ids: Sequence[str]) -> list[str]:
        """Those of the users who have no connection any more."""
        return [user_id for user_id in user_ids if user_id not in self.reached and user_id not in self.missed]


class Post:
    """Posts to connections side by side; the frames of one connection stay in order."""

    def __init__(self, connections: Connections, push: Push, clock: Clock) -> None:
        """Post by `push`, and forget in `connections`."""
        self._connections = connections
        self._push = push
        self._clock = clock

    def __call__(self, connections: Sequence[Connection], frames: Sequence[bytes]) -> Posted:
        """Post the frames to each of the connections."""

        def post(connection: Connection) -> Outcome:
            return self._post(connection, frames)

        outcomes = list(zip(connections, each(post, connections), strict=True))
        reached, missed = (
            dict.fromkeys(connection.user_id for connection, outcome in outcomes if outcome is wanted)
            for wanted in (Outcome.REACHED, Outcome.MISSED)
        )
        self._measure(frames, [outcome for _, outcome in outcomes])
        return Posted(reached.keys(), list(missed))

    def _measure(self, frames: Sequence[bytes], outcomes: Sequence[Outcome]) -> None:
        """Record how many were not reached, and how old the first message was once the last had it."""
        if unreached := outcomes.count(Outcome.MISSED):
            metrics.record(Metric.UNREACHED_CONNECTIONS, unreached)
        if Outcome.REACHED in outcomes and frames and (sent_at := _sent_at(frames[0])) is not None:
            lag = max(self._clock.now() - sent_at, 0.0)
            metrics.record(Metric.FAN_OUT_LAG, round(lag * 1_000, 1))

    def _post(self, connection: Connection, frames: Sequence[bytes]) -> Outcome:
        """Post to one connection; forget it when it is gone, end it when its token has ended.

        One that API Gateway may still be opening answers as if it was gone. It stays: its first sync finds
        what it was not sent now, and forgotten it would be sent nothing for as long as it lives.
        """
        now = self._clock.now()
        opening = now < connection.connected_at / 1_000 + CONNECT_TIMEOUT
        try:
            if connection.expires_at <= now:
                self._push.close(connection)
            elif all(self._push.post(connection, frame) for frame in frames) or opening:
                return Outcome.REACHED
            else:
                metrics.record(Metric.GONE_CONNECTIONS)
            self._connections.remove(connection.user_id, [connection.id])
        except PostFailedError:
            return Outcome.MISSED
        except Exception:
            LOGGER.exception("push_failed", extra={"fields": {"recipientConnectionId": connection.id}})
        return Outcome.GONE


def _sent_at(frame: bytes) -> float | None:
    """When the message was sent that a frame brings; None for a frame that brings none."""
    try:
        return _MESSAGE_FRAMES.decode(frame).message.sent_at.timestamp()
    except msgspec.DecodeError:
        return None
