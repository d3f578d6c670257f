"""Prices and quotas are data that says where it comes from, and tiers are added up as AWS does."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.capacity.bill import bill_for
from loadtest.capacity.prices import Price, Tier, load_prices
from loadtest.capacity.quotas import Quota, load_quotas

PRICES = load_prices()


def price(*tiers: Tier, units: float = 1) -> Price:
    """A price with these tiers."""
    return Price("m", "service", "unit", tiers, "page", "https://example.com", confirmed=True, units=units)


def test_amount_in_several_tiers_costs_each_part_at_its_own_price() -> None:
    """10 free, 90 at 2, the other 50 at 1."""
    tiered = price(Tier(0.0, 10), Tier(2.0, 100), Tier(1.0))
    assert tiered.cost(150) == 90 * 2 + 50 * 1


def test_amount_without_the_allowance_costs_from_the_first_unit() -> None:
    """Others of the account may have used it up."""
    tiered = price(Tier(0.0, 10), Tier(2.0, 100), Tier(1.0))
    assert tiered.cost(150, allowance=False) == 100 * 2 + 50 * 1


def test_price_of_a_million_is_divided_for_one() -> None:
    """The unit of the page is kept in the data."""
    assert price(Tier(0.20), units=1_000_000).cost(5_000_000) == pytest.approx(1.0)


@given(st.sampled_from(PRICES.price), st.floats(0, 1e13), st.floats(0, 1e13))
def test_more_never_costs_less_and_no_more_than_apart(price: Price, one: float, other: float) -> None:
    """Every price list rises, and together things are at most as dear as apart, without allowances."""
    both = price.cost(one + other, allowance=False)
    assert both >= price.cost(one, allowance=False)
    assert (
        both <= (price.cost(one, allowance=False) + price.cost(other, allowance=False)) * (1 + 1e-9) + 1e-12
    )


def test_two_and_a_half_million_writes_and_a_million_messages_cost_what_the_pages_say() -> None:
    """By hand: 2.5 times 0.625 and 1.00 dollars."""
    bill = bill_for({"dynamodb.writes": 2_500_000, "websocket.messages": 1_000_000})
    assert bill.services == {"DynamoDB": pytest.approx(1.5625), "API Gateway WebSocket": pytest.approx(1.0)}
    assert bill.usd == pytest.approx(2.5625)


def test_meter_without_a_price_is_refused() -> None:
    """Nothing is free because it was forgotten."""
    with pytest.raises(KeyError, match=r"lambda\.magic: no price"):
        bill_for({"lambda.magic": 1.0})


def test_every_price_and_quota_names_its_source_and_what_is_not_confirmed_says_why() -> None:
    """Dated, with a page of AWS's."""
    quotas = load_quotas()
    assert dt.date(2026, 1, 1) <= PRICES.looked_up <= dt.datetime.now(dt.UTC).date()
    assert quotas.looked_up == PRICES.looked_up
    entries: list[Price | Quota] = [*PRICES.price, *quotas.quota]
    for entry in entries:
        assert entry.source
        assert entry.url.startswith(("https://aws.amazon.com/", "https://docs.aws.amazon.com/"))
        assert entry.confirmed or entry.note


def test_tiers_of_every_price_rise_and_the_last_is_open() -> None:
    """No amount is without a price."""
    for entry in PRICES.price:
        ends = [tier.up_to for tier in entry.tiers]
        assert ends == sorted(set(ends))
        assert ends[-1] == float("inf")
