"""What is known of a run so far: each chat's log, and how far each device's view of it got."""

from __future__ import annotations

from dataclasses import dataclass, field

HISTORY = "the service's history"
"""What stands in place of a device's name where the service was asked for a chat's history after the run."""


@dataclass(slots=True, eq=False)
class KnownMessage:
    """A message, by all that was said of it. There is one of these for each message of a run."""

    id: str
    chat: KnownChat | None = None
    """Where it was sent; None while nobody is known to have sent it."""
    sender: KnownDevice | None = None
    acked_seq: int | None = None
    acked_at: int = 0
    acked_in: KnownChat | None = None
    acked_to: KnownDevice | None = None
    refused: bool = False
    maybe_written: bool = False
    """Whether the refusal left it open; its sender went on without knowing."""
    seq: int | None = None
    """Its number, as it was first seen."""
    placed: KnownChat | None = None
    """Where it was seen; in the end, also where it was acked and nobody saw it."""
    shown_to: KnownDevice | None = None
    sender_id: str = ""
    """Whose it was shown to be."""


@dataclass(slots=True, eq=False)
class KnownDevice:
    """A device of a user, and how it ended."""

    name: str
    user_id: str = ""
    ended: bool = False
    waited_since: int | None = None
    cursors: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class View:
    """One device's view of one chat: only what is needed to judge the next message."""

    device: KnownDevice
    after: int
    last: int
    """The highest number shown."""
    left: bool = False
    missing: list[tuple[int, int]] = field(default_factory=list)
    """Gaps, first and last number of each."""

    def advance(self, seq: int) -> None:
        """Show a number above `last`; what was skipped is missing."""
        if seq > self.last + 1:
            self.missing.append((self.last + 1, seq - 1))
        self.last = seq

    def fill(self, seq: int) -> bool:
        """Show a number that was skipped; return whether it had been."""
        for index, (first, last) in enumerate(self.missing):
            if first <= seq <= last:
                rest = [(first, seq - 1), (seq + 1, last)]
                self.missing[index : index + 1] = [gap for gap in rest if gap[0] <= gap[1]]
                return True
        return False


@dataclass(slots=True, eq=False)
class KnownChat:
    """A chat: what stands at each number, who looks at it, and what each device sent there, in order."""

    id: str
    log: dict[int, KnownMessage] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    """The present view of each device."""
    past: list[View] = field(default_factory=list)
    """Views that a device had before it joined again."""
    sends: dict[str, list[KnownMessage]] = field(default_factory=dict)

    def kept(self) -> View:
        """Return the view of who reads the chat's whole history from the service, when the run is over."""
        if (view := self.views.get(HISTORY)) is None:
            view = self.views[HISTORY] = View(KnownDevice(HISTORY), 0, 0)
        return view


class Known:
    """All messages, devices and chats of a run, by their ids; each is made when it is first heard of."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.messages: dict[str, KnownMessage] = {}
        self.devices: dict[str, KnownDevice] = {}
        self.chats: dict[str, KnownChat] = {}
        self._users: dict[str, str] = {}

    def message(self, message_id: str) -> KnownMessage:
        """Return a message."""
        if (message := self.messages.get(message_id)) is None:
            message = self.messages[message_id] = KnownMessage(message_id)
        return message

    def device(self, name: str) -> KnownDevice:
        """Return a device."""
        if (device := self.devices.get(name)) is None:
            device = self.devices[name] = KnownDevice(name)
        return device

    def chat(self, chat_id: str) -> KnownChat:
        """Return a chat."""
        if (chat := self.chats.get(chat_id)) is None:
            chat = self.chats[chat_id] = KnownChat(chat_id)
        return chat

    def user(self, user_id: str) -> str:
        """Return a user's id as the one string that is kept of it."""
        return self._users.setdefault(user_id, user_id)
