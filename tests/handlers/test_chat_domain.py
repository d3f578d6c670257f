"""The chat's values: ids, times, and what fits into an answer."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.domain import PAGE_BYTES, TEXT_LIMIT, Message, direct_chat_id, leading, members_of, timestamp

USER_IDS = st.text("abcdefABCDEF0123456789-_", min_size=1, max_size=64)


@given(USER_IDS, USER_IDS)
def test_direct_chat_id_of_two_users_is_one_whoever_asks(one: str, other: str) -> None:
    """`a#b` and `b#a` are one chat, and its id alone tells both members."""
    chat_id = direct_chat_id(one, other)
    assert chat_id == direct_chat_id(other, one)
    assert members_of(chat_id) == (() if one == other else tuple(sorted((one, other))))


@pytest.mark.parametrize(
    "chat_id", ["", "dm:", "dm:a", "dm:b:a", "dm:a:a", "dm::a", "dm:a:b:c", "g:a:b", "DM:a:b"]
)
def test_chat_id_in_any_other_form_has_no_members(chat_id: str) -> None:
    """Only the canonical form names a direct chat."""
    assert members_of(chat_id) == ()


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_795_223_400.0, "2026-11-21T01:10:00.000Z"),
        (1_795_223_400.0625, "2026-11-21T01:10:00.062Z"),
    ],
)
def test_timestamp_is_rfc_3339_in_utc_with_milliseconds(seconds: float, written: str) -> None:
    """Times on the wire have one form."""
    assert timestamp(seconds) == written


@given(st.lists(st.integers(1, TEXT_LIMIT), max_size=100))
def test_leading_messages_fit_the_answer_and_are_never_none(lengths: list[int]) -> None:
    """A page makes progress, and is never larger than an answer may be."""
    messages = [Message("i", seq, "u", "t", "\x01" * length) for seq, length in enumerate(lengths, 1)]
    taken, left = leading(messages)
    assert taken == messages[: len(taken)]
    assert bool(taken) == bool(messages)
    size = sum(len(msgspec.json.encode(message)) + 1 for message in taken)
    assert left == PAGE_BYTES - size
    assert size <= PAGE_BYTES
