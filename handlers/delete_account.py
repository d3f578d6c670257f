"""Carries out what the queue of deletions holds: a step of the deletion of an account."""

from __future__ import annotations

from chat.bootstrap import accounts, handlers
from chat.protocol.accounts import DeletionTask

handler = handlers.queue_tasks("deleteAccount", DeletionTask, accounts.delete_account())
