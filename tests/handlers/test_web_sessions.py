"""Browsers' sessions: a cookie is good once, a stolen one ends its session, other sites get nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from chat import site
from chat.adapters import aws as aws_clients
from chat.adapters.web_sessions import SessionsTable
from chat.errors import CATALOGUE, ChatError
from chat.ports.web_sessions import WebSession
from chat.protocol.http_common import Done
from chat.service.keyring import Keyring
from chat.service.limits import Limit, Limiter
from chat.service.web_sessions import GRACE, LIFETIME, BrowserSessions
from chat.site import SiteResponse
from tests.handlers.support.fakes.clock import START, FakeClock
from tests.handlers.support.fakes.connections import FakeConnections, FakePush, connection
from tests.handlers.support.fakes.keys import FakeRotatedSecrets
from tests.handlers.support.fakes.limits import FakeBuckets
from tests.handlers.support.fakes.users import FakeUsers
from tests.handlers.support.fakes.web_sessions import FakeTokenIssuer, FakeWebSessions

if TYPE_CHECKING:
    import logging

    from chat.http import Handler
    from tests.handlers.support.service import Parley

ORIGIN = "https://chat.example.com"
VERIFIER = "v" * 43
SECRETS = re.compile(r"refresh-|good-|access|\.\d+\.")
"""What no log may hold: tokens, codes, cookies."""


class World:
    """A browser's sessions, and ada's two devices."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sessions = FakeWebSessions()
        self.issuer = FakeTokenIssuer()
        self.users = FakeUsers()
        self.push = FakePush()
        self.connections = FakeConnections(
            connection("ada", "a1"), connection("ada", "a2"), connection("bob", "b1")
        )
        self.keys = FakeRotatedSecrets(self.clock, "key 1")
        keyring = Keyring(self.keys, "cookie-key", self.clock)
        self.buckets = FakeBuckets()
        self.limit = Limiter(self.buckets, Limit("renew", 0.1, 30), self.clock)
        self.browser = BrowserSessions(
            self.sessions,
            self.issuer,
            keyring,
            self.users,
            self.connections,
            self.push,
            self.clock,
            self.limit,
        )

    def sign_in(self) -> str:
        """Sign ada in; the cookie."""
        return self.browser.begin("good-ada", VERIFIER, f"{ORIGIN}/signed-in").cookie

    def refused(self, cookie: str) -> bool:
        """Whether a cookie is good for nothing."""
        with pytest.raises(ChatError, match=r"^session_ended"):
            self.browser.renew(cookie)
        return True


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


def test_sign_in_gives_a_token_a_cookie_and_a_name(world: World) -> None:
    """The name is the identity provider's; the refresh token stays with the service."""
    granted = world.browser.begin("good-ada", VERIFIER, f"{ORIGIN}/signed-in")
    assert granted.access_token == ("access", 3_600)
    assert granted.seconds == LIFETIME
    assert "refresh" not in granted.cookie
    ada = world.users.get("ada")
    assert ada is not None
    assert (ada.username, ada.display_name) == ("Google_ada", "Ada Doe")


def test_sign_in_leaves_the_name_that_a_user_has_chosen(world: World) -> None:
    """The identity provider names who is new, and nobody else."""
    world.sign_in()
    world.users.update("ada", {"displayName": "Countess"})
    world.sign_in()
    ada = world.users.get("ada")
    assert ada is not None
    assert ada.display_name == "Countess"


def test_sign_in_by_a_code_that_is_not_good_is_refused(world: World) -> None:
    """And begins nothing."""
    with pytest.raises(ChatError, match=r"^sign_in_failed"):
        world.browser.begin("bad-ada", VERIFIER, f"{ORIGIN}/signed-in")
    assert world.sessions.sessions == {}


def test_cookie_is_followed_by_the_next(world: World) -> None:
    """Each for another access token."""
    cookies = [world.sign_in()]
    for _ in range(3):
        world.clock.time += 3_600
        cookies.append(world.browser.renew(cookies[-1]).cookie)
    assert len(set(cookies)) == 4


def test_cookie_that_two_tabs_use_at_once_gives_both_the_same_next(world: World) -> None:
    """As does one whose answer got lost and that is used again."""
    cookie = world.sign_in()
    assert world.browser.renew(cookie).cookie == world.browser.renew(cookie).cookie


def test_cookie_used_again_later_ends_the_session_for_everybody(
    world: World, chat_log: list[logging.LogRecord]
) -> None:
    """Whoever comes second: the user, or who has stolen it. What is told of it holds no secret."""
    stolen = world.sign_in()
    current = world.browser.renew(stolen).cookie
    world.clock.time += GRACE
    assert world.refused(stolen)
    assert world.refused(current)
    assert world.issuer.revoked == {"refresh-1"}
    assert sorted(world.push.closed) == ["a1", "a2"]
    (told,) = [record for record in chat_log if record.getMessage() == "session_cookie_reused"]
    assert not SECRETS.search(str(told.__dict__["fields"]))


def renewed_until_refused(world: World, cookie: str) -> tuple[str, float]:
    """Renew a session as often as it goes at once; the last cookie, and for how many seconds to wait."""
    for _ in range(31):
        try:
            cookie = world.browser.renew(cookie).cookie
        except ChatError as refused:
            return cookie, refused.retry_after_ms / 1_000
    raise AssertionError("Nothing limits it.")


def test_session_renewed_too_often_waits_and_goes_on(world: World) -> None:
    """The user pool is not asked meanwhile; other sessions are not held up, and no signing out is."""
    cookie, wait = renewed_until_refused(world, world.sign_in())
    asked = world.issuer.refreshed
    assert wait > 0
    assert 15 <= asked <= 30
    other = world.sign_in()
    world.browser.renew(other)
    world.browser.end(other)
    with pytest.raises(ChatError, match=r"^too_many_requests"):
        world.browser.renew(cookie)
    assert world.issuer.refreshed == asked + 1
    world.clock.time += wait
    world.browser.renew(cookie)


def test_cookie_of_anothers_making_uses_up_nobodys_limit(world: World) -> None:
    """Nor does it cost a write."""
    unsigned = world.sign_in().rpartition(".")[0]
    assert world.refused(f"{unsigned}.{'t' * 43}")
    assert world.buckets.writes == 0


def test_cookie_of_two_renewals_ago_ends_the_session_at_once(world: World) -> None:
    """A second tab is one behind at most."""
    first = world.sign_in()
    current = world.browser.renew(world.browser.renew(first).cookie).cookie
    assert world.refused(first)
    assert world.refused(current)


def test_cookie_of_anothers_making_is_refused_and_ends_nothing(world: World) -> None:
    """Who knows a session's id, and no secret, cannot end it either."""
    cookie = world.sign_in()
    session_id, _, signature = cookie.split(".")
    for forged in (
        "",
        "x",
        f"{session_id}.1.{signature}",
        f"{session_id}.0.{'A' * 43}",
        f"{'A' * 22}.0.{signature}",
    ):
        assert world.refused(forged)
        world.browser.end(forged)
    assert world.browser.renew(cookie).cookie


def test_session_ends_with_its_refresh_token(world: World) -> None:
    """Revoked by signing out everywhere, or by its age."""
    revoked, old = world.sign_in(), world.sign_in()
    world.issuer.revoked.add("refresh-1")
    assert world.refused(revoked)
    world.clock.time = START + LIFETIME
    assert world.refused(old)


def test_fault_of_the_user_pool_leaves_the_cookie_good(world: World) -> None:
    """However long it takes until it answers again."""
    cookie = world.sign_in()
    world.issuer.fault = ConnectionError()
    with pytest.raises(ConnectionError):
        world.browser.renew(cookie)
    world.issuer.fault = None
    world.clock.time += GRACE * 10
    assert world.browser.renew(cookie).cookie


def test_sign_out_revokes_forgets_and_disconnects(world: World) -> None:
    """And may be repeated, also after it failed halfway."""
    cookie = world.sign_in()
    world.issuer.fault = ConnectionError()
    with pytest.raises(ConnectionError):
        world.browser.end(cookie)
    world.issuer.fault = None
    world.browser.end(cookie)
    world.browser.end(cookie)
    assert world.refused(cookie)
    assert world.issuer.revoked == {"refresh-1"}
    assert sorted(world.push.closed) == ["a1", "a2"]


def event(
    origin: str | None = ORIGIN, media_type: str | None = "application/json", cookies: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What API Gateway makes of a page's request."""
    headers = {"origin": origin, "content-type": media_type}
    return {
        "routeKey": "POST /auth/refresh",
        "requestContext": {"requestId": "r1"},
        "headers": {name: value for name, value in headers.items() if value is not None},
        "cookies": list(cookies),
        "body": "{}",
        "isBase64Encoded": False,
    }


def answering(cookie: str = "", error: str = "") -> tuple[Handler, list[str]]:
    """A handler that answers with a cookie or an error, and the cookies that it is asked with."""
    asked: list[str] = []

    def answer(request: site.SiteRequest) -> SiteResponse:
        asked.append(request.cookie)
        if error:
            raise ChatError(error, retry_after_ms=1_201)
        return SiteResponse(Done(), cookie, 60)

    return site.routes({"POST /auth/refresh": answer}, ORIGIN), asked


def test_cookie_is_kept_from_scripts_and_from_other_sites() -> None:
    """Over TLS alone, for the paths that need it, and forgotten in time."""
    handler, asked = answering("next")
    answer = handler(event(cookies=("theme=dark", "__Secure-session=this")), None)
    assert asked == ["this"]
    assert answer["cookies"] == [
        "__Secure-session=next; Max-Age=60; Path=/auth; Secure; HttpOnly; SameSite=Strict"
    ]
    assert answer["headers"]["cache-control"] == "no-store"


@pytest.mark.parametrize("ends", ["", "session_ended"])
def test_cookie_of_an_ended_session_is_forgotten(ends: str) -> None:
    """After signing out, and where it is good for nothing."""
    handler, _ = answering(error=ends)
    (cookie,) = handler(event(), None)["cookies"]
    assert cookie.startswith("__Secure-session=; Max-Age=0; Path=/auth;")


def test_cookie_stays_where_the_service_fails() -> None:
    """It may be good a second later."""
    handler, _ = answering(error="internal")
    assert handler(event(), None)["cookies"] == []


def test_browser_is_told_how_long_to_wait() -> None:
    """By the header, too; its cookie is as good as it was."""
    handler, _ = answering(error="too_many_requests")
    answer = handler(event(), None)
    assert (answer["statusCode"], answer["headers"]["retry-after"], answer["cookies"]) == (429, "2", [])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (event(origin="https://evil.example"), "wrong_origin"),
        (event(origin="null"), "wrong_origin"),
        (event(origin=None), "wrong_origin"),
        (event(origin=f"{ORIGIN}.evil.example"), "wrong_origin"),
        (event(media_type="text/plain"), "not_json"),
        (event(media_type="application/x-www-form-urlencoded"), "not_json"),
        (event(media_type=None), "not_json"),
    ],
)
def test_request_of_another_sites_page_or_of_a_form_is_refused(asked: dict[str, Any], code: str) -> None:
    """Before anything is done with its cookie."""
    handler, reached = answering("next")
    answer = handler(asked, None)
    assert json.loads(answer["body"])["error"]["code"] == code
    assert answer["cookies"] == reached == []


@pytest.mark.parametrize(
    "code", ["sign_in_failed", "session_ended", "wrong_origin", "not_json", "bad_request", "internal"]
)
def test_no_refusal_looks_like_a_missing_file(code: str) -> None:
    """The distribution answers 404 with the page, and keeps 403 for its firewall."""
    assert CATALOGUE[code].status not in (403, 404)


def test_entry_signs_nobody_in_who_has_no_cookie(parley: Parley) -> None:
    """As deployed: without a call of AWS, and with an answer for each of its routes."""
    answer = parley.invoke("web_sessions", event())
    assert json.loads(answer["body"])["error"]["code"] == "session_ended"
    answer = parley.invoke("web_sessions", {**event(), "routeKey": "POST /auth/logout"})
    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    answer = parley.invoke("web_sessions", {**event(), "routeKey": "POST /auth/token"})
    assert json.loads(answer["body"])["error"]["code"] == "bad_request"
    assert parley.aws.calls == []


def test_sessions_table_moves_on_once_from_each_generation(parley: Parley) -> None:
    """Two environments that renew one cookie agree on the next; what is removed does not come back."""
    assert parley.aws.calls == []
    table = SessionsTable(aws_clients.dynamodb(), "sessions")
    session = WebSession("s" * 22, "ada", "refresh-1", 0, START + 0.5, int(START) + LIFETIME)
    table.add(session)
    assert table.get(session.id) == session
    assert [table.renew(session.id, 0, START + 1.25) for _ in range(2)] == [True, False]
    assert table.get(session.id) == session._replace(generation=1, renewed_at=START + 1.25)
    table.remove(session.id)
    table.remove(session.id)
    assert table.get(session.id) is None
    assert not table.renew(session.id, 1, START)
    assert table.get(session.id) is None
