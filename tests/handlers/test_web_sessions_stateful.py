"""Rotation against its promises: tabs that share a browser's cookies, a thief with a copy, answers lost."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chat.errors import ChatError
from chat.service.keyring import Keyring
from chat.service.limits import Limit, Limiter
from chat.service.web_sessions import GRACE, BrowserSessions
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush
from tests.handlers.support.fakes.keys import FakeRotatedSecrets
from tests.handlers.support.fakes.limits import FakeBuckets
from tests.handlers.support.fakes.users import FakeUsers
from tests.handlers.support.fakes.web_sessions import FakeTokenIssuer, FakeWebSessions


class RotationMachine(RuleBasedStateMachine):
    """One session; its user renews in time, a thief whenever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.issuer, self.sessions = FakeClock(), FakeTokenIssuer(), FakeWebSessions()
        keyring = Keyring(FakeRotatedSecrets(self.clock, "key"), "cookie-key", self.clock)
        limit = Limiter(FakeBuckets(), Limit("renew", 1_000, 10_000), self.clock)
        self.service = BrowserSessions(
            self.sessions, self.issuer, keyring, FakeUsers(), FakeConnections(), FakePush(), self.clock, limit
        )
        self.cookie = self.service.begin("good-ada", "v" * 43, "https://chat.example.com/signed-in").cookie
        self.used: dict[str, float] = {}
        """When each cookie was first used."""
        self.stolen: str | None = None

    def _renew(self, cookie: str) -> str | None:
        """Use a cookie; the next, or None where the session has ended."""
        late = cookie in self.used and self.clock.time >= self.used[cookie] + GRACE
        self.used.setdefault(cookie, self.clock.time)
        try:
            following = self.service.renew(cookie).cookie
        except ChatError:
            return None
        assert not late, "a cookie was good again long after its use"
        return following

    @precondition(lambda self: self.sessions.sessions)
    @rule(tabs=st.integers(1, 3), lost=st.booleans())
    def renew(self, tabs: int, lost: bool) -> None:
        """Use the browser's cookie in several tabs at once; where the answers are lost, once more at once."""
        answers = {self._renew(self.cookie) for _ in range(tabs + lost)}
        if answers == {None}:
            assert self.stolen is not None, "the session ended though nobody but its user had the cookie"
            return
        assert len(answers) == 1
        (following,) = answers
        assert following is not None
        self.cookie = following

    @rule()
    def steal(self) -> None:
        """Copy the browser's cookie."""
        self.stolen = self.cookie

    @precondition(lambda self: self.stolen and self.sessions.sessions)
    @rule()
    def abuse(self) -> None:
        """Use the copy, and keep what it gives."""
        assert self.stolen is not None
        self.stolen = self._renew(self.stolen)

    @rule(seconds=st.sampled_from([1.0, GRACE - 1, GRACE, 3_600.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time += seconds

    @invariant()
    def nothing_outlives_a_session(self) -> None:
        """A session that has ended has no refresh token that is good."""
        assert self.sessions.sessions or self.issuer.revoked


TestRotation = RotationMachine.TestCase
TestRotation.settings = settings(max_examples=60, stateful_step_count=30)


def test_thief_and_user_never_both_keep_a_session() -> None:
    """Whoever renews second, later than a lost answer explains, ends it for both."""
    for order in ("thief user", "user thief"):
        machine = RotationMachine()
        machine.steal()
        for who in order.split():
            machine.abuse() if who == "thief" else machine.renew(1, lost=False)
            machine.clock.time += GRACE
        assert machine.sessions.sessions == {}, order
