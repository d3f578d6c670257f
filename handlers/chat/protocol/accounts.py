"""What the queues of accounts hold: how far the deletion of an account has come, and exports that are due."""

from __future__ import annotations

from typing import Literal

import msgspec


class DeletionTask(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A step of the deletion of an account. Each enqueues the next; each may be repeated."""

    user_id: str
    step: Literal["end", "leave", "erase", "unblock"] = "end"
    """End the account; leave all chats; empty the messages; lift the blocks, and look whether all is done."""
    after: str = ""
    """Leaving: the chat up to which this is done, in the order of their ids."""
    chat_id: str = ""
    """Erasing: the chat that is being erased; none: the next one."""
    seq: int = 0
    """Erasing: the message up to which this is done in that chat."""


class ExportTask(msgspec.Struct, frozen=True, rename="camel"):
    """An archive that a user has asked for."""

    user_id: str
    requested_at: str
