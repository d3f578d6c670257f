"""What all routes of the HTTP API share."""

from __future__ import annotations

import msgspec

from chat.protocol.server_frames import ErrorBody


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a route that takes none."""


class Done(msgspec.Struct, frozen=True):
    """Says no more than that it is done."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every REST error."""

    error: ErrorBody
