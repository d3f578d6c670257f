"""Makes the services of which other services are made."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters

if TYPE_CHECKING:
    from chat.service.deliver import Deliver
    from chat.service.membership import KnownChats, Membership
    from chat.service.post import Post
    from chat.service.rosters import RosterLog
    from chat.service.watched_connections import WatchedConnections

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


def scheme() -> str:
    """Give the scheme of AWS's addresses: https, or what the endpoint speaks that stands in for AWS."""
    return os.environ.get("AWS_ENDPOINT_URL", "https://").partition("://")[0]


@cache
def known_chats() -> KnownChats:
    """What this environment has seen of chats."""
    from chat.service.membership import KnownChats

    return KnownChats()


@cache
def membership() -> Membership:
    """Tells who may do what in a chat."""
    from chat.service.membership import Membership

    return Membership(adapters.chats(), known_chats())


@cache
def deliver() -> Deliver:
    """Brings frames to members."""
    from chat.service.deliver import Deliver

    return Deliver(adapters.connections(), post(), adapters.fan_out_queue())


@cache
def post() -> Post:
    """Posts frames to connections."""
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.service.post import Post

    return Post(watched_connections(), ConnectionsApi(os.environ["AWS_REGION"]), SystemClock())


@cache
def rosters() -> RosterLog:
    """Changes who is in a group or channel."""
    from chat.adapters.clock import SystemClock
    from chat.service.changes import ChangeLog
    from chat.service.rosters import RosterLog

    log = ChangeLog(adapters.changes(), SystemClock())
    return RosterLog(membership(), adapters.chats(), log, deliver(), SystemClock())


@cache
def watched_connections() -> WatchedConnections:
    """Who is connected, telling others when somebody comes or leaves."""
    from chat.adapters.clock import SystemClock
    from chat.service.watched_connections import WatchedConnections

    return WatchedConnections(adapters.connections(), adapters.fan_out_queue(), SystemClock())
