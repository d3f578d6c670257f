"""What Lambda itself writes into a function's log, in both of its formats: plain lines and JSON.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON: Final = "JSON"
"""The log format that is not plain text."""


@dataclass(frozen=True, slots=True)
class Start:
    """An invocation begins."""

    request_id: str
    version: str

    @property
    def failed(self) -> bool:
        """Never: it only begins."""
        return False

    def lines(self) -> list[str]:
        """As plain text."""
        return [f"START RequestId: {self.request_id} Version: {self.version}"]

    def event(self) -> tuple[str, Mapping[str, object]]:
        """As JSON: the type and the record."""
        return "platform.start", {"requestId": self.request_id, "version": self.version}


@dataclass(frozen=True, slots=True)
class Report:
    """An invocation has ended."""

    request_id: str
    duration_ms: float
    memory_megabytes: int
    peak_memory_bytes: int | None
    """None where the system does not tell."""
    initialization_ms: float | None
    """Of the invocation that had to wait for its environment's start, else None."""
    status: str = ""
    """``timeout`` or ``error``; empty when the handler returned."""
    error_type: str = ""
    """Why the environment ended, such as ``Runtime.ExitError``."""

    @property
    def failed(self) -> bool:
        """Whether the handler did not return."""
        return bool(self.status)

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds; since August 2025 the initialization counts too."""
        return math.ceil(self.duration_ms + (self.initialization_ms or 0.0))

    def lines(self) -> list[str]:
        """As plain text: END and REPORT."""
        fields = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {self.billed_ms} ms",
            f"Memory Size: {self.memory_megabytes} MB",
        ]
        if self.peak_memory_bytes is not None:
            fields.append(f"Max Memory Used: {self.peak_memory_bytes / 2**20:.0f} MB")
        if self.initialization_ms is not None:
            fields.append(f"Init Duration: {self.initialization_ms:.2f} ms")
        if self.status:
            fields.append(f"Status: {self.status}")
        if self.error_type:
            fields.append(f"Error Type: {self.error_type}")
        return [f"END RequestId: {self.request_id}", "\t".join(fields) + "\t"]

    def event(self) -> tuple[str, Mapping[str, object]]:
        """As JSON: the type and the record."""
        metrics: dict[str, float] = {
            "durationMs": round(self.duration_ms, 3),
            "billedDurationMs": self.billed_ms,
            "memorySizeMB": self.memory_megabytes,
        }
        if self.peak_memory_bytes is not None:
            metrics["maxMemoryUsedMB"] = round(self.peak_memory_bytes / 2**20)
        if self.initialization_ms is not None:
            metrics["initDurationMs"] = round(self.initialization_ms, 3)
        record = {"requestId": self.request_id, "metrics": metrics, "status": self.status or "success"}
        return "platform.report", record | ({"errorType": self.error_type} if self.error_type else {})


@dataclass(frozen=True, slots=True)
class InitializationReport:
    """A start of an environment has failed."""

    phase: str
    """``init``, or ``invoke`` of the second attempt, which an invocation waits for."""
    duration_ms: float
    status: str
    """``error`` or ``timeout``."""
    error_type: str
    """Empty of a timeout."""

    @property
    def failed(self) -> bool:
        """Always: of others there is no report."""
        return True

    def lines(self) -> list[str]:
        """As plain text."""
        fields = [
            f"INIT_REPORT Init Duration: {self.duration_ms:.2f} ms",
            f"Phase: {self.phase}",
            f"Status: {self.status}",
        ]
        return ["\t".join([*fields, *([f"Error Type: {self.error_type}"] if self.error_type else [])])]

    def event(self) -> tuple[str, Mapping[str, object]]:
        """As JSON: the type and the record."""
        record = {
            "initializationType": "on-demand",
            "phase": self.phase,
            "status": self.status,
            "metrics": {"durationMs": round(self.duration_ms, 3)},
        }
        return "platform.initReport", record | ({"errorType": self.error_type} if self.error_type else {})


PlatformEvent = Start | Report | InitializationReport


def written(event: PlatformEvent, log_format: str, system_log_level: str, time: str) -> list[str]:
    """The log events of what happened.

    Args:
        event: what happened.
        log_format: ``Text`` or ``JSON``.
        system_log_level: the least severe that is written in JSON: ``WARN`` leaves out what went well.
        time: when, in ISO 8601.
    """
    if log_format != JSON:
        return event.lines()
    if system_log_level == "WARN" and not event.failed:
        return []
    kind, record = event.event()
    return [json.dumps({"time": time, "type": kind, "record": record}, separators=(",", ":"))]
