"""Makes what sends, reads and changes messages."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.service.change_message import ChangeMessage
    from chat.service.history import History
    from chat.service.search import Search
    from chat.service.send import Send
    from chat.service.sync import CatchUp

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def send() -> Send:
    """Sends messages."""
    from chat.adapters.clock import SystemClock
    from chat.service.append import AppendLog
    from chat.service.media import Attachments
    from chat.service.references import References
    from chat.service.send import Send

    references = References(adapters.chats(), shared.known_chats())
    log = AppendLog(adapters.messages(), shared.known_chats(), SystemClock())
    notifies = os.environ["WEB_PUSH"] == "enabled"
    return Send(
        shared.membership(), references, Attachments(adapters.media), log, shared.deliver(), notifies=notifies
    )


@cache
def history() -> History:
    """Reads a chat page by page."""
    from chat.service.history import History

    return History(shared.membership(), adapters.messages())


@cache
def catch_up() -> CatchUp:
    """Reads what is new in several chats."""
    from chat.service.sync import CatchUp

    return CatchUp(shared.membership(), adapters.messages(), adapters.changes())


@cache
def change_message() -> ChangeMessage:
    """Edits and deletes messages and reacts to them."""
    from chat.adapters.clock import SystemClock
    from chat.service.change_message import ChangeMessage
    from chat.service.changes import ChangeLog
    from chat.service.media import Attachments

    log, attachments = ChangeLog(adapters.changes(), SystemClock()), Attachments(adapters.media)
    return ChangeMessage(
        shared.membership(),
        adapters.messages(),
        adapters.changes(),
        log,
        shared.deliver(),
        SystemClock(),
        attachments,
    )


@cache
def search() -> Search:
    """Searches messages."""
    from chat.service.search import Search

    return Search(adapters.chats(), adapters.messages())
