"""What the purge queue holds."""

from __future__ import annotations

import msgspec


class PurgeTask(msgspec.Struct, frozen=True, rename="camel"):
    """Some chats of a shard whose old messages are due to go."""

    shard: str
    after: str = ""
    """The chat up to which this is done, in the order of their ids."""
