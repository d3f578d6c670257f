"""AWS's quotas and our own limits: dated data with their sources."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

FILE = Path(__file__).parent / "data" / "quotas.toml"


class Quota(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"raised": "raise"}):
    """How much there may be of something, who says so, and what to do where it is too little."""

    name: str
    title: str
    value: float
    raised: Literal["request", "stack", "never"]
    """By whom: AWS on request, a parameter of our stack, or nobody."""
    remedy: str
    source: str
    """The title of the page, or a file of ours."""
    url: str
    confirmed: bool
    note: str = ""


class Quotas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The quotas of a new account in a region on a day."""

    region: str
    looked_up: dt.date
    quota: tuple[Quota, ...]

    def of(self, name: str) -> Quota:
        """The quota of a name.

        Raises:
            KeyError: there is none.
        """
        for quota in self.quota:
            if quota.name == name:
                return quota
        raise KeyError(name)


@cache
def load_quotas(path: Path = FILE) -> Quotas:
    """The quotas of a file, parsed once.

    Raises:
        msgspec.ValidationError: the file is not of this form.
    """
    return msgspec.toml.decode(path.read_bytes(), type=Quotas)
