"""Which quota binds first, what one chat bears, and what the command prints."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from loadtest.capacity.__main__ import main
from loadtest.capacity.limits import hot_chats, rooms, storm_seconds
from loadtest.capacity.month import month_of
from loadtest.capacity.plots import cost_over_group_size, save
from loadtest.capacity.quotas import load_quotas
from loadtest.capacity.report import Capacity
from loadtest.capacity.workload import Workload

ROOT = Path(__file__).parents[2]
PINGING = Workload(users=1_000, messages_per_day=0, sessions_per_day=0, online_share=1, devices=1, peak=1)


def demand(workload: Workload, name: str) -> float:
    """What the peak asks of a quota."""
    month = month_of(workload)
    return next(room.demand for room in rooms(workload, month) if room.quota.name == name)


def test_users_who_only_ping_ask_for_five_requests_in_sixteen_minutes_each() -> None:
    """Four pings and a listing: 1,000 users make 5.21 requests a second, 15.6 at a peak of 3."""
    assert demand(PINGING, "apigateway.requests") == pytest.approx(1_000 * 5 / 960)
    assert demand(replace(PINGING, peak=3), "apigateway.requests") == pytest.approx(15.625)
    listing_always = replace(PINGING, pings_per_listing=1)
    assert demand(listing_always, "apigateway.requests") == pytest.approx(1_000 * 2 / 240)


def test_connected_devices_refresh_their_tokens_once_an_hour() -> None:
    """1,000 of them: 0.28 a second of Cognito's 120."""
    assert demand(PINGING, "cognito.authentication") == pytest.approx(1_000 / 3_600)


def test_storm_takes_as_long_as_the_quota_of_new_connections_lets_in() -> None:
    """120,000 connections at 500 a second: four minutes."""
    assert storm_seconds(Workload(users=1e6, online_share=0.1, devices=1.2)) == pytest.approx(240)


def test_tightest_quota_comes_first_and_factor_says_how_much_the_load_may_grow() -> None:
    """A load that has grown by the factor is at the quota."""
    workload = Workload(users=1e5)
    found = rooms(workload, month_of(workload))
    assert [room.factor for room in found] == sorted(room.factor for room in found)
    grown = replace(workload, users=workload.users * found[0].factor)
    assert rooms(grown, month_of(grown))[0].factor == pytest.approx(1.0)


def test_regions_share_the_connections_and_all_have_every_message() -> None:
    """Four regions let in four times as many a second, and each table takes all messages."""
    one = Workload(users=1e6, away_share=0)
    four = replace(one, regions=4)
    assert storm_seconds(four) == pytest.approx(storm_seconds(one) / 4)
    assert demand(four, "websocket.connects") == pytest.approx(demand(one, "websocket.connects") / 4)
    messages = month_of(one).units["messages", "writes"]
    assert demand(four, "dynamodb.table_writes") >= messages * one.peak / (30 * 86_400)


@settings(max_examples=40)
@given(st.floats(1, 1e8), st.floats(1, 100))
def test_room_shrinks_as_users_come(users: float, more: float) -> None:
    """No quota gets roomier by load."""
    small, large = Workload(users=users), Workload(users=users * more)
    before = {room.quota.name: room.factor for room in rooms(small, month_of(small))}
    for room in rooms(large, month_of(large)):
        assert room.factor <= before[room.quota.name] * (1 + 1e-9)


def test_every_quota_of_the_file_is_asked_for_or_bounds_a_chat() -> None:
    """None is listed and forgotten."""
    asked = {room.quota.name for room in rooms(PINGING, month_of(PINGING))}
    elsewhere = {"apigateway.burst", "dynamodb.partition_writes", "dynamodb.partition_reads"}
    assert asked | elsewhere == {quota.name for quota in load_quotas().quota}


def test_largest_group_is_bound_by_reads_of_its_roster() -> None:
    """256 members of 106 bytes are 7 read units, and one's own item is one: 3,000 / 8."""
    chats = {chat.chat: chat.messages_per_second for chat in hot_chats(Workload())}
    assert chats["a group of 256"] == pytest.approx(375)


def test_our_own_limits_are_those_of_the_stack() -> None:
    """Written in stack/ and repeated as a quota: neither changes without the other."""
    parameters = json.loads((ROOT / "stack" / "params" / "prod.json").read_text())
    assert f"RateLimit={load_quotas().of('stage.send').value:.0f}" in parameters
    template = (ROOT / "stack" / "delivery.yaml").read_text().split("FanOutConcurrency:")[1]
    assert f"Default: {load_quotas().of('fan_out.concurrency').value:.0f}\n" in template


def test_tables_name_every_service_quota_and_unconfirmed_value() -> None:
    """As a reader without a terminal gets them."""
    capacity = Capacity.of(Workload(users=1e6))
    printed = StringIO()
    capacity.show(Console(file=printed, width=250))
    text = printed.getvalue()
    for service in capacity.bill.services:
        assert service in text
    for room in capacity.rooms:
        assert room.quota.title.split(":")[0] in text
    assert "Not confirmed: the price of dynamodb.replicated_writes" in text


def test_json_holds_what_the_tables_show(capsys: pytest.CaptureFixture[str]) -> None:
    """For the million of users, by the options of the command line."""
    assert main(["--users", "1e6", "--messages-per-day", "40", "--group-size", "30", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workload"]["group_size"] == 30
    assert found["usdPerMonth"] == pytest.approx(sum(found["services"].values()))
    assert found["usdPerMillionMessages"] == pytest.approx(found["usdPerMonth"] / 1_200)
    assert found["quotas"][0]["factor"] < 1


def test_share_above_one_is_refused_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """And no traceback."""
    assert main(["--online-share", "1.5"]) == 2
    assert capsys.readouterr().err == "online_share is 1.5: a share is at most 1.\n"


def test_plot_is_written_the_same_each_time(tmp_path: Path) -> None:
    """So that a commit shows what changed; and its text is text."""
    written = [
        save(cost_over_group_size(Workload()), tmp_path / folder / "plot.svg").read_text()
        for folder in ("one", "two")
    ]
    assert written[0] == written[1]
    assert "frames posted a message" in written[0]
