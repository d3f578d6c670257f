"""Makes what ends sessions and accounts, and archives what is in them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, chats, limits, media

if TYPE_CHECKING:
    from chat.service.delete_account import DeleteAccount, RequestDeletion
    from chat.service.export import MakeExport, RequestExport
    from chat.service.rotation import Rotation
    from chat.service.sessions import Sessions, SignOut
    from chat.service.web_sessions import BrowserSessions

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def sessions() -> Sessions:
    """Tells which tokens have been signed out."""
    from chat.service.sessions import Sessions

    return Sessions(adapters.users())


@cache
def sign_out() -> SignOut:
    """Ends all sessions of a user."""
    from chat.adapters.accounts import UserPool
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.adapters.sdk import cognito
    from chat.service.sessions import SignOut

    accounts = UserPool(cognito(os.environ["USER_POOL_ID"]), os.environ["USER_POOL_ID"])
    return SignOut(
        adapters.users(),
        accounts,
        adapters.connections(),
        ConnectionsApi(os.environ["AWS_REGION"]),
        SystemClock(),
    )


@cache
def browser_sessions() -> BrowserSessions:
    """Keeps browsers signed in."""
    from chat.adapters.aws import dynamodb_here
    from chat.adapters.clock import SystemClock
    from chat.adapters.hosted_sign_in import HostedSignIn
    from chat.adapters.push import ConnectionsApi
    from chat.adapters.sdk import cognito
    from chat.adapters.web_sessions import SessionsTable
    from chat.service.web_sessions import BrowserSessions

    user_pool_id = os.environ["USER_POOL_ID"]
    return BrowserSessions(
        SessionsTable(dynamodb_here(), os.environ["SESSIONS_TABLE"]),
        HostedSignIn(cognito(user_pool_id), user_pool_id, os.environ["USER_POOL_CLIENT_ID"]),
        adapters.keyring("COOKIE_KEY"),
        adapters.users(),
        adapters.connections(),
        ConnectionsApi(os.environ["AWS_REGION"]),
        SystemClock(),
        limits.limiter("renew"),
    )


@cache
def cookie_key_rotation() -> Rotation:
    """Replaces the key that signs cookies."""
    from chat.service.cookie_keys import CookieKeys
    from chat.service.rotation import Rotation

    return Rotation(adapters.rotated_secrets(), CookieKeys())


@cache
def request_deletion() -> RequestDeletion:
    """Takes the wish to be deleted."""
    from chat.adapters.clock import SystemClock
    from chat.service.delete_account import RequestDeletion

    return RequestDeletion(adapters.queue("DELETIONS_QUEUE_URL"), SystemClock())


@cache
def delete_account() -> DeleteAccount:
    """Deletes accounts."""
    from chat.adapters.accounts import UserPool
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.adapters.sdk import cognito
    from chat.service.changes import ChangeLog
    from chat.service.delete_account import DeleteAccount, EndAccount, EraseMessages
    from chat.service.media import Attachments

    clock = SystemClock()
    accounts = UserPool(cognito(os.environ["USER_POOL_ID"]), os.environ["USER_POOL_ID"])
    end = EndAccount(
        adapters.users(),
        media.avatars(),
        accounts,
        adapters.archives(),
        adapters.connections(),
        ConnectionsApi(os.environ["AWS_REGION"]),
        clock,
    )
    erase = EraseMessages(
        adapters.messages(), Attachments(adapters.media), ChangeLog(adapters.changes(), clock), clock
    )
    queue = adapters.queue("DELETIONS_QUEUE_URL")
    return DeleteAccount(
        end, erase, chats.leave(), adapters.chats(), adapters.former_chats(), adapters.blocks(), queue
    )


@cache
def request_export() -> RequestExport:
    """Takes the wish for an archive."""
    from chat.adapters.clock import SystemClock
    from chat.service.export import RequestExport

    return RequestExport(
        adapters.exports(), adapters.archives(), adapters.queue("EXPORTS_QUEUE_URL"), SystemClock()
    )


@cache
def make_export() -> MakeExport:
    """Makes archives."""
    from chat.service.export import MakeExport

    return MakeExport(
        adapters.users(),
        adapters.chats(),
        adapters.former_chats(),
        adapters.messages(),
        adapters.blocks(),
        adapters.exports(),
        adapters.archives(),
    )
