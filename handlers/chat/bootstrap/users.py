"""Makes what keeps profiles, presence, blocks and reports."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.service.blocks import BlockList
    from chat.service.presence import PresenceBoard
    from chat.service.reports import FileReport
    from chat.service.users import UpdateProfile, UserDirectory, UserSearch

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def user_directory() -> UserDirectory:
    """Keeps profiles."""
    from chat.adapters.clock import SystemClock
    from chat.service.users import UserDirectory

    return UserDirectory(adapters.users(), SystemClock())


@cache
def update_profile() -> UpdateProfile:
    """Changes profiles."""
    from chat.bootstrap import media
    from chat.service.users import UpdateProfile

    return UpdateProfile(adapters.users(), media.avatars())


@cache
def user_search() -> UserSearch:
    """Finds users by name."""
    from chat.service.users import UserSearch

    return UserSearch(adapters.users(), adapters.blocks())


@cache
def presence_board() -> PresenceBoard:
    """Tells who is online."""
    from chat.adapters.clock import SystemClock
    from chat.service.presence import PresenceBoard

    return PresenceBoard(
        shared.membership(), adapters.blocks(), adapters.connections(), adapters.last_seen(), SystemClock()
    )


@cache
def block_list() -> BlockList:
    """Keeps who has blocked whom."""
    from chat.adapters.clock import SystemClock
    from chat.service.blocks import BlockList

    return BlockList(adapters.blocks(), adapters.users(), SystemClock())


@cache
def file_report() -> FileReport:
    """Takes reports."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.reports import ReportsTable
    from chat.service.reports import FileReport

    reports = ReportsTable(dynamodb(), os.environ["REPORTS_TABLE"])
    return FileReport(shared.membership(), adapters.messages(), reports, SystemClock())
