"""Makes what creates, lists, joins and leaves chats."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.service.channels import ChannelDirectory, Join
    from chat.service.chats import ChatDirectory, Mute
    from chat.service.creation import Creation
    from chat.service.groups import Leave, Rename
    from chat.service.members import MemberList, RemoveMember, SetMember

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def chat_directory() -> ChatDirectory:
    """Creates and lists chats."""
    from chat.adapters.clock import SystemClock
    from chat.service.chats import ChatDirectory

    return ChatDirectory(
        adapters.chats(),
        adapters.messages(),
        adapters.changes(),
        adapters.users(),
        shared.membership(),
        SystemClock(),
    )


@cache
def creation() -> Creation:
    """Creates groups and channels."""
    from chat.adapters.clock import SystemClock
    from chat.service.creation import Creation

    return Creation(adapters.chats(), adapters.users(), chat_directory(), shared.deliver(), SystemClock())


@cache
def rename() -> Rename:
    """Renames groups and channels."""
    from chat.service.groups import Rename

    return Rename(shared.rosters(), chat_directory())


@cache
def mute() -> Mute:
    """Mutes chats."""
    from chat.adapters.clock import SystemClock
    from chat.service.chats import Mute

    return Mute(adapters.chats(), chat_directory(), shared.deliver(), SystemClock())


@cache
def member_list() -> MemberList:
    """Lists members."""
    from chat.service.members import MemberList

    return MemberList(shared.membership(), adapters.chats(), adapters.changes())


@cache
def set_member() -> SetMember:
    """Adds members and gives them roles."""
    from chat.service.members import SetMember

    return SetMember(
        shared.rosters(),
        adapters.chats(),
        adapters.messages(),
        adapters.users(),
        chat_directory(),
        shared.deliver(),
    )


@cache
def remove_member() -> RemoveMember:
    """Removes members."""
    from chat.service.members import RemoveMember

    return RemoveMember(shared.rosters(), shared.membership(), adapters.channels(), shared.deliver())


@cache
def leave() -> Leave:
    """Lets members leave."""
    from chat.service.groups import Leave

    return Leave(
        shared.rosters(), shared.membership(), adapters.chats(), adapters.channels(), shared.deliver()
    )


@cache
def join() -> Join:
    """Lets anyone join channels."""
    from chat.adapters.clock import SystemClock
    from chat.service.channels import Join

    return Join(adapters.channels(), adapters.changes(), chat_directory(), shared.deliver(), SystemClock())


@cache
def channel_directory() -> ChannelDirectory:
    """Finds channels by name."""
    from chat.service.channels import ChannelDirectory

    return ChannelDirectory(adapters.channels())
