"""What the model is told: how many use the chat and how, and what an invocation takes."""

from __future__ import annotations

from dataclasses import dataclass, fields

DAYS = 30
"""Of a month."""
SECONDS = 86_400
"""Of a day."""


class WorkloadError(ValueError):
    """A number that no chat can have; the message says which and what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A month of a chat's use. The defaults are assumptions of ours, each to be replaced by what is known."""

    users: float = 1e6
    """Users who are active in the month."""
    messages_per_day: float = 40
    """That a user sends."""
    group_share: float = 0.3
    """Of the messages, those to groups."""
    channel_share: float = 0.01
    """Of the messages, those to channels; the others are to direct chats."""
    group_size: float = 12
    channel_size: float = 1_000
    chats: float = 20
    """That a user is in; each listing and each return looks at all of them."""
    online_share: float = 0.1
    """Of the users, those who are connected at an average moment."""
    devices: float = 1.2
    """Connections of a user who is connected."""
    sessions_per_day: float = 8
    """How often a device of a user connects."""
    text_bytes: float = 120
    """Of a message's text."""
    media_share: float = 0.05
    """Of the messages, those with a file."""
    media_bytes: float = 500_000
    downloads: float = 1.5
    """How often a file is fetched."""
    receipts: float = 1.0
    """Marks that an online member sends for a message, coalesced to one a second and chat at most."""
    typing: float = 0.5
    """Typing frames a message, one in four seconds at most."""
    ping_seconds: float = 240
    """How often a device pings; it lists its chats with each ping (parley_client's Policy)."""
    peak: float = 3
    """How much busier the busiest moments are than the average."""
    stored_months: float = 12
    """For how many months messages and files lie there already."""
    log_months: float = 3
    """For how many months logs are kept (LogRetentionDays of stack/params/prod.json)."""

    @property
    def messages(self) -> float:
        """That are sent in the month."""
        return self.users * self.messages_per_day * DAYS

    @property
    def connections(self) -> float:
        """That are open at an average moment."""
        return self.users * self.online_share * self.devices

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            WorkloadError: a number is negative or no number, or a share is above 1.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value < float("inf"):
                raise WorkloadError(f"{field.name} is {value:g}: it must be a number of 0 or more.")
            if field.name.endswith("_share") and value > 1:
                raise WorkloadError(f"{field.name} is {value:g}: a share is at most 1.")
        if self.group_share + self.channel_share > 1:
            raise WorkloadError("group_share and channel_share are more than 1 together.")
        if self.ping_seconds == 0 or self.peak < 1:
            raise WorkloadError("ping_seconds must be above 0, and peak at least 1.")
        if self.group_size < 1 or self.channel_size < 1 or self.devices < 1:
            raise WorkloadError("group_size, channel_size and devices must be at least 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What an invocation takes: processor time and logs as measured, the time of its calls as assumed."""

    cpu_ms: float = 0.9
    """Of a send, on a core of its own: docs/performance.md, "the handler in a loop"."""
    memory_mb: float = 512
    """FunctionMemory of stack/."""
    vcpu_mb: float = 1_769
    """Memory at which a function has one vCPU (Lambda developer guide, "Configure function memory")."""
    table_ms: float = 5
    """A call of DynamoDB: single-digit milliseconds by AWS's word; to be replaced by a measurement there."""
    post_ms: float = 15
    """A call of @connections: an assumption."""
    queue_ms: float = 10
    """A SendMessage of SQS: an assumption."""
    workers: float = 8
    """Posts under way at once (handlers/chat/service/parallel.py)."""
    log_bytes: float = 501
    """START, END, REPORT and our own line: 100 sends of `nox -s measure`, 2026-11-21."""
    access_log_bytes: float = 329
    """A line of the WebSocket stage's access log, of the same run; the HTTP stage's has 315."""

    @property
    def processor_ms(self) -> float:
        """Processor time of an invocation, stretched to the share of a vCPU that its memory buys."""
        return self.cpu_ms * max(1.0, self.vcpu_mb / self.memory_mb)
