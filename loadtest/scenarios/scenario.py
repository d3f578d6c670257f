"""What a scenario is, and what it may ask of a user and of the run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from random import Random

    from loadtest.meter import Meter
    from loadtest.population import Person
    from loadtest.settings import Settings
    from parley_client.values import Attachment, AttachmentDraft

SCROLLS = 0.05
"""Of all messages, after which share the sender looks at a page of history."""


@dataclass(frozen=True, slots=True)
class WantedChat:
    """A chat that is to be made before the run; its members are numbers of people."""

    kind: str
    """`direct`, `group` or `channel`."""
    members: tuple[int, ...]
    """The first of them makes the chat."""


class Device(Protocol):
    """A user's device, as far as scenarios use it."""

    @property
    def unacked(self) -> int:
        """How many messages wait for their ack."""

    @property
    def level(self) -> bool:
        """Whether it is online and shows everything."""

    def start(self) -> None:
        """Go online."""

    def go_away(self) -> None:
        """Go offline."""

    def drop(self) -> None:
        """Break the connection off."""

    def send(self, chat_id: str, due: int = 0, *, attachment: AttachmentDraft | None = None) -> str:
        """Send a message of a few words."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait until something happens, at most so many seconds."""

    def take_files(self) -> Sequence[tuple[str, Attachment]]:
        """Return the files that others have sent since this was last asked, each with its chat."""


class Actor(Protocol):
    """A user, as scenarios see them."""

    number: int
    person: Person
    random: Random
    settings: Settings

    @property
    def device(self) -> Device:
        """The user's device."""

    def pause(self, seconds: float) -> bool:
        """Wait so long; return whether sending goes on."""

    def turns(self, think: float | None = None) -> Iterator[int]:
        """Yield when each message is due, as soon as it is, until sending is over.

        In a closed workload: when the last is acked and a pause, of `think` seconds on average, is over.
        """

    def read_history(self, chat_id: str) -> None:
        """Fetch a page of a chat's history, as if scrolling back."""

    def upload(self, chat_id: str) -> AttachmentDraft | None:
        """Upload a file for a chat; None where that failed, which is counted."""

    def download(self, chat_id: str, file: Attachment) -> None:
        """Download a file of a chat; where that fails, it is counted."""

    def wait_for_cue(self, cue: str, count: int) -> bool:
        """Wait until the run has given a cue so often; return whether sending goes on."""

    def tell(self, what: str) -> None:
        """Tell the run that one more user has come so far."""


class Run(Protocol):
    """The run, as a scenario conducts it."""

    settings: Settings
    findings: dict[str, object]
    """What the scenario finds out, for the report."""
    told: Counter[str]
    """How many users have come so far, by what they told."""
    told_at: dict[str, float]
    """When the last of them told it: seconds of the clock that `now` reads."""

    @property
    def now(self) -> float:
        """Seconds of a clock that only goes forward."""

    @property
    def window(self) -> Meter:
        """What was measured since `new_window` was called."""

    def new_window(self) -> None:
        """Forget what was measured in the window."""

    @property
    def elapsed(self) -> float:
        """Seconds since sending began."""

    def cue(self, cue: str) -> None:
        """Give all users a cue."""

    def set_rate(self, rate: float) -> None:
        """Have so many messages sent each second from now on."""


class Scenario(ABC):
    """A kind of load."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for the command line's help."""

    def complete(self, settings: Settings) -> Settings:
        """Return the settings with what this scenario needs; HarnessError where they contradict it."""
        return settings

    @abstractmethod
    def chats(self, settings: Settings) -> Sequence[WantedChat]:
        """Return which chats the people are in."""

    def writes(self, number: int, settings: Settings) -> bool:  # noqa: ARG002 - for those who listen alone
        """Return whether a person sends messages of their own accord."""
        return True

    def messages(self, settings: Settings) -> float:
        """Return about how many messages a run sends, rather too many than too few."""
        if settings.rate is not None:
            return settings.rate * settings.duration
        writers = sum(self.writes(number, settings) for number in range(settings.users))
        return writers * settings.duration / max(settings.think, 0.05)

    @abstractmethod
    def act(self, user: Actor) -> None:
        """Be a user, until sending is over."""

    def course(self, run: Run) -> Iterator[None]:
        """Conduct the run: asked to go on each second, until it ends."""
        while run.elapsed < run.settings.duration:
            yield


def scroll_back(user: Actor, chat_id: str) -> None:
    """Read what was said before, now and then, as people do."""
    if user.random.random() < SCROLLS:
        user.read_history(chat_id)


def groups(users: int, size: int) -> list[WantedChat]:
    """Return groups of neighbours, each of `size`; whoever is left over joins the last."""
    starts = range(0, max(1, users - size + 1), size)
    ends = [*list(starts)[1:], users]
    return [WantedChat("group", tuple(range(start, end))) for start, end in zip(starts, ends, strict=True)]


def pairs(users: int) -> list[WantedChat]:
    """Return a direct chat for each two neighbours; with an odd number, the last talks with the first."""
    neighbours = [(number, number + 1) for number in range(0, users - 1, 2)]
    if users % 2 and users > 1:
        neighbours.append((users - 1, 0))
    return [WantedChat("direct", members) for members in neighbours]
