"""What a request consumes of its tables' capacity: asked of dynoxide, and kept from who did not ask."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from localcloud.interfaces import Response
from localcloud.observations import Consumed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASKING = b'{"ReturnConsumedCapacity":"INDEXES",'
_MEMBER = b'"ConsumedCapacity":'
_CHECKSUM = b"x-amz-crc32"


class _Units(msgspec.Struct, frozen=True):
    CapacityUnits: float = 0


class _Capacity(msgspec.Struct, frozen=True):
    TableName: str
    CapacityUnits: float
    GlobalSecondaryIndexes: dict[str, _Units] = {}


_capacities = msgspec.json.Decoder(list[_Capacity] | _Capacity)


def asking(body: bytes) -> bytes:
    """An operation's input, that of one that names tables and does not ask, asking for what it consumes."""
    return _ASKING + body.lstrip()[1:]


def told(response: Response) -> tuple[Consumed, ...]:
    """What the answer says was consumed; nothing where it does not say."""
    return _parted(response.body)[1]


def kept_back(response: Response) -> tuple[Response, tuple[Consumed, ...]]:
    """The answer without what was consumed, and that."""
    body, consumed = _parted(response.body)
    if not consumed:
        return response, consumed
    checksum = str(zlib.crc32(body)).encode()
    headers = tuple([(name, checksum if name == _CHECKSUM else value) for name, value in response.headers])
    return Response(response.status, headers, body), consumed


def _parted(body: bytes) -> tuple[bytes, tuple[Consumed, ...]]:
    """The body without the member, which is dynoxide's last, and what that says. Nothing else is parsed."""
    before, _, after = body.rpartition(_MEMBER)
    consumed = _decoded(after) if before else ()
    return (before.removesuffix(b",") + b"}", consumed) if consumed else (body, ())


@lru_cache(maxsize=4096)  # one request after the other consumes the same
def _decoded(after: bytes) -> tuple[Consumed, ...]:
    """What stands after the member's name says; nothing where an attribute has it."""
    try:
        decoded = _capacities.decode(after.removesuffix(b"}"))
    except msgspec.DecodeError:
        return ()
    capacities = decoded if isinstance(decoded, list) else [decoded]
    return tuple(consumed for capacity in capacities for consumed in _consumed(capacity))


def _consumed(capacity: _Capacity) -> Iterator[Consumed]:
    """The table's own share, then each index's."""
    of_indexes = capacity.GlobalSecondaryIndexes
    own = capacity.CapacityUnits - sum(index.CapacityUnits for index in of_indexes.values())
    if own:
        yield Consumed(capacity.TableName, "", own)
    for name, index in of_indexes.items():
        yield Consumed(capacity.TableName, name, index.CapacityUnits)
