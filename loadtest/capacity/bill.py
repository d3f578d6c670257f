"""What was used, in US dollars by service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtest.capacity.prices import Prices, load_prices

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Line:
    """A meter's amount and its cost."""

    meter: str
    service: str
    amount: float
    """In the price's unit."""
    unit: str
    usd: float
    confirmed: bool
    """Whether the price was found when it was looked up."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines in the order of the price list."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """The sum."""
        return sum(line.usd for line in self.lines)

    @property
    def services(self) -> dict[str, float]:
        """Dollars by service, the dearest first."""
        sums: defaultdict[str, float] = defaultdict(float)
        for line in self.lines:
            sums[line.service] += line.usd
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


def bill_for(meters: Mapping[str, float], prices: Prices | None = None, *, allowance: bool = True) -> Bill:
    """The bill for amounts by meter.

    Args:
        meters: what was used.
        prices: at which prices; None: those of data/prices.toml.
        allowance: whether free tiers count.

    Raises:
        KeyError: a meter has no price.
    """
    prices = prices or load_prices()
    known = {price.meter for price in prices.price}
    if unknown := meters.keys() - known:
        raise KeyError(f"{', '.join(sorted(unknown))}: no price in data/prices.toml.")
    lines = [
        Line(
            price.meter,
            price.service,
            meters[price.meter] / price.units,
            price.unit,
            price.cost(meters[price.meter], allowance=allowance),
            price.confirmed,
        )
        for price in prices.price
        if meters.get(price.meter)
    ]
    return Bill(tuple(lines))
