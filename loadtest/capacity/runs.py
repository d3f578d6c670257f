"""What a load test would cost on AWS, to be said before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtest.capacity.bill import bill_for
from loadtest.capacity.tally import Tally
from parley_client.policy import Policy

if TYPE_CHECKING:
    from loadtest.capacity.bill import Bill

_CHATS = 2
"""Chats of a load test's user, for its listings."""
_POLICY = Policy()


def estimate_run(
    *,
    users: float,
    seconds: float,
    messages: float,
    fan_out: float = 1,
    connects: float = 1,
    text_bytes: float = 120,
) -> Bill:
    """What a run against AWS would cost, in US dollars at list prices: `estimate_run(...).usd`.

    For ``--target aws``, which refuses above a budget. It leans to the dear side: no free tier counts, every
    user is a new one of Cognito's, every recipient is online and marks each message as read, and no
    environment has seen a chat before. What stays behind (messages, logs) is not in it: take the stack down.

    Args:
        users: how many connect, each with one device.
        seconds: how long the run takes.
        messages: how many are sent in all.
        fan_out: recipients of a message, the sender not among them.
        connects: how often each user connects: 1, and 1 more for each storm.
        text_bytes: of a message.
    """
    tally = Tally()
    opened = users * connects
    for name in ("authorize", "connect", "disconnect"):
        tally.do(name, opened)
    tally.do("tellPresence", 2 * opened, chats=_CHATS, told=_CHATS)
    tally.request("ticket", opened)
    tally.frame("sync", opened, chats=_CHATS)
    pings = users * seconds / _POLICY.ping_interval
    tally.frame("ping", pings)
    tally.request("listChats", opened + pings / _POLICY.pings_per_listing, chats=_CHATS)
    kind, members = ("Direct", 2.0) if fan_out <= 1 else ("Group", fan_out + 1)
    tally.frame(f"send{kind}", messages, members=members, told=fan_out, text=text_bytes)
    tally.frame(f"mark{kind}", messages * fan_out, members=members, told=fan_out)
    tally.meters["websocket.minutes"] += users * seconds / 60
    tally.meters["cognito.users"] += users
    return bill_for(tally.meters, allowance=False)
