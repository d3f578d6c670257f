"""Asking a running localcloud what it is and how it is."""

from __future__ import annotations

from typing import TypeVar

import httpx
import msgspec

from localcloud import errors
from localcloud.control.health import Health
from localcloud.control.routes import PREFIX
from localcloud.control.status import Status

PATIENCE_SECONDS = 5.0

_Answer = TypeVar("_Answer")


def ask_health(endpoint_url: str, patience_seconds: float = PATIENCE_SECONDS) -> Health:
    """Which process answers at ``endpoint_url``, and where its data are.

    Raises:
        LocalcloudError: none answers, or what answers is not localcloud.
    """
    return _ask(endpoint_url, "health", Health, patience_seconds)


def ask_status(endpoint_url: str, logs_after: int | None = None) -> Status:
    """How it is, with its functions' log lines that came after a number, or with the last hundred.

    Raises:
        LocalcloudError: none answers, or what answers is not localcloud.
    """
    query = "" if logs_after is None else f"?logsAfter={logs_after}"
    return _ask(endpoint_url, f"status{query}", Status, PATIENCE_SECONDS)


def _ask(endpoint_url: str, what: str, kind: type[_Answer], patience_seconds: float) -> _Answer:
    try:
        answer = httpx.get(f"{endpoint_url}{PREFIX}/{what}", timeout=patience_seconds, trust_env=False)
    except httpx.ConnectError as error:
        raise errors.none_on_port(endpoint_url) from error
    except httpx.RemoteProtocolError as error:
        raise errors.not_localcloud(endpoint_url) from error
    except httpx.TransportError as error:
        raise errors.silent(endpoint_url) from error
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise errors.not_localcloud(endpoint_url) from error
