"""What a workload uses in a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtest.capacity.regions import replicate
from loadtest.capacity.tally import GB, SLICE, Tally, read_units
from loadtest.capacity.workload import DAYS, SECONDS, TOKEN_SECONDS

if TYPE_CHECKING:
    from loadtest.capacity.workload import Invocation, Workload

_MINUTES = DAYS * SECONDS / 60
_LOGS_COMPRESSED = 0.15
"""Of what came in, what lies there: CloudWatch's own examples reckon so."""
_QUEUES, _POLLERS, _POLL_SECONDS = 5, 5, 20
"""Queues with a function (stack/), pollers that Lambda begins with for each, and how long each waits."""
_TABLES, _CALLERS, _KEY_SECONDS = 7, 25, 300
"""Encrypted tables, roles that use them at most, and how long DynamoDB keeps a table's key for a caller."""
_FILE_COPIES = 1
"""A file that a message refers to is copied once; what was uploaded goes by the bucket's lifecycle rule."""


def month_of(workload: Workload, invocation: Invocation | None = None) -> Tally:
    """Everything a month's use asks of AWS."""
    tally = Tally() if invocation is None else Tally(invocation)
    _messages(tally, workload)
    _presence(tally, workload)
    _browsers(tally, workload)
    _files(tally, workload)
    _storage(tally, workload)
    tally.meters["cognito.users"] = workload.users
    replicate(tally, workload)
    return tally


def standing() -> dict[str, float]:
    """What a month costs without any user: Lambda's pollers ask the queues, DynamoDB asks KMS for keys."""
    seconds = DAYS * SECONDS
    return {
        "sqs.requests": _QUEUES * _POLLERS * seconds / _POLL_SECONDS,
        "kms.requests": _TABLES * _CALLERS * seconds / _KEY_SECONDS,
    }


def _messages(tally: Tally, workload: Workload) -> None:
    """Sends, and the receipts and typing that go with them."""
    to_group = workload.messages * workload.group_share
    to_channel = workload.messages * workload.channel_share
    to_direct = workload.messages - to_group - to_channel
    _kind(tally, workload, "Direct", to_direct, 2)
    _kind(tally, workload, "Group", to_group, workload.group_size)
    tally.frame("sendChannel", to_channel, text=workload.text_bytes)
    slices = max(1.0, workload.channel_size / SLICE)
    members = workload.channel_size / slices
    told = members * workload.online_share * workload.devices
    tally.do("fanOutChannel", to_channel * slices, members=members, told=told, text=workload.text_bytes)
    tally.meters["sqs.requests"] += 3 * to_channel * (slices - 1)
    pages = read_units(members * tally.measured.items.membership)
    tally.more_reads("chats", to_channel * slices * (pages - 1))


def _kind(tally: Tally, workload: Workload, kind: str, messages: float, members: float) -> None:
    """Messages to chats of so many members, who are online as often as anybody: the sender is, of course."""
    online = (members - 1) * workload.online_share
    told = online * workload.devices + (workload.devices - 1)
    marks = messages * online * workload.receipts
    roster = read_units(members * tally.measured.items.member) - 1 if kind == "Group" else 0
    tally.frame(f"send{kind}", messages, members=members, told=told, text=workload.text_bytes)
    tally.frame(f"mark{kind}", marks, members=members, told=told)
    tally.frame(
        f"typing{kind}", messages * workload.typing, members=members - 1, told=online * workload.devices
    )
    tally.more_reads("chats", roster * (messages * (1 + workload.typing) + marks))


def _presence(tally: Tally, workload: Workload) -> None:
    """Connections: opening, catching up, staying and going."""
    opened = workload.users * workload.sessions_per_day * workload.devices * DAYS
    for name in ("authorize", "connect", "disconnect"):
        tally.do(name, opened)
    tally.gateway += opened
    tally.meters["logs.access"] += 2 * opened * tally.invocation.access_log_bytes / GB
    tally.request("ticket", opened)
    tally.frame("sync", opened, chats=workload.chats)
    seen = workload.chats * workload.online_share * workload.devices
    tally.do("tellPresence", 2 * opened / workload.devices, chats=workload.chats, told=seen)
    pings = workload.connections * DAYS * SECONDS / workload.ping_seconds
    tally.frame("ping", pings)
    listings = opened + pings / workload.pings_per_listing
    tally.request("listChats", listings, chats=workload.chats)
    index_pages = read_units(workload.chats * tally.measured.items.membership)
    tally.more_reads("chats", (2 * opened + listings) * (index_pages - 1) / 2)
    tally.meters["websocket.minutes"] += workload.connections * _MINUTES


def _browsers(tally: Tally, workload: Workload) -> None:
    """Sign-ins by a provider: one a month, a token for each page that opens and each hour, and an end."""
    browsers = workload.users * workload.devices * workload.browser_share
    opened = browsers * workload.sessions_per_day * DAYS
    connected = workload.connections * workload.browser_share * DAYS * SECONDS
    asked = {"signIn": browsers, "renewSession": opened + connected / TOKEN_SECONDS, "endSession": browsers}
    for name, times in asked.items():
        tally.request(name, times)
    tally.meters["cloudfront.requests"] += sum(asked.values())  # which leads /auth to the HTTP API


def _files(tally: Tally, workload: Workload) -> None:
    """Uploads by form, a look and a copy at the send, downloads by CloudFront."""
    files = workload.messages * workload.media_share
    fetched = files * workload.downloads
    tally.meters["s3.writes"] += files * (1 + _FILE_COPIES)
    tally.meters["s3.reads"] += files
    tally.meters["http.requests"] += files + fetched
    tally.meters["lambda.requests"] += files + fetched
    seconds = tally.invocation.processor_ms / 1_000
    tally.meters["lambda.gb_seconds"] += (files + fetched) * seconds * tally.invocation.memory_mb / 1_024
    tally.busy["media"] += (files + fetched) * seconds
    tally.gateway += files + fetched
    tally.meters["cloudfront.requests"] += fetched
    tally.meters["cloudfront.transfer"] += fetched * workload.media_bytes / GB


def _storage(tally: Tally, workload: Workload) -> None:
    """What lies there: messages, members' items, files, logs."""
    put = next(c for c in tally.measured.operations["sendDirect"].calls if c.table == "messages")
    message = put.bytes - tally.measured.text + workload.text_bytes
    stored = workload.messages * workload.stored_months
    members = workload.users * workload.chats * tally.measured.items.membership
    indexed = 2
    size = (stored * message + indexed * members) / GB
    tally.meters["dynamodb.storage"] += size
    tally.meters["dynamodb.recovery"] += size
    tally.meters["s3.storage"] += stored * workload.media_share * workload.media_bytes / GB
    written = tally.meters["logs.lambda"] + tally.meters["logs.access"]
    tally.meters["logs.storage"] += written * workload.log_months * _LOGS_COMPRESSED
