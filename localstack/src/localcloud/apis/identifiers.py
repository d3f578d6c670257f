"""The forms of API Gateway's identifiers and times."""

from __future__ import annotations

import base64
import functools
import os
import time


def new_identifier() -> str:
    """A connection, message or request id of AWS's form: 16 characters of base64 ending in ``=``."""
    return base64.urlsafe_b64encode(os.urandom(11)).decode("ascii")


def new_trace_id(now: float) -> str:
    """A value of ``X-Amzn-Trace-Id`` for a request of this instant, in seconds since the epoch."""
    return f"Root=1-{int(now):08x}-{os.urandom(12).hex()}"


def common_log_time(seconds: float) -> str:
    """The instant, in seconds since the epoch, as the Common Log Format writes it, in UTC."""
    return _common_log_time(int(seconds))


@functools.lru_cache(maxsize=8)
def _common_log_time(seconds: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(seconds))


def iso_time(seconds: float) -> str:
    """The instant, in seconds since the epoch, as ISO 8601 writes it, in UTC with milliseconds."""
    milliseconds = int(seconds * 1000)
    return (
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03}Z"
    )
