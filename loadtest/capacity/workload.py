"""What the model is told: how many use the chat and how, and what an invocation takes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

DAYS = 30
"""Of a month."""
SECONDS = 86_400
"""Of a day."""
TOKEN_SECONDS = 3_600
"""A connected device's token is refreshed so often (AccessTokenValidity of stack/auth.yaml)."""


class WorkloadError(ValueError):
    """A number that no chat can have; the message says which and what is wanted."""


def number(default: float, meaning: str) -> float:
    """A field of a dataclass with the words that the command line explains it by."""
    value: float = field(default=default, metadata={"meaning": meaning})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A month of a chat's use. The defaults are assumptions of ours, each to be replaced by what is known."""

    users: float = number(1e6, "Users who are active in a month.")
    messages_per_day: float = number(40, "Messages that a user sends on a day.")
    group_share: float = number(0.3, "Of the messages, those to groups.")
    channel_share: float = number(0.01, "Of the messages, those to channels; the others are to direct chats.")
    group_size: float = number(12, "Members of a group.")
    channel_size: float = number(1_000, "Members of a channel.")
    chats: float = number(20, "Chats of a user; each listing and each return looks at all of them.")
    online_share: float = number(0.1, "Of the users, those who are connected at an average moment.")
    devices: float = number(1.2, "Connections of a user who is connected.")
    sessions_per_day: float = number(8, "How often a device of a user connects.")
    text_bytes: float = number(120, "Bytes of a message's text.")
    media_share: float = number(0.05, "Of the messages, those with a file.")
    media_bytes: float = number(500_000, "Bytes of a file.")
    downloads: float = number(1.5, "How often a file is fetched.")
    receipts: float = number(
        1.0, "Marks that an online member sends for a message, coalesced to one a second and chat at most."
    )
    typing: float = number(0.5, "Typing frames a message, one in four seconds at most.")
    ping_seconds: float = number(240, "How often a device pings (parley_client's Policy).")
    pings_per_listing: float = number(
        4, "With every so many-th ping a device lists its chats (parley_client's Policy)."
    )
    browser_share: float = number(
        0, "Of the devices, browsers that sign in by a provider (SignInDomain) and renew by cookies."
    )
    peak: float = number(3, "How much busier the busiest moments are than the average.")
    regions: float = number(1, "Regions, each with an equal part of the users and with quotas of its own.")
    away_share: float = number(
        0.2,
        "Of the messages, those with a member who is connected in another region, where there are several.",
    )
    stored_months: float = number(12, "For how many months messages and files lie there already.")
    log_months: float = number(
        3, "For how many months logs are kept (LogRetentionDays of stack/params/prod.json)."
    )

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
        for of in fields(self):
            value = getattr(self, of.name)
            if not 0 <= value < float("inf"):
                raise WorkloadError(f"{of.name} is {value:g}: it must be a number of 0 or more.")
            if of.name.endswith("_share") and value > 1:
                raise WorkloadError(f"{of.name} is {value:g}: a share is at most 1.")
        if self.group_share + self.channel_share > 1:
            raise WorkloadError("group_share and channel_share are more than 1 together.")
        if self.ping_seconds == 0 or min(self.pings_per_listing, self.peak) < 1:
            raise WorkloadError("ping_seconds must be above 0, pings_per_listing and peak at least 1.")
        if min(self.group_size, self.channel_size, self.devices, self.regions) < 1:
            raise WorkloadError("group_size, channel_size, devices and regions must be at least 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What an invocation takes: processor time and logs as measured, the time of its calls as assumed."""

    cpu_ms: float = number(
        0.9,
        "Milliseconds that a send computes on one core (docs/performance.md: the handler in a loop).",
    )
    memory_mb: float = number(512, "Memory of a function in MB (FunctionMemory of stack/).")
    vcpu_mb: float = number(
        1_769, "Memory at which a function has one vCPU (Lambda developer guide, Configure function memory)."
    )
    table_ms: float = number(
        5, "Milliseconds of a call of DynamoDB: an assumption; AWS says of them that they have one digit."
    )
    post_ms: float = number(15, "Milliseconds of a call of @connections: an assumption.")
    queue_ms: float = number(10, "Milliseconds of a SendMessage of SQS: an assumption.")
    workers: float = number(8, "Posts under way at once (handlers/chat/service/parallel.py).")
    log_bytes: float = number(
        501, "Bytes of START, END, REPORT and our own line: 100 sends of `nox -s measure`, 2026-11-21."
    )
    access_log_bytes: float = number(
        329, "Bytes of a line of the WebSocket stage's access log, of the same run; the HTTP stage's has 315."
    )

    @property
    def processor_ms(self) -> float:
        """Processor time of an invocation, stretched to the share of a vCPU that its memory buys."""
        return self.cpu_ms * max(1.0, self.vcpu_mb / self.memory_mb)
