"""Asynchronous invocations: queued, retried, and reported to destinations and dead-letter queues."""

from localcloud.functions.asynchronous.invocations import AsynchronousInvocations
from localcloud.functions.asynchronous.queue import EventQueue

__all__ = ["AsynchronousInvocations", "EventQueue"]
