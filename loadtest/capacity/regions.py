"""What several regions add: durable tables in each, and fan-out to members who are connected elsewhere.

The model is docs/scale.md's: a chat has a home region, whose table orders its messages; global tables copy
them; a region keeps its own connections, and is told of a message by a task for its fan-out function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtest.capacity.tally import GB

if TYPE_CHECKING:
    from loadtest.capacity.tally import Tally
    from loadtest.capacity.workload import Workload

DURABLE = ("chats", "messages", "users")
"""Tables that every region has a replica of; connections, tickets and limits are a region's own."""
_QUEUE_REQUESTS = 3


def replicate(tally: Tally, workload: Workload) -> None:
    """Turn a month in one region into one in several; with one it stays as it is."""
    if workload.regions <= 1:
        return
    writes = sum(tally.units[table, "writes"] for table in DURABLE)
    tally.meters["dynamodb.writes"] -= writes
    tally.meters["dynamodb.replicated_writes"] += writes * workload.regions
    for meter in ("dynamodb.storage", "dynamodb.recovery"):
        tally.meters[meter] *= workload.regions
    copied = workload.messages * workload.text_bytes * (workload.regions - 1)
    told = workload.messages * workload.away_share
    tally.meters["transfer.regions"] += (copied + told * workload.text_bytes) / GB
    tally.meters["sqs.requests"] += told * _QUEUE_REQUESTS
    tally.do("fanOutUsers", told, members=max(1.0, workload.group_size * workload.group_share))
