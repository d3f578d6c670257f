"""The session core on a network that loses, repeats, reorders and breaks: its promises hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parley_client import effects
from parley_client.client_frames import DeleteMessage, EditMessage, JoinChat, LeaveChat, React
from parley_client.frames import encode
from parley_client.session import Session
from parley_client.values import ChatSummary, Member, NewMessage
from tests.client.device import POLICY, Device, chance
from tests.client.model_service import Frame, ModelService, Pushes, error

if TYPE_CHECKING:
    from parley_client.client_frames import Query

MEMBERS = {"dm:ann:bob": ("ann", "bob"), "g:1": ("ann", "bob"), "c:1": ("ann",)}
DEVICES = {"ann phone": "ann", "ann laptop": "ann", "bob phone": "bob"}
ROUNDS = 12
"""How often every timer may run out until the clients are level, once the network has healed."""
EXAMPLES = 100
"""Runs of up to 50 steps each."""

devices = st.sampled_from(sorted(DEVICES))
chats = st.sampled_from(sorted(MEMBERS))
picks = st.integers(min_value=0, max_value=1_000)


@dataclass(frozen=True)
class InFlight:
    """A frame on its way between a device's connection and the service."""

    device: str
    link: tuple[int, int]
    frame: Frame
    pushed: bool = False


class Network(RuleBasedStateMachine):
    """Devices, the service, and everything that may happen between them, in any order."""

    def __init__(self) -> None:
        """Start every device, offline."""
        super().__init__()
        self.service = ModelService(MEMBERS)
        self.devices = {name: Device(user) for name, user in DEVICES.items()}
        self.registered: set[tuple[str, tuple[int, int]]] = set()
        self.silent: set[tuple[str, tuple[int, int]]] = set()
        self.requests: list[InFlight] = []
        self.answers: list[InFlight] = []
        self.count = 0
        self.unnoticed = False
        for name, device in self.devices.items():
            device.session.start()
            self.settle(name)
        self.calm()

    # What the driver does.

    def settle(self, name: str) -> None:
        """Carry out a session's effects."""
        device = self.devices[name]
        for effect in device.session.take_effects():
            match effect:
                case effects.OpenConnection(connection=connection):
                    device.opening.append(connection)
                case effects.CloseConnection(connection=connection):
                    device.open.discard(connection)
                    if connection in device.opening:
                        device.opening.remove(connection)
                    self.registered.discard((name, (device.life, connection)))
                case effects.SendFrame(connection=connection, frame=frame):
                    assert connection in device.open, "a frame goes out on an open connection only"
                    link = (device.life, connection)
                    self.requests.append(InFlight(name, link, json.loads(encode(frame))))
                case effects.StartTimer(timer=timer):
                    device.timers = [*(other for other in device.timers if other != timer), timer]
                case effects.CancelTimer(timer=timer):
                    device.timers = [other for other in device.timers if other != timer]
                case effects.ListChats(listing=listing):
                    device.listings.append(listing)
                case effects.Notify(event=event):
                    device.observe(event, self.service)

    # What people do.

    def ask(self, name: str, kind: type[Query], **fields: object) -> None:
        """Ask for something; whether it is answered matters to nobody here, only what comes of it."""
        self.count += 1
        query = msgspec.convert(
            {"requestId": f"q{self.count}", "action": kind.__struct_config__.tag, **fields}, kind
        )
        self.devices[name].session.query(query)
        self.settle(name)

    def seen(self, name: str, chat_id: str, pick: int) -> int:
        """Pick the number of a message that a device has received, or 1."""
        numbers = sorted(self.devices[name].views.get(chat_id, {})) or [1]
        return numbers[pick % len(numbers)]

    @rule(name=devices, chat_id=chats, pick=picks, text=st.sampled_from(["a", "b"]))
    def edit(self, name: str, chat_id: str, pick: int, text: str) -> None:
        """A user edits a message; others' are refused."""
        self.ask(name, EditMessage, chatId=chat_id, seq=self.seen(name, chat_id, pick), text=text)

    @rule(name=devices, chat_id=chats, pick=picks)
    def delete(self, name: str, chat_id: str, pick: int) -> None:
        """A user deletes a message."""
        self.ask(name, DeleteMessage, chatId=chat_id, seq=self.seen(name, chat_id, pick))

    @rule(name=devices, chat_id=chats, pick=picks, emoji=st.sampled_from(["👍", "🎉", None]))
    def react(self, name: str, chat_id: str, pick: int, emoji: str | None) -> None:
        """A user reacts, or takes it back."""
        self.ask(name, React, chatId=chat_id, seq=self.seen(name, chat_id, pick), emoji=emoji)

    @rule(name=devices, chat_id=chats, pick=picks, read=st.booleans())
    def mark(self, name: str, chat_id: str, pick: int, read: bool) -> None:
        """A user reads, or a device holds, a chat up to a message."""
        seq = self.seen(name, chat_id, pick)
        self.devices[name].session.mark(chat_id, **{"read_seq" if read else "delivered_seq": seq})
        self.settle(name)

    @rule(name=devices, joins=st.booleans())
    def come_and_go(self, name: str, joins: bool) -> None:
        """Bob joins or leaves the channel."""
        if self.devices[name].user == "bob":
            self.ask(name, JoinChat if joins else LeaveChat, chatId="c:1")

    @rule(title=st.sampled_from(["Team", "Crew"]), number=st.integers(0, 2))
    def administer(self, title: str, number: int) -> None:
        """Ann names the group, adds bob to it or removes him, over REST."""
        here = "bob" in self.service.chats["g:1"].members
        if number == 0:
            self.push(self.service.rename("ann", "g:1", title))
        elif here:
            self.push(self.service.remove("ann", "bob", "g:1"))
        else:
            self.push(self.service.add("ann", "bob", "g:1"))

    @precondition(lambda self: "bob" in self.service.chats["g:1"].members)
    @rule()
    def remove_and_add(self) -> None:
        """Ann removes bob from the group and has him back at once: what he had read there begins anew."""
        self.push(self.service.remove("ann", "bob", "g:1"))
        self.push(self.service.add("ann", "bob", "g:1"))

    @rule(name=devices, chat_id=chats)
    def list_members(self, name: str, chat_id: str) -> None:
        """An application asks who is in a chat."""
        device = self.devices[name]
        if device.session.chat(chat_id) is not None and device.user in self.service.chats[chat_id].members:
            members = msgspec.convert(self.service.members(chat_id), list[Member])
            device.session.members_listed(chat_id, members, self.service.last_change(chat_id))

    # What may happen.

    @rule(name=devices, chat_id=chats, messages=st.integers(1, 4))
    def write(self, name: str, chat_id: str, messages: int) -> None:
        """A user writes messages, online or not."""
        device = self.devices[name]
        for _ in range(messages):
            self.count += 1
            message_id = f"{self.count:026d}"
            device.written.setdefault(chat_id, []).append(message_id)
            device.session.send(chat_id, NewMessage(message_id, f"text {self.count}"))
            self.settle(name)

    @rule(name=devices)
    def open_connection(self, name: str) -> None:
        """A connection opens and is registered."""
        device = self.devices[name]
        if device.opening:
            connection = device.opening.pop(0)
            device.open.add(connection)
            self.registered.add((name, (device.life, connection)))
            device.owed = {chat["chatId"]: chat["lastSeq"] for chat in self.service.listing(device.user)}
            device.session.opened(connection, device.user, 3600)
            self.settle(name)

    @rule(name=devices)
    def fail_to_open(self, name: str) -> None:
        """A connection cannot be opened."""
        device = self.devices[name]
        if device.opening:
            device.session.open_failed(device.opening.pop(0), "no network")
            self.settle(name)

    @precondition(lambda self: self.requests)
    @rule(pick=picks, times=st.sampled_from([1, 1, 1, 2]))
    def carry_out(self, pick: int, times: int) -> None:
        """Any request in flight takes effect, whatever was sent before it; perhaps twice."""
        request = self.requests.pop(pick % len(self.requests))
        for _ in range(times):
            self.answer(request)

    def answer(self, request: InFlight, *, lost: bool = False) -> None:
        """Let a request take effect and queue its answer and pushes."""
        answer, pushes = self.service.answer(DEVICES[request.device], request.frame)
        if not lost:
            self.answers.append(InFlight(request.device, request.link, answer))
        self.push(pushes, (request.device, request.link))

    def push(self, pushes: Pushes, but: tuple[str, tuple[int, int]] | None = None) -> None:
        """Put frames on their way to every connection of who is to have them."""
        for user, frame in pushes:
            for name, link in sorted(self.registered):
                if DEVICES[name] == user and (name, link) != but:
                    self.answers.append(InFlight(name, link, frame, pushed=True))

    @precondition(lambda self: self.requests)
    @rule(pick=picks, effective=st.booleans(), told=st.sampled_from(["nothing", "internal", "gateway"]))
    def crash(self, pick: int, effective: bool, told: str) -> None:
        """The service fails before or after the write, and says so or not."""
        request = self.requests.pop(pick % len(self.requests))
        if effective:
            self.answer(request, lost=True)
            self.unnoticed |= request.frame["action"] == "joinChat"  # of which nothing else tells this device
        if told == "internal":
            answer = error(request.frame, "internal", retryable=True)
            self.answers.append(InFlight(request.device, request.link, answer))
        elif told == "gateway":
            answer = {"message": "Internal server error", "connectionId": "c=", "requestId": "theirs"}
            self.answers.append(InFlight(request.device, request.link, answer))

    @precondition(lambda self: self.answers)
    @rule(pick=picks)
    def arrive(self, pick: int) -> None:
        """Any frame on its way to a client arrives, whatever was sent before it."""
        self.hand_over(self.answers.pop(pick % len(self.answers)))

    @rule()
    def arrive_reversed(self) -> None:
        """Everything on its way to the clients arrives, what was sent last before all else."""
        while self.answers:
            self.hand_over(self.answers.pop())

    def hand_over(self, answer: InFlight) -> None:
        """Give a frame to its device, if its connection still lives."""
        device = self.devices[answer.device]
        life, connection = answer.link
        if (
            life == device.life
            and connection in device.open
            and (answer.device, answer.link) not in self.silent
        ):
            device.session.received(connection, json.dumps(answer.frame))
            self.settle(answer.device)

    @precondition(lambda self: self.answers)
    @rule(pick=picks)
    def repeat_or_lose_push(self, pick: int) -> None:
        """A push arrives twice; an answer is lost."""
        answer = self.answers[pick % len(self.answers)]
        if answer.pushed:
            self.answers.append(answer)
        else:
            self.answers.remove(answer)

    @precondition(lambda self: any(answer.pushed for answer in self.answers))
    @rule(pick=picks)
    def lose_push(self, pick: int) -> None:
        """A push is lost, although its connection lives."""
        pushes = [answer for answer in self.answers if answer.pushed]
        self.answers.remove(pushes[pick % len(pushes)])
        self.unnoticed = True

    @rule(name=devices, pick=picks, noticed=st.booleans())
    def break_connection(self, name: str, pick: int, noticed: bool) -> None:
        """A connection breaks; the client notices, or it falls silent. The service notices neither."""
        device = self.devices[name]
        if device.open:
            connection = sorted(device.open)[pick % len(device.open)]
            if noticed:
                device.open.discard(connection)
                device.session.lost(connection, "the connection broke")
                self.settle(name)
            else:
                self.silent.add((name, (device.life, connection)))
                self.unnoticed = True

    @rule(name=devices, pick=picks)
    def timer(self, name: str, pick: int) -> None:
        """Any timer runs out: nothing may depend on how fast others are."""
        device = self.devices[name]
        if device.timers:
            self.fire(name, device.timers[pick % len(device.timers)])

    def fire(self, name: str, timer: str) -> None:
        """Let a timer run out."""
        device = self.devices[name]
        device.timers.remove(timer)
        device.session.timer_fired(timer)
        self.settle(name)

    @rule(name=devices, succeeds=st.booleans())
    def list_chats(self, name: str, succeeds: bool) -> None:
        """A listing is answered, or fails."""
        device = self.devices[name]
        if device.listings:
            listing = device.listings.pop(0)
            if succeeds:
                chats = msgspec.convert(self.service.listing(device.user), list[ChatSummary])
                device.session.chats_listed(listing, chats)
            else:
                device.session.listing_failed(listing)
            self.settle(name)

    @rule(name=devices)
    def restart(self, name: str) -> None:
        """The client process ends and a new one goes on from its snapshot."""
        device = self.devices[name]
        snapshot = device.session.snapshot()
        device.session = Session(POLICY, chance(device.life), snapshot)
        device.life += 1
        device.open.clear()
        device.opening.clear()
        device.timers.clear()
        device.listings.clear()
        device.session.start()
        self.settle(name)

    # What must hold.

    @invariant()
    def each_id_appears_once(self) -> None:
        """A message id appears once in a chat, however often its send was repeated."""
        for log in self.service.logs.values():
            ids = [message["id"] for message in log]
            assert len(ids) == len(set(ids))

    @invariant()
    def own_order_is_kept(self) -> None:
        """What a client wrote first in a chat has the lower number."""
        for device in self.devices.values():
            for chat_id, written in device.written.items():
                mine = [m["id"] for m in self.service.logs[chat_id] if m["id"] in set(written)]
                kept = [id_ for id_ in written if id_ not in device.refused or id_ in mine]
                assert mine == kept[: len(mine)]

    def teardown(self) -> None:
        """The network heals: everything written is sent, and everyone has everything.

        Only a push that was lost, a join whose answer was lost and a connection that fell silent may have to
        wait for the next ping.
        """
        slow = {"renew"} if self.unnoticed else {"renew", "ping"}
        for _ in range(ROUNDS):
            self.calm()
            for name, device in self.devices.items():
                for timer in [timer for timer in device.timers if timer not in slow]:
                    if timer in device.timers:
                        self.fire(name, timer)
                        self.calm()
        for name, device in self.devices.items():
            for chat_id in MEMBERS:
                device.must_equal(self.service, chat_id)
            written = {message_id for ids in device.written.values() for message_id in ids}
            assert written == set(device.sent) | device.refused, f"everything that {name} wrote is sent"

    @rule()
    def calm(self) -> None:
        """Everything in flight arrives, in order, nothing lost."""
        for _ in range(10_000):
            waiting = [name for name, device in self.devices.items() if device.opening or device.listings]
            if self.requests:
                request = self.requests.pop(0)
                if (request.device, request.link) not in self.silent:
                    self.answer(request)
            elif self.answers:
                self.hand_over(self.answers.pop(0))
            elif waiting:
                self.open_connection(waiting[0])
                self.list_chats(waiting[0], succeeds=True)
            else:
                return
        raise AssertionError("the clients never come to rest")


TestNetwork = Network.TestCase
TestNetwork.settings = settings(max_examples=EXAMPLES, stateful_step_count=50)
