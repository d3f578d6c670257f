"""A run's users: made before it with their chats, asked afterwards for what is kept of these, and removed."""

from __future__ import annotations

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import httpx
import msgspec
from ulid import ULID

from harness.users import make_password
from parley_client.api import Api, tls_context
from parley_client.cognito import PasswordSignIn

from .history import History, Run
from .population import Person, Population
from .processes import PASSWORD
from .reading_back import read_back
from .scenarios import scenario_named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.outputs import Outputs
    from harness.users import UserPool
    from parley_client.errors import ParleyError

    from .population import Plan
    from .scenarios.scenario import WantedChat
    from .settings import Settings

_Answer = TypeVar("_Answer")
_AT_ONCE: Final = 8
"""Requests side by side: more than that does not make a local stack faster."""
_AT_CREATION: Final = 50
"""Members that a group is created with; more are added one by one."""


class Preparation:
    """The users of one run."""

    def __init__(self, pool: UserPool, outputs: Outputs, settings: Settings) -> None:
        """Work on a deployed stack."""
        self._pool = pool
        self._outputs = outputs
        self._settings = settings
        self._usernames: list[str] = []
        self.password = os.environ.get(PASSWORD) or make_password()
        """Of all users of the run: chosen where workers on other machines must know it."""

    def populate(self) -> Population:
        """Make all users and their chats.

        Raises:
            ClientError: Cognito's own.
            ParleyError: the stack refuses a chat, or does not answer.
        """
        run = secrets.token_hex(4)
        self._usernames = [f"load-{run}-{number}" for number in range(self._settings.users)]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            user_ids = list(threads.map(self._make_user, self._usernames))
        return asyncio.run(self._make_chats(user_ids))

    def read_back(self, plan: Plan, folder: Path) -> Mapping[str, ParleyError]:
        """Record what the service keeps of each chat, read by the first of its members.

        Returns:
            The chats that cannot be read, and why.
        """
        settings, history = plan.settings, History.create(folder)
        parameters = msgspec.to_builtins(settings)
        history.write(Run.begin(settings.scenario, settings.workload, settings.target, parameters))
        unread = asyncio.run(self._read_back(plan.population, history))
        history.close()
        return unread

    async def _read_back(self, population: Population, history: History) -> Mapping[str, ParleyError]:
        readers = {
            chat_id: person.username for person in reversed(population.people) for chat_id in person.chats
        }
        async with httpx.AsyncClient(timeout=60, verify=tls_context()) as http:
            people = {username: self._api(username, http) for username in set(readers.values())}
            return await read_back({chat_id: people[name] for chat_id, name in readers.items()}, history)

    def remove(self) -> None:
        """Delete the users from the user pool."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(self._remove_user, self._usernames))

    def _make_user(self, username: str) -> str:
        """Make a user as an administrator, without a mail; return the user id."""
        made = self._pool.cognito.admin_create_user(
            UserPoolId=self._pool.user_pool_id,
            Username=username,
            UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
            MessageAction="SUPPRESS",
        )
        self._pool.set_password(username, self.password)
        attributes = made["User"]["Attributes"]
        return next(attribute["Value"] for attribute in attributes if attribute["Name"] == "sub")

    def _remove_user(self, username: str) -> None:
        with suppress(self._pool.cognito.exceptions.UserNotFoundException):
            self._pool.cognito.admin_delete_user(UserPoolId=self._pool.user_pool_id, Username=username)

    async def _make_chats(self, user_ids: Sequence[str]) -> Population:
        scenario = scenario_named(self._settings.scenario)
        wanted = scenario.chats(self._settings)
        chats: list[list[str]] = [[] for _ in user_ids]
        async with httpx.AsyncClient(timeout=60, verify=tls_context()) as http:
            people = [self._api(username, http) for username in self._usernames]
            await _side_by_side(api.me for api in people)  # a profile comes into being at the first call
            made = await _side_by_side(partial(_make, chat, people, user_ids) for chat in wanted)
            await _side_by_side(
                partial(people[member].set_member, chat_id, user_ids[member])
                for chat, chat_id in zip(wanted, made, strict=True)
                if chat.kind == "channel"
                for member in chat.members[1:]
            )
        for chat, chat_id in zip(wanted, made, strict=True):
            for member in chat.members:
                chats[member].append(chat_id)
        return Population(
            tuple(
                Person(username, user_id, tuple(chats[number]), scenario.writes(number, self._settings))
                for number, (username, user_id) in enumerate(zip(self._usernames, user_ids, strict=True))
            )
        )

    def _api(self, username: str, http: httpx.AsyncClient) -> Api:
        tokens = PasswordSignIn(
            url=self._outputs.endpoint or f"https://cognito-idp.{self._outputs.region}.amazonaws.com/",
            client_id=self._outputs.user_pool_client_id,
            username=username,
            password=self.password,
            http=http,
        )
        return Api(self._outputs.http_api_url, tokens, http)


async def _side_by_side(calls: Iterable[Callable[[], Awaitable[_Answer]]]) -> list[_Answer]:
    """Make calls, a few at a time; return their answers in order."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def call(make: Callable[[], Awaitable[_Answer]]) -> _Answer:
        async with slots:
            return await make()

    return await asyncio.gather(*(call(make) for make in calls))


async def _make(chat: WantedChat, people: Sequence[Api], user_ids: Sequence[str]) -> str:
    """Make a chat and return its id; the members of a channel join it themselves."""
    owner, others = people[chat.members[0]], [user_ids[member] for member in chat.members[1:]]
    if chat.kind == "direct":
        return (await owner.create_direct_chat(others[0])).chat_id
    if chat.kind == "channel":
        return (await owner.create_channel(str(ULID()), "load")).chat_id
    made = await owner.create_group(str(ULID()), "load", others[:_AT_CREATION])
    for other in others[_AT_CREATION:]:
        await owner.set_member(made.chat_id, other)
    return made.chat_id
