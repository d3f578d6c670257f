"""Replacing a secret: nobody notices, the former one ends with the next time, steps may be repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import rotation as events
from chat.errors import ChatError
from chat.service.cookie_keys import CookieKeys
from chat.service.keyring import ANNOUNCEMENT, READ_AGAIN, Keyring, NoVersionError
from chat.service.link_keys import FirstLinkKey, LinkKeys, parse
from chat.service.rotation import Rotation, RotationError
from chat.service.web_sessions import LIFETIME
from tests.handlers.support.fakes.clock import FakeClock
from tests.handlers.support.fakes.keys import FakeKeyPairs, FakeRotatedSecrets, FakeTrustedKeys, link_key_text

if TYPE_CHECKING:
    from chat.ports.keys import RotationStep

NAME = "secret"
STEPS: tuple[RotationStep, ...] = ("createSecret", "setSecret", "testSecret", "finishSecret")
LEAST_DAYS = 60
"""Between two replacements, as stack/root.yaml allows them."""
MINUTE, DAY = 60.0, 24 * 60 * 60.0


class Links:
    """The keys of links, with the first one made."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.trusted = FakeTrustedKeys()
        self.secrets = FakeRotatedSecrets(self.clock)
        self.keys = LinkKeys(FakeKeyPairs(), self.trusted)
        self.rotation = Rotation(self.secrets, self.keys)
        self.first = FirstLinkKey(self.keys, self.trusted, self.secrets, NAME)
        self.first.create()

    def rotate(self, version_id: str) -> None:
        """Replace the key."""
        for step in STEPS:
            self.rotation.carry_out(step, NAME, version_id)

    def key_id(self, stage: str) -> str:
        """The key of the version with a label."""
        return parse(self.secrets.versions[stage].text).key_id


def test_replacement_leaves_the_former_key_good_and_ends_the_one_before() -> None:
    """In CloudFront as in the secret."""
    links = Links()
    assert set(links.trusted.ids()) == {"key-1"}
    links.rotate("a")
    assert (links.key_id("AWSCURRENT"), links.key_id("AWSPREVIOUS")) == ("key-2", "key-1")
    assert set(links.trusted.ids()) == {"key-1", "key-2"}
    links.rotate("b")
    assert (links.key_id("AWSCURRENT"), links.key_id("AWSPREVIOUS")) == ("key-3", "key-2")
    assert set(links.trusted.ids()) == {"key-2", "key-3"}


def test_key_is_trusted_before_it_is_written() -> None:
    """So whoever reads it may sign by it, whenever the steps after it come."""
    links = Links()
    links.rotation.carry_out("createSecret", NAME, "a")
    assert links.key_id("AWSPENDING") in links.trusted.ids()
    assert links.key_id("AWSCURRENT") == "key-1"


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_steps_that_are_repeated_in_any_order_end_in_one_new_key(repeated: list[RotationStep]) -> None:
    """Lambda and Secrets Manager may ask again for any step, whatever came after it."""
    links = Links()
    for step in repeated:
        if step != "finishSecret" or "AWSPENDING" in links.secrets.versions:
            links.rotation.carry_out(step, NAME, "a")
    links.rotate("a")
    assert (links.key_id("AWSCURRENT"), links.key_id("AWSPREVIOUS")) == ("key-2", "key-1")
    assert set(links.trusted.ids()) == {"key-1", "key-2"}


def test_attempts_that_failed_leave_no_key_behind() -> None:
    """CloudFront takes five in a group, and an account has few."""
    links = Links()
    for attempt in range(8):
        links.rotation.carry_out("createSecret", NAME, f"failed-{attempt}")
    links.rotate("a")
    assert set(links.trusted.ids()) == {"key-1", links.key_id("AWSCURRENT")}


def test_key_that_is_not_trusted_is_not_finished() -> None:
    """Somebody has taken it out of the group meanwhile."""
    links = Links()
    links.rotation.carry_out("createSecret", NAME, "a")
    links.trusted.keep(["key-1"])
    with pytest.raises(RotationError, match="does not trust the key key-2"):
        links.rotation.carry_out("testSecret", NAME, "a")


def test_version_that_was_never_made_is_not_finished() -> None:
    """Nothing would sign any more."""
    links = Links()
    with pytest.raises(RotationError, match="no pending version a"):
        links.rotation.carry_out("finishSecret", NAME, "a")
    assert links.key_id("AWSCURRENT") == "key-1"


def test_test_before_anything_is_pending_is_of_what_is_current() -> None:
    """As when a schedule is set; where nothing is current it fails."""
    links = Links()
    links.rotation.carry_out("testSecret", NAME, "a")
    links.secrets.versions.clear()
    with pytest.raises(RotationError, match="no version"):
        links.rotation.carry_out("testSecret", NAME, "a")


def test_first_key_is_made_once_and_again_where_cloudfront_lost_it() -> None:
    """CloudFormation may ask again; links by a key that is trusted stay good."""
    links = Links()
    assert links.first.create() == "group"
    assert set(links.trusted.ids()) == {"key-1"}
    links.trusted.trusted.clear()
    links.first.create()
    assert links.key_id("AWSCURRENT") == "key-2"
    links.first.delete("another group")
    assert links.trusted.ids()
    links.first.delete("group")
    assert not links.trusted.ids()


def test_cookie_key_is_long_or_refused() -> None:
    """32 bytes, each time others."""
    keys = CookieKeys()
    made = {keys.make() for _ in range(8)}
    assert len(made) == 8
    for text in made:
        keys.test(text)
    with pytest.raises(RotationError, match="too short"):
        keys.test("x" * 42)
    keys.keep(made)


def test_new_version_signs_when_everybody_has_read_it() -> None:
    """It is accepted from the start; the former one signs for a while, and is accepted till the next time."""
    clock = FakeClock()
    secrets = FakeRotatedSecrets(clock, "old")
    rotation = Rotation(secrets, CookieKeys())
    early = Keyring(secrets, NAME, clock)
    assert (early.signing(), set(early.accepted())) == ("old", {"old"})
    rotation.carry_out("createSecret", NAME, "a")
    pending = secrets.versions["AWSPENDING"].text
    assert set(Keyring(secrets, NAME, clock).accepted()) == {"old", pending}
    rotation.carry_out("finishSecret", NAME, "a")
    assert Keyring(secrets, NAME, clock).signing() == "old"
    clock.time += READ_AGAIN
    assert set(early.accepted()) == {"old", pending}
    clock.time += ANNOUNCEMENT - READ_AGAIN
    assert early.signing() == pending
    assert "old" in early.accepted()


def test_version_is_read_once_in_five_minutes() -> None:
    """A call to Secrets Manager costs, and takes time."""
    clock = FakeClock()
    secrets = FakeRotatedSecrets(clock, "old")
    keyring = Keyring(secrets, NAME, clock)
    for _ in range(3):
        keyring.signing()
        clock.time += READ_AGAIN / 3 - 1
    assert secrets.reads == 1


def test_secret_without_a_version_says_what_to_do() -> None:
    """Rather than sign by nothing."""
    clock = FakeClock()
    with pytest.raises(NoVersionError, match="deploy the stack"):
        Keyring(FakeRotatedSecrets(clock), NAME, clock).signing()


@settings(max_examples=250)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["rotate", "stop halfway", "sign", "verify", "verify"]),
            st.integers(0, 1),
            st.sampled_from([1.0, MINUTE, READ_AGAIN, ANNOUNCEMENT, 29 * DAY]),
        ),
        max_size=30,
    )
)
def test_nobody_is_refused_by_a_replacement(happened: list[tuple[str, int, float]]) -> None:
    """Whichever of two environments signs, and whichever verifies, for as long as a session lasts.

    Replacements are at least as far apart as the parameter allows, and may stop halfway for a month.
    """
    clock = FakeClock()
    secrets = FakeRotatedSecrets(clock, "first")
    rotation = Rotation(secrets, CookieKeys())
    environments = [Keyring(secrets, NAME, clock) for _ in range(2)]
    signed: list[tuple[str, float]] = []
    finished_at, version = clock.time - LEAST_DAYS * DAY, 0
    for what, number, wait in happened:
        keyring = environments[number]
        if what in {"rotate", "stop halfway"} and clock.time >= finished_at + LEAST_DAYS * DAY:
            rotation.carry_out("createSecret", NAME, str(version))
            if what == "rotate":
                rotation.carry_out("finishSecret", NAME, str(version))
                finished_at, version = clock.time, version + 1
        elif what == "sign":
            signed.append((keyring.signing(), clock.time))
        elif what == "verify":
            good = {text for text, when in signed if clock.time < when + LIFETIME}
            assert good <= set(keyring.accepted())
        clock.time += wait


def test_event_of_secrets_manager_is_carried_out_or_raised() -> None:
    """What is raised is tried again."""
    seen: list[tuple[str, str, str]] = []
    event = {"Step": "testSecret", "SecretId": "arn", "ClientRequestToken": "a", "RotationToken": "r"}
    events.handler(lambda *step: seen.append(step))(event, None)
    assert seen == [("testSecret", "arn", "a")]

    def fail(_step: str, _name: str, _version: str) -> None:
        raise RotationError("no")

    with pytest.raises(ChatError):
        events.handler(fail)(event, None)


def test_text_of_a_link_key_is_read_as_it_is_written() -> None:
    """By the function that makes it and the one that signs."""
    assert parse(link_key_text("pem", "K1")) == ("K1", "pem")
