"""The model adds up what the measured calls say: cases by hand, and what must hold for every workload."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.capacity.bill import bill_for
from loadtest.capacity.month import month_of
from loadtest.capacity.runs import estimate_run
from loadtest.capacity.tally import Tally
from loadtest.capacity.workload import Invocation, Workload, WorkloadError
from parley_client.policy import Policy

QUIET = Workload(users=100, messages_per_day=0, sessions_per_day=0, online_share=0)
WORKLOADS = st.builds(
    Workload,
    users=st.floats(1, 1e8),
    messages_per_day=st.floats(0, 500),
    group_size=st.floats(1, 256),
    channel_size=st.floats(1, 100_000),
    online_share=st.floats(0, 1),
    devices=st.floats(1, 4),
    media_share=st.floats(0, 1),
    text_bytes=st.floats(1, 4_096),
)


def test_direct_send_to_one_device_uses_what_was_counted() -> None:
    """By hand from data/measured_calls.json: 4 + 2 items read, a message and a lease written, 3 frames."""
    tally = Tally()
    tally.frame("sendDirect", 10, members=2, told=1)
    assert tally.meters["dynamodb.reads"] == 10 * (4 + 2)
    assert tally.meters["dynamodb.writes"] == 10 * (1 + 1)
    assert tally.meters["websocket.messages"] == 10 * 3
    assert tally.meters["lambda.requests"] == 10
    assert tally.gateway == 10 * 2
    assert tally.posts == 10
    assert tally.meters["sqs.requests"] == 0


def test_invocation_lasts_its_processor_time_and_its_calls_one_after_the_other() -> None:
    """A look at chat and connections, a lease, a put at 5 ms each, one round of posts at 15 ms."""
    tally = Tally(Invocation(cpu_ms=1, memory_mb=1_769, table_ms=5, post_ms=15))
    tally.frame("sendDirect", 1, members=2, told=1)
    assert tally.busy["sendDirect"] == pytest.approx((1 + 4 * 5 + 15) / 1_000)
    assert tally.meters["lambda.gb_seconds"] == pytest.approx(0.036 * 1_769 / 1_024)


def test_text_above_a_kilobyte_costs_a_second_write_unit() -> None:
    """An item's units are those of its bytes, the text's among them."""
    tally = Tally()
    tally.frame("sendDirect", 1, members=2, told=1, text=1_100)
    assert tally.units["messages", "writes"] == 2


def test_send_to_more_devices_than_a_request_posts_to_is_left_to_the_queue() -> None:
    """256 members are 3 tasks: 3 messages of the queue, 3 invocations more, and a post a device as ever."""
    tally = Tally()
    tally.frame("sendGroup", 1, members=256, told=200)
    assert tally.operations["fanOutUsers"] == 3
    assert tally.posts == pytest.approx(200)
    assert tally.meters["lambda.requests"] == 1 + 3
    assert tally.units["connections", "reads"] == pytest.approx(256 + 256)


def test_month_in_which_nobody_does_anything_costs_storage_and_users_alone() -> None:
    """Their own items of 20 chats, twice for the index: within the allowances."""
    month = month_of(QUIET)
    used = {meter for meter, amount in month.meters.items() if amount}
    assert used == {"dynamodb.storage", "dynamodb.recovery", "cognito.users"}


def test_connection_of_a_month_costs_its_minutes_and_pings() -> None:
    """100 users all the time: 43,200 minutes each, a ping every four of them, a listing every sixteen."""
    month = month_of(replace(QUIET, online_share=1.0, devices=1))
    assert month.meters["websocket.minutes"] == pytest.approx(100 * 43_200)
    assert month.operations["ping"] == pytest.approx(100 * 10_800)
    assert month.operations["listChats"] == pytest.approx(100 * 2_700)


def test_pings_of_the_model_are_the_clients_own() -> None:
    """Changed in the policy, they change here too."""
    workload, policy = Workload(), Policy()
    assert workload.ping_seconds == policy.ping_interval
    assert workload.pings_per_listing == policy.pings_per_listing


@settings(max_examples=60)
@given(WORKLOADS, st.floats(1, 10))
def test_cost_rises_with_users_and_per_user_falls_but_for_allowances(workload: Workload, more: float) -> None:
    """What is used doubles when the users do; the price of it does not do worse."""
    small = month_of(workload).meters
    large = month_of(replace(workload, users=workload.users * more)).meters
    assert large == pytest.approx({meter: amount * more for meter, amount in small.items()})
    cheap, dear = bill_for(small, allowance=False).usd, bill_for(large, allowance=False).usd
    assert cheap <= dear * (1 + 1e-9)
    assert dear <= cheap * more * (1 + 1e-9)


def test_three_regions_copy_what_is_durable_and_keep_connections_to_themselves() -> None:
    """Each write of a message is one in each region; a connection's is not; storage is there three times."""
    one = Workload(users=1_000, away_share=0)
    single, several = month_of(one), month_of(replace(one, regions=3))
    durable = sum(single.units[table, "writes"] for table in ("chats", "messages", "users"))
    assert several.meters["dynamodb.replicated_writes"] == pytest.approx(3 * durable)
    assert several.meters["dynamodb.writes"] == pytest.approx(single.meters["dynamodb.writes"] - durable)
    assert several.meters["dynamodb.storage"] == pytest.approx(3 * single.meters["dynamodb.storage"])
    assert several.meters["websocket.messages"] == single.meters["websocket.messages"]


def test_message_to_another_region_costs_a_task_of_its_queue_there() -> None:
    """A SendMessage, and an invocation that looks who is connected."""
    one = Workload(users=1_000, regions=2, away_share=0)
    home, away = month_of(one), month_of(replace(one, away_share=0.5))
    told = one.messages * 0.5
    assert away.operations["fanOutUsers"] - home.operations["fanOutUsers"] == pytest.approx(told)
    assert away.meters["sqs.requests"] - home.meters["sqs.requests"] == pytest.approx(3 * told)


@settings(max_examples=60)
@given(WORKLOADS, st.floats(1, 4))
def test_larger_group_or_more_online_never_costs_less(workload: Workload, more: float) -> None:
    """Each member is one more to look up, and each device one more to post to."""
    few = replace(workload, group_size=8, online_share=0.1, devices=1)
    many = replace(few, group_size=8 * more)
    assert bill_for(month_of(many).meters).usd >= bill_for(month_of(few).meters).usd * (1 - 1e-9)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("users", -1, "users is -1"),
        ("users", float("nan"), "users is nan"),
        ("online_share", 1.5, "a share is at most 1"),
        ("group_share", 0.995, "more than 1 together"),
        ("ping_seconds", 0, "ping_seconds must be above 0"),
        ("devices", 0.5, "at least 1"),
    ],
)
def test_workload_that_cannot_be_is_refused(field: str, value: float, said: str) -> None:
    """One clear sentence says what is wanted."""
    with pytest.raises(WorkloadError, match=said):
        replace(Workload(), **{field: value})


def test_run_of_a_thousand_users_costs_their_maus_and_a_little_more() -> None:
    """15 dollars of Cognito; 100,000 messages, their receipts and all else are 5 frames or so each."""
    bill = estimate_run(users=1_000, seconds=600, messages=100_000)
    assert bill.services["Cognito"] == pytest.approx(15.0)
    assert 0.5 < bill.usd - 15.0 < 2.0


@settings(max_examples=40)
@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(0, 1e6), st.integers(1, 24), st.integers(1, 5))
def test_estimate_of_a_run_rises_with_everything(
    users: float, seconds: float, messages: float, fan_out: int, connects: int
) -> None:
    """Whatever is doubled, the run costs no less: a budget cannot be evaded."""
    run = {"users": users, "seconds": seconds, "messages": messages, "fan_out": fan_out, "connects": connects}
    usd = estimate_run(**run).usd
    for name, value in run.items():
        assert estimate_run(**{**run, name: value * 2}).usd >= usd * (1 - 1e-9)


def test_browsers_that_sign_in_by_a_provider_renew_with_each_page_and_each_hour() -> None:
    """A thousand, one session a day and never connected for long: a read and a write of sessions each."""
    workload = Workload(users=1_000, messages_per_day=0, sessions_per_day=1, online_share=0, devices=1)
    without, signed_in = month_of(workload), month_of(replace(workload, browser_share=1))
    assert signed_in.operations["renewSession"] == 30_000
    assert signed_in.operations["signIn"] == signed_in.operations["endSession"] == 1_000
    assert signed_in.units["sessions", "writes"] == 30_000 + 2 * 1_000
    assert signed_in.meters["http.requests"] - without.meters["http.requests"] == 32_000
    assert signed_in.meters["cloudfront.requests"] - without.meters["cloudfront.requests"] == 32_000
    connected = month_of(replace(workload, browser_share=1, online_share=1))
    assert connected.operations["renewSession"] == 30_000 + 1_000 * 24 * 30
