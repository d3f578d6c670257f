"""Who takes part in a run and who talks with whom: made before it, told to all its processes. No secrets."""

from __future__ import annotations

import msgspec

from harness.outputs import Outputs

from .settings import Settings


class Person(msgspec.Struct, frozen=True, rename="camel"):
    """A user of the stack; the password of all of a run's users is in the environment alone."""

    username: str
    user_id: str
    chats: tuple[str, ...]
    """The chats that this user is in."""
    writes: bool = True
    """Whether this user sends messages of their own accord: subscribers of a channel listen."""


class Population(msgspec.Struct, frozen=True):
    """All users of a run. Whoever comes first plays the first of them."""

    people: tuple[Person, ...]

    def sizes(self) -> dict[str, int]:
        """Return how many are in each chat."""
        sizes: dict[str, int] = {}
        for person in self.people:
            for chat_id in person.chats:
                sizes[chat_id] = sizes.get(chat_id, 0) + 1
        return sizes

    @property
    def writers(self) -> int:
        """How many send messages."""
        return sum(person.writes for person in self.people)


class Plan(msgspec.Struct, frozen=True):
    """All that a process must know to take part in a run, but the password."""

    settings: Settings
    outputs: Outputs
    population: Population
