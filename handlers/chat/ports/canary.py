"""What the canary knows of the outside: what any client knows of the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Socket(Protocol):
    """An open WebSocket."""

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send a frame."""

    def receive(self, type_: str) -> Mapping[str, Any]:
        """Wait for the next frame of a type; others are passed over.

        Raises:
            TimeoutError: none has come in time.
        """

    def close(self) -> None:
        """Close it."""


class Chatter(Protocol):
    """A synthetic user, signed in."""

    user_id: str

    def open_chat(self, user_id: str) -> str:
        """Open the direct chat with another user; gives its id."""

    def last_number(self, chat_id: str) -> int:
        """The number of the chat's last message; 0 where there is none."""

    def connect(self) -> Socket:
        """Get a ticket and open a WebSocket."""


class Chatters(Protocol):
    """The synthetic users."""

    def sign_in(self, username: str) -> Chatter:
        """Sign one in, who is made where there is none."""
