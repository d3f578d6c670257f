"""AWS's prices: dated data with their sources, and what an amount costs by its tiers."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "prices.toml"


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price that holds for a month's units above the tiers before it and up to its own end."""

    usd: float
    """Of one unit; 0 is a free allowance."""
    up_to: float = float("inf")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What AWS counts, what a unit of it costs, and who says so."""

    meter: str
    service: str
    unit: str
    tiers: tuple[Tier, ...]
    source: str
    """The title of the page."""
    url: str
    confirmed: bool
    """Whether the value was found on the day of the look-up; False says why in the note."""
    units: float = 1
    """How many of what is counted make a unit."""
    note: str = ""

    def cost(self, amount: float, *, allowance: bool = True) -> float:
        """US dollars for a month's amount.

        Args:
            amount: how many were counted.
            allowance: whether the free tiers count; they may be used up by others of the account.
        """
        units, start, usd = amount / self.units, 0.0, 0.0
        for tier in self.tiers:
            if tier.usd == 0 and not allowance:
                continue
            usd += tier.usd * max(0.0, min(units, tier.up_to) - start)
            start = tier.up_to
        return usd


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The prices of a region on a day."""

    region: str
    looked_up: dt.date
    price: tuple[Price, ...]


@cache
def load_prices(path: Path = FILE) -> Prices:
    """The prices of a file, parsed once.

    Raises:
        msgspec.ValidationError: the file is not of this form.
    """
    return msgspec.toml.decode(path.read_bytes(), type=Prices)
