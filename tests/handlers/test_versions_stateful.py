"""Messages under any sequence of edits, deletions and reactions by any member, against a plain model."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - Hypothesis resolves annotations at run time
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import UNSET

from chat.changes import version_of
from chat.domain import Message, Role
from chat.errors import ChatError
from chat.versions import deleted, edited, reacted

USERS = st.sampled_from("abc")
EMOJI = st.sampled_from(["👍", "🎉", None])
ROLES = st.sampled_from(["owner", "admin", "member"])
SENDER = "a"


@dataclass
class Model:
    """What a reader expects of the message."""

    text: str = "1"
    is_deleted: bool = False
    reactions: dict[str, str] = field(default_factory=dict)
    changes: int = 0


def outcome(act: Callable[[], Message | None]) -> Message | str | None:
    """The next version, or the code by which it was refused."""
    try:
        return act()
    except ChatError as refused:
        return refused.code


class VersionsMachine(RuleBasedStateMachine):
    """One message of user a."""

    def __init__(self) -> None:
        super().__init__()
        self.message = Message("id", 1, SENDER, "t", "1", reply_to=1, mentions=["b"])
        self.model = Model()

    @rule(user_id=USERS, text=st.sampled_from(["1", "2", "3"]))
    def edit(self, user_id: str, text: str) -> None:
        """Its sender's alone, while it is not deleted."""
        after = outcome(lambda: edited(self.message, user_id, text, self.model.changes + 1, "t2"))
        if user_id != SENDER:
            assert after == "not_permitted"
        elif self.model.is_deleted:
            assert after == "message_deleted"
        else:
            self.take(after, changed=text != self.model.text)
            self.model.text = text

    @rule(user_id=USERS, role=ROLES)
    def delete(self, user_id: str, role: Role) -> None:
        """Its sender's, and whoever administers."""
        after = outcome(lambda: deleted(self.message, user_id, role, self.model.changes + 1, "t3"))
        if user_id != SENDER and role == "member":
            assert after == "not_permitted"
        else:
            self.take(after, changed=not self.model.is_deleted)
            self.model.text, self.model.is_deleted, self.model.reactions = "", True, {}

    @rule(user_id=USERS, emoji=EMOJI)
    def react(self, user_id: str, emoji: str | None) -> None:
        """Anyone's, while it is not deleted; taking back what is not there is nothing."""
        after = outcome(lambda: reacted(self.message, user_id, emoji or UNSET, self.model.changes + 1))
        if self.model.is_deleted and emoji:
            assert after == "message_deleted"
            return
        self.take(after, changed=self.model.reactions.get(user_id) != emoji)
        if emoji:
            self.model.reactions[user_id] = emoji
        else:
            self.model.reactions.pop(user_id, None)

    def take(self, after: Message | str | None, *, changed: bool) -> None:
        """There is another version where something changed, and only there."""
        assert isinstance(after, Message) is changed
        if isinstance(after, Message):
            self.message = after
            self.model.changes += 1

    @invariant()
    def message_is_as_expected(self) -> None:
        """And has the number of its last change."""
        message, model = self.message, self.model
        assert (message.text, message.deleted_at is not UNSET) == (model.text, model.is_deleted)
        assert message.reactions == (model.reactions or UNSET)
        assert version_of(message) == model.changes
        assert (message.id, message.seq, message.sender_id, message.sent_at) == ("id", 1, SENDER, "t")
        kept = (UNSET, UNSET) if model.is_deleted else (1, ["b"])
        assert (message.reply_to, message.mentions) == kept


TestVersions = VersionsMachine.TestCase
TestVersions.settings = settings(max_examples=50, stateful_step_count=20)
