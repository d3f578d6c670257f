"""The HTTP API's bodies about tickets."""

from __future__ import annotations

import msgspec


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers POST /tickets."""

    ticket: str
    expires_at: str
