"""Who uses a device: draws one action after the other from a seed, and does it with what the device knows."""

from __future__ import annotations

import asyncio
import time
from enum import Enum, auto
from random import Random
from typing import TYPE_CHECKING, TypeVar

from e2e.support.deadlines import eventually
from e2e.support.whole_chat.record import Altered, Moved, Record, Sent
from parley_client import NotReachable, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from e2e.support.whole_chat.device import RovingDevice
    from parley_client import ChatView, Message

WEIGHTS = {
    "send": 30,
    "reply": 8,
    "edit": 8,
    "delete": 4,
    "react": 10,
    "read": 12,
    "type": 6,
    "add": 6,
    "remove": 3,
    "leave": 2,
    "promote": 2,
    "rename": 3,
    "drop": 4,
    "go_away": 2,
}
"""How often each action is drawn, of 100."""

FATE_WITHIN = 180.0
"""Seconds in which something must become of a message; on two idle cores it is a fraction of one."""

ONLINE_WITHIN = 180.0
"""Seconds in which a device that was opened shows chats."""

GONE = frozenset({"unknown_chat", "not_permitted"})
"""Refusals that whoever was removed or has another role now may meet: devices learn of it a moment later."""

EXPECTED = {
    "edit": GONE | {"unknown_message", "message_deleted", "contention"},
    "delete": GONE | {"unknown_message", "contention"},
    "react": GONE | {"unknown_message", "message_deleted", "contention"},
    "add": GONE | {"contention"},
    "remove": GONE | {"contention"},
    "leave": frozenset({"contention"}),
    "promote": GONE | {"contention"},
    "rename": GONE | {"contention"},
}
"""What may be refused by each action, because others act at the same time."""

LATEST = 40
"""Of how many messages of a chat one is chosen to be acted on."""

_Answer = TypeVar("_Answer")


class Outcome(Enum):
    """What is known of a request."""

    DONE = auto()
    REFUSED = auto()
    """It certainly had no effect."""
    UNSURE = auto()


class Actor:
    """One user at one device. The seed decides which actions follow each other, and how each chooses."""

    def __init__(self, device: RovingDevice, everyone: Sequence[str], record: Record, seed: int) -> None:
        """Act on a device, among all these user ids, and note it in the record."""
        self.device = device
        self._me = device.person.user_id
        self._everyone = everyone
        self._record = record
        self._dice = Random(f"{seed} {device.name}")  # noqa: S311 - to be repeated is what it is for
        self._count = 0

    async def act(self) -> None:
        """Act until the record is over; the device is open then."""
        while not self._record.is_over:
            await self.device.until(lambda: self._chat(Random(0)) is not None, ONLINE_WITHIN)  # noqa: S311
            (kind,) = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            chance = Random(self._dice.getrandbits(64))  # noqa: S311
            if await getattr(self, f"_{kind}")(chance):
                self._record.actions[kind] += 1
            await asyncio.sleep(0)

    # Messages.

    async def _send(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None:
            return False
        ids = [self._enqueue(chat) for _ in range(chance.randint(1, 4))]
        if chance.random() < 0.6:
            await self._fate(ids)
        return True

    async def _reply(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None or (message := self._message(chance, chat)) is None:
            return False
        await self._fate([self._enqueue(chat, reply_to=message.seq)])
        return True

    def _enqueue(self, chat: ChatView, reply_to: int | None = None) -> str:
        self._count += 1
        text = f"{self.device.name} {self._count}"
        message_id = self.device.client.enqueue(chat.chat_id, text, reply_to=reply_to)
        self._record.sent.append(
            Sent(self.device.name, self._me, chat.chat_id, message_id, text, time.monotonic())
        )
        return message_id

    async def _fate(self, ids: Sequence[str]) -> None:
        try:
            await self.device.until(lambda: all(one in self.device.fates for one in ids), FATE_WITHIN)
        except TimeoutError:
            self._record.complaints.append(f"nothing became of {ids} from {self.device.name}")

    async def _edit(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None or (own := self._message(chance, chat, self._me)) is None:
            return False
        self._count += 1
        text = f"{own.text} edited {self.device.name} {self._count}"
        await self._alter("edit", chat, own, text)
        return True

    async def _delete(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None:
            return False
        whose = None if chat.kind == "group" and chat.role != "member" else self._me
        if (message := self._message(chance, chat, whose)) is None:
            return False
        await self._alter("delete", chat, message, None)
        return True

    async def _react(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None or (message := self._message(chance, chat)) is None:
            return False
        await self._alter("react", chat, message, chance.choice(["👍", "🎉", "😀", None]))
        return True

    async def _alter(self, kind: str, chat: ChatView, message: Message, value: str | None) -> None:
        client, chat_id, seq = self.device.client, chat.chat_id, message.seq
        match kind:
            case "edit":
                work = client.edit(chat_id, seq, str(value))
            case "delete":
                work = client.delete(chat_id, seq)
            case _:
                work = client.react(chat_id, seq, value)
        outcome, change = await self._ask(kind, work)
        if outcome is not Outcome.REFUSED:
            number = None if change is None else change.number
            self._record.altered.append(Altered(kind, chat_id, seq, self._me, value, number))

    # Marks and signs of life.

    async def _read(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None or (message := self._message(chance, chat)) is None:
            return False
        self.device.client.mark_read(chat.chat_id, message.seq)
        return True

    async def _type(self, chance: Random) -> bool:
        if (chat := self._chat(chance)) is None:
            return False
        self.device.client.typing(chat.chat_id)
        return True

    # Groups.

    async def _add(self, chance: Random) -> bool:
        chat = self._group(chance, "owner", "admin")
        outsiders = [] if chat is None else [one for one in self._everyone if one not in (chat.members or {})]
        if chat is None or not outsiders:
            return False
        await self._let_in("add", chat.chat_id, chance.choice(outsiders), None)
        return True

    async def _promote(self, chance: Random) -> bool:
        chat = self._group(chance, "owner")
        below = [] if chat is None else self._below(chat)
        if chat is None or not below:
            return False
        await self._let_in("promote", chat.chat_id, chance.choice(below), chance.choice(["admin", "member"]))
        return True

    async def _let_in(self, kind: str, chat_id: str, user_id: str, role: str | None) -> None:
        asked = time.monotonic()
        work = self.device.client.api.set_member(chat_id, user_id, role)
        await self._move(kind, work, Moved(True, chat_id, user_id, asked))

    async def _remove(self, chance: Random) -> bool:
        chat = self._group(chance, "owner", "admin")
        below = [] if chat is None else self._below(chat)
        if chat is None or not below:
            return False
        user_id, asked = chance.choice(below), time.monotonic()
        work = self.device.client.api.remove_member(chat.chat_id, user_id)
        await self._move("remove", work, Moved(False, chat.chat_id, user_id, asked))
        return True

    async def _leave(self, chance: Random) -> bool:
        if (chat := self._group(chance, "admin", "member")) is None:
            return False
        asked = time.monotonic()
        work = self.device.client.leave(chat.chat_id)
        await self._move("leave", work, Moved(False, chat.chat_id, self._me, asked))
        return True

    async def _move(self, kind: str, work: Awaitable[None], move: Moved) -> None:
        self._record.moved.append(move)
        outcome, _ = await self._ask(kind, work)
        if outcome is Outcome.DONE:
            move.answered = time.monotonic()
        elif outcome is Outcome.REFUSED:
            self._record.moved.remove(move)

    async def _rename(self, chance: Random) -> bool:
        if (chat := self._group(chance, "owner", "admin")) is None:
            return False
        self._count += 1
        await self._ask(
            "rename",
            self.device.client.api.rename_chat(chat.chat_id, f"Named by {self.device.name} {self._count}"),
        )
        return True

    # Connections.

    async def _drop(self, _: Random) -> bool:
        self.device.client.drop()
        return True

    async def _go_away(self, chance: Random) -> bool:
        """Close the application until the others have done a few things more."""
        record = self._record
        await self.device.close()
        back_at = record.actions.total() + chance.randint(5, 60)

        async def others_acted() -> bool:
            return record.actions.total() >= back_at or record.is_over

        await eventually(others_acted, within=FATE_WITHIN)
        await self.device.open()
        return True

    # What the device knows, and what it asks.

    def _chat(self, chance: Random) -> ChatView | None:
        """Choose one of the chats that the device shows."""
        views = [self.device.client.chat(chat_id) for chat_id in sorted(self.device.messages)]
        known = [view for view in views if view is not None and view.kind]
        return chance.choice(known) if known else None

    def _group(self, chance: Random, *roles: str) -> ChatView | None:
        """Choose a group in which this user has one of the roles, as far as the device knows."""
        views = [self.device.client.chat(chat_id) for chat_id in sorted(self.device.messages)]
        fitting = [view for view in views if view is not None and view.kind == "group" and view.role in roles]
        return chance.choice(fitting) if fitting else None

    def _message(self, chance: Random, chat: ChatView, sender_id: str | None = None) -> Message | None:
        """Choose one of the latest messages that the device holds, not deleted; perhaps a sender's."""
        held = self.device.messages.get(chat.chat_id, {})
        latest = [held[seq] for seq in sorted(held)[-LATEST:]]
        fitting = [m for m in latest if m.deleted_at is None and sender_id in (None, m.sender_id)]
        return chance.choice(fitting) if fitting else None

    def _below(self, chat: ChatView) -> list[str]:
        """Give who stands below this user, as far as the device knows."""
        below = {"member"} if chat.role == "admin" else {"member", "admin"}
        members = (chat.members or {}).values()
        return sorted(
            member.user_id for member in members if member.role in below and member.user_id != self._me
        )

    async def _ask(self, kind: str, work: Awaitable[_Answer]) -> tuple[Outcome, _Answer | None]:
        """Do what may be refused; a refusal that the action does not expect is a complaint."""
        try:
            return Outcome.DONE, await work
        except NotReachable:
            return Outcome.UNSURE, None
        except RequestRefused as refused:
            self._record.refusals[f"{kind} {refused.code}"] += 1
            if refused.code not in EXPECTED[kind]:
                self._record.complaints.append(f"{self.device.name}: {kind} met {refused}")
            return (Outcome.REFUSED if refused.definite else Outcome.UNSURE), None
