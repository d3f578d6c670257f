"""Structured logs: one JSON object a line, with the invocation's ids and never a text or a token."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_ids: dict[str, str] = {}


def bind(ids: Mapping[str, str]) -> None:
    """Put these ids on every line until the next call. An environment serves one invocation at a time."""
    _ids.clear()
    _ids.update(ids)


def request_id() -> str:
    """The id that is on every line now of the request; empty where none began this."""
    return _ids.get("requestId", "")


class JsonFormatter(logging.Formatter):
    """Writes a record's message as `event`, its `fields` and the bound ids; a traceback as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as one JSON object."""
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "level": record.levelname,
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "event": record.getMessage(),
            **_ids,
            **fields,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class _StandardOutput(logging.Handler):
    """Prints, so that Lambda's own handler of the root logger adds nothing to the line."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), flush=True)


def tell(logger: logging.Logger, event: str, fields: Mapping[str, Any], *, always: bool) -> None:
    """Log what happened at INFO; `always` also where the level is higher, for metrics are read of it."""
    if always or logger.isEnabledFor(logging.INFO):
        extra = {"fields": fields}
        logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, event, (), None, extra=extra))


def configure() -> logging.Logger:
    """Make the logger `chat` write JSON, from the level LOG_LEVEL up (INFO when it is not set)."""
    logger = logging.getLogger("chat")
    if not logger.handlers:
        handler = _StandardOutput()
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    return logger
