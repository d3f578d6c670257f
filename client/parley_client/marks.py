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
    """One user's marks, in whichever order receipts, listings and the end of a membership become known.

    Whoever comes back begins at 0. A listing may know of that before the change that ended the membership
    comes, so what it said, and receipts since, are kept apart from what was known before it.
    """

    __slots__ = ("_ended", "_listing", "_since_listing", "known")

    def __init__(self) -> None:
        """Have got nowhere."""
        self.known = Marks()
        """How far the user has got, as far as is known."""
        self._since_listing = Marks()
        self._listing = 0
        """The chat's last change that the newest listing knew of."""
        self._ended = 0
        """The change that ended the user's last membership."""

    def advance(self, delivered_seq: int, read_seq: int) -> bool:
        """Take in a receipt; return whether a mark moved."""
        was, self.known = self.known, self.known.forward(delivered_seq, read_seq)
        self._since_listing = self._since_listing.forward(delivered_seq, read_seq)
        return self.known != was

    def listed(self, delivered_seq: int, read_seq: int, last_change: int) -> None:
        """Take in a listing that knew of the chat's changes up to `last_change`."""
        if last_change < self._ended:
            return
        if last_change > self._listing:
            self._listing, self._since_listing = last_change, Marks()
        self.advance(delivered_seq, read_seq)

    def end(self, number: int) -> None:
        """Take in that change `number` ended the membership: what was known before it does not hold."""
        self._ended = number
        if number > self._listing:
            self._since_listing = Marks()
        self.known = self._since_listing
