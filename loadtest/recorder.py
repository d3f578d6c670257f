"""What is measured, told to both who want it: the history, for the verdict and the report, and Locust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .history import Measured, now

if TYPE_CHECKING:
    from locust.env import Environment

    from .history import History, Kind, Record

REQUEST_TYPE: Final = "chat"
"""Locust's word for what the rows of the chat have in common; REST rows have their HTTP method."""


class RequestFailed(Exception):  # noqa: N818 - says what happened; Locust shows it
    """A measured request failed, with this code."""


class Recorder:
    """The records of one process."""

    def __init__(self, history: History, environment: Environment) -> None:
        """Write to `history`, and fire Locust's request events."""
        self._history = history
        self._environment = environment

    def write(self, record: Record) -> None:
        """Add to the history what is no measurement."""
        self._history.write(record)

    def measured(self, kind: Kind, intended: int, start: int, error: str = "", *, end: int = 0) -> None:
        """Note that something took from `intended` until now, or until `end`; an error is why it failed."""
        record = Measured(kind=kind, intended=intended, start=start, error=error, at=end or now())
        self._history.write(record)
        self.count(kind, (record.at - intended) / 1e6, error)

    def count(self, name: str, milliseconds: float, error: str = "") -> None:
        """Give Locust a row that the history has in another form, or not at all."""
        self._environment.events.request.fire(  # type: ignore[no-untyped-call] # Locust's is not annotated
            request_type=REQUEST_TYPE,
            name=str(name),
            response_time=milliseconds,
            response_length=0,
            exception=RequestFailed(error) if error else None,
            context={},
        )
