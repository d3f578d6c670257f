"""The append log against the chat's promises: clients, environments and faults in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chat.append import Append, Draft
from chat.errors import ChatError
from chat.service.append import AppendLog
from chat.service.membership import KnownChats
from tests.handlers.support.attempts import Attempt, Fate
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.messages import FakeMessages

if TYPE_CHECKING:
    from chat.domain import Message, Page

CHAT = "dm:a:b"
PAGE = 4
ENVIRONMENTS = 3


class SteppedMessages:
    """The shared table as one attempt reaches it."""

    def __init__(self, table: FakeMessages, attempt: Attempt[Append]) -> None:
        self._table = table
        self._attempt = attempt

    def put(self, chat_id: str, message: Message) -> bool:
        """One step."""
        return self._attempt.request(lambda: self._table.put(chat_id, message))

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """One step."""
        return self._attempt.request(lambda: self._table.after(chat_id, seq, limit))

    def get(self, chat_id: str, seq: int) -> Message | None:
        """Not used by the log."""
        raise NotImplementedError

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """Not used by the log."""
        raise NotImplementedError


@dataclass
class Client:
    """A device that keeps the protocol: one unacked frame, retried unchanged until it is acked."""

    user_id: str
    held: int = 0
    frame: list[Draft] | None = None
    after: int = 0
    attempts: list[Attempt[Append]] = field(default_factory=list)
    """Those of the frame in flight; any number may run at once."""
    sent: list[str] = field(default_factory=list)
    """The ids of everything sent, in order."""
    acked: dict[str, int] = field(default_factory=dict)


class AppendLogMachine(RuleBasedStateMachine):
    """Two users with two devices each, three environments, one chat."""

    def __init__(self) -> None:
        super().__init__()
        self.table = FakeMessages()
        self.known = [KnownChats() for _ in range(ENVIRONMENTS)]
        self.clients = [Client(user_id) for user_id in ("a", "a", "b", "b")]
        self.stray: list[Attempt[Append]] = []
        """Attempts that nobody waits for any more."""
        self.ids = 0

    @rule(client=st.integers(0, 3), count=st.integers(1, 3), environment=st.integers(0, ENVIRONMENTS - 1))
    def send(self, client: int, count: int, environment: int) -> None:
        """Send a new frame, when none is in flight."""
        sender = self.clients[client]
        if sender.frame is None:
            drafts = []
            for _ in range(count):
                self.ids += 1
                drafts.append(Draft(f"{self.ids}", f"text {self.ids}"))
            sender.frame, sender.after = drafts, sender.held
            sender.sent += [draft.id for draft in drafts]
            self.attempt(sender, environment)

    @rule(client=st.integers(0, 3), environment=st.integers(0, ENVIRONMENTS - 1))
    def retry(self, client: int, environment: int) -> None:
        """Send the frame in flight again, while earlier attempts may still run."""
        sender = self.clients[client]
        if sender.frame is not None and len(sender.attempts) < 3:
            self.attempt(sender, environment)

    @precondition(lambda self: any(client.attempts for client in self.clients))
    @rule(
        data=st.data(),
        fate=st.sampled_from([Fate.DONE] * 6 + [Fate.LOST, Fate.UNANSWERED]),
        lose_ack=st.booleans(),
    )
    def step(self, data: st.DataObject, fate: Fate, lose_ack: bool) -> None:
        """One request of one attempt; its answer may never reach the client."""
        client = data.draw(st.sampled_from([client for client in self.clients if client.attempts]))
        self.advance(client, data.draw(st.sampled_from(client.attempts)), fate, lose_ack=lose_ack)

    @precondition(lambda self: any(attempt.result is None for attempt in self.stray))
    @rule(data=st.data())
    def step_stray(self, data: st.DataObject) -> None:
        """An attempt that was given up, or whose frame was acked by another, still writes if it can."""
        data.draw(st.sampled_from([a for a in self.stray if a.result is None])).step(Fate.DONE)

    @rule(client=st.integers(0, 3))
    def sync(self, client: int) -> None:
        """Read everything."""
        self.clients[client].held = len(self.log())

    @invariant()
    def numbers_have_no_hole_and_ids_no_repeat(self) -> None:
        """One order; once."""
        ids = [message.id for message in self.log()]
        assert len(set(ids)) == len(ids)

    @invariant()
    def every_clients_own_order_is_kept(self) -> None:
        """What a client sends first has the lower number."""
        place = {message.id: message.seq for message in self.log()}
        for client in self.clients:
            places = [place[id_] for id_ in client.sent if id_ in place]
            assert places == sorted(places)

    @invariant()
    def acked_messages_are_where_the_ack_said(self) -> None:
        """An ack is a promise."""
        place = {message.id: message.seq for message in self.log()}
        for client in self.clients:
            assert all(place[id_] == seq for id_, seq in client.acked.items())

    def teardown(self) -> None:
        """Every frame retried long enough is acked, and everything is there once."""
        for client in self.clients:
            while client.frame is not None:
                if not client.attempts:
                    self.attempt(client, 0)
                else:
                    self.advance(client, client.attempts[0], Fate.DONE, lose_ack=False)
        for attempt in self.stray:
            while attempt.result is None:
                attempt.step(Fate.DONE)
        sent = [id_ for client in self.clients for id_ in client.sent]
        assert sorted(message.id for message in self.log()) == sorted(sent)
        self.every_clients_own_order_is_kept()

    def log(self) -> list[Message]:
        """The chat."""
        log = self.table.logs.get(CHAT, {})
        assert sorted(log) == list(range(1, len(log) + 1))
        return [log[seq] for seq in sorted(log)]

    def attempt(self, client: Client, environment: int) -> None:
        """Start an invocation; invocations share the table and what their environment remembers."""
        drafts, after = client.frame or [], client.after
        known = self.known[environment]

        def work(attempt: Attempt[Append]) -> Append:
            append = Append(client.user_id, after, drafts)
            clock = FakeClock()
            AppendLog(SteppedMessages(self.table, attempt), known, clock, page_limit=PAGE).run(CHAT, append)
            return append

        client.attempts.append(Attempt(work))
        self.collect(client, client.attempts[-1], lose_ack=False)

    def advance(self, client: Client, attempt: Attempt[Append], fate: Fate, *, lose_ack: bool) -> None:
        """Let an attempt make its request."""
        attempt.step(fate)
        self.collect(client, attempt, lose_ack=lose_ack)

    def collect(self, client: Client, attempt: Attempt[Append], *, lose_ack: bool) -> None:
        """Do what a client does with an attempt's end."""
        if attempt.result is None:
            return
        client.attempts.remove(attempt)
        if lose_ack:
            return
        if isinstance(attempt.result, Append):
            self.settle(client, attempt.result)
        elif isinstance(attempt.result, ChatError) and attempt.result.code == "sync_required":
            self.sync_and_repeat(client)

    def settle(self, client: Client, append: Append) -> None:
        """Take the ack; nobody waits for the frame's other attempts any more."""
        landed = {message.id: message.seq for message in append.landed}
        assert client.frame is not None
        assert list(landed) == [draft.id for draft in client.frame]
        client.acked |= landed
        got = {message.seq for message in append.missed} | set(landed.values())
        while client.held + 1 in got:
            client.held += 1
        self.give_up(client)
        client.frame = None

    def sync_and_repeat(self, client: Client) -> None:
        """Sync; what is there is sent, what is not goes again after what is held now."""
        self.give_up(client)
        place = {message.id: message.seq for message in self.log()}
        client.held = len(place)
        assert client.frame is not None
        client.acked |= {draft.id: place[draft.id] for draft in client.frame if draft.id in place}
        client.frame = [draft for draft in client.frame if draft.id not in place] or None
        client.after = client.held

    def give_up(self, client: Client) -> None:
        """Stop waiting for the attempts in flight, which go on all the same."""
        self.stray += client.attempts
        client.attempts = []


TestAppendLog = AppendLogMachine.TestCase
TestAppendLog.settings = settings(max_examples=30, stateful_step_count=40)
