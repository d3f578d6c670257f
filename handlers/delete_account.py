"""Carries out what the queue of deletions holds: a step of the deletion of an account."""

from __future__ import annotations

from chat import bootstrap
from chat.protocol.accounts import DeletionTask

handler = bootstrap.queue_tasks("deleteAccount", DeletionTask, bootstrap.delete_account())
