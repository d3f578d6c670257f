"""Who is writing and who is online: told to the others, shown while it holds, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_frames import Typing
from .effects import CancelTimer, Effect, Notify, StartTimer
from .events import PresenceChanged, TypingChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from .chats import Chats
    from .policy import Delays, Policy
    from .requests import Requests
    from .server_frames import ErrorFrame, PresenceFrame


class Activity:
    """Tells that this user is writing, and for how long others are to be shown as writing."""

    def __init__(
        self, emit: Callable[[Effect], None], policy: Policy, delays: Delays, chats: Chats, requests: Requests
    ) -> None:
        """Emit effects through `emit`."""
        self._emit = emit
        self._policy = policy
        self._delays = delays
        self._chats = chats
        self._requests = requests
        self._told: set[str] = set()
        """Chats in which the others know for a while that this user is writing."""

    def type(self, chat_id: str) -> None:
        """Tell the others that this user is writing, unless they know, or there is no way to tell them."""
        left = chat_id in self._chats and not self._chats.is_in(chat_id)
        if self._requests.possible and not left and chat_id not in self._told:
            self._requests.send(Typing(request_id=self._requests.next_id(), chat_id=chat_id))
            self._be_quiet(chat_id, self._policy.typing_interval)

    def failed(self, request: Typing, error: ErrorFrame) -> None:
        """Nobody was told, and nothing is lost by it; be quiet as long as the service asks for."""
        if error.retry_after_ms is not None:
            self._be_quiet(request.chat_id, self._delays.before_retry(0, error.retry_after_ms))

    def _be_quiet(self, chat_id: str, delay: float) -> None:
        self._told.add(chat_id)
        self._emit(StartTimer(timer=f"typed:{chat_id}", delay=delay))

    def may_tell_again(self, chat_id: str) -> None:
        """The time in which the others know is over."""
        self._told.discard(chat_id)

    def writing(self, chat_id: str, user_id: str) -> None:
        """A member is writing, for so long as such a word is good, or until a message of theirs comes."""
        if self._chats.is_in(chat_id):
            self._emit(StartTimer(timer=f"typing:{user_id} {chat_id}", delay=self._policy.typing_lifetime))
            writing = self._chats.get(chat_id).state.writing
            if user_id not in writing:
                writing.add(user_id)
                self._tell(chat_id)

    def wrote(self, chat_id: str, user_id: str) -> None:
        """A member has sent what they were writing."""
        if chat_id in self._chats and user_id in self._chats.get(chat_id).state.writing:
            self._emit(CancelTimer(timer=f"typing:{user_id} {chat_id}"))
            self._stopped(chat_id, user_id)

    def writing_over(self, key: str) -> None:
        """A member has not said again that they are writing."""
        user_id, _, chat_id = key.partition(" ")
        self._stopped(chat_id, user_id)

    def _stopped(self, chat_id: str, user_id: str) -> None:
        writing = self._chats.get(chat_id).state.writing
        if user_id in writing:
            writing.discard(user_id)
            self._tell(chat_id)

    def _tell(self, chat_id: str) -> None:
        user_ids = tuple(sorted(self._chats.get(chat_id).state.writing))
        self._emit(Notify(event=TypingChanged(chat_id=chat_id, user_ids=user_ids)))

    def presence(self, frame: PresenceFrame) -> None:
        """Take in who is online."""
        if self._chats.is_in(frame.chat_id):
            presence = self._chats.get(frame.chat_id).state.presence
            changed = tuple(user for user in frame.users if presence.get(user.user_id) != user)
            presence.update({user.user_id: user for user in changed})
            if changed:
                self._emit(Notify(event=PresenceChanged(chat_id=frame.chat_id, users=changed)))
