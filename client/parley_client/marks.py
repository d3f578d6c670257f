"""How far members have got in a chat: marks that go forward, and begin anew with each membership."""

from __future__ import annotations

import msgspec


class Marks(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How far a user holds and has read a chat."""

    delivered_seq: int = 0
    read_seq: int = 0

    def forward(self, delivered_seq: int, read_seq: int) -> Marks:
        """Return the marks moved forward to these numbers, none of them back; what is read is delivered."""
        return Marks(
            delivered_seq=max(self.delivered_seq, delivered_seq, read_seq),
            read_seq=max(self.read_seq, read_seq),
        )


class MemberMarks:
    """One user's marks, in whichever order receipts, listings, comings and goings become known.

    Whoever comes back begins at 0. Each mark says since which change its user is a member, so what is told of
    an earlier membership, however late, counts for nothing.
    """

    __slots__ = ("known", "since")

    def __init__(self) -> None:
        """Have got nowhere."""
        self.known = Marks()
        """How far the user has got, as far as is known."""
        self.since = 0
        """No membership that began before this change counts."""

    def advance(self, delivered_seq: int, read_seq: int, since: int) -> bool:
        """Take in marks of the membership that began with change `since`; return whether one moved."""
        if since < self.since:
            return False
        self.begin(since)
        was, self.known = self.known, self.known.forward(delivered_seq, read_seq)
        return self.known != was

    def begin(self, number: int) -> None:
        """Take in that the user came or went with change `number`: nothing from before it holds."""
        if number > self.since:
            self.since, self.known = number, Marks()
