"""Sessions: a user signs out everywhere, and what was signed in before opens nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.domain import CONNECTION_LIFETIME, CONNECTION_MARGIN
from chat.errors import ChatError
from chat.service.parallel import each

if TYPE_CHECKING:
    from chat.domain import Identity
    from chat.ports.accounts import Accounts
    from chat.ports.clock import Clock
    from chat.ports.connections import Connections, Push
    from chat.ports.users import Users


class Sessions:
    """Tells the tokens that are still good from those that were issued before their user signed out."""

    def __init__(self, users: Users) -> None:
        """Read in `users` when each signed out."""
        self._users = users

    def require(self, identity: Identity) -> None:
        """Let in whose token was issued since they last signed out everywhere.

        Raises:
            ChatError: `signed_out`. Times are whole seconds, so a token of that very second is refused too.
        """
        if identity.issued_at <= self._users.signed_out_at(identity.user_id):
            raise ChatError("signed_out")


class SignOut:
    """Ends all sessions of a user, on every device."""

    def __init__(
        self, users: Users, accounts: Accounts, connections: Connections, push: Push, clock: Clock
    ) -> None:
        """End sessions in `accounts` and open `connections`."""
        self._users = users
        self._accounts = accounts
        self._connections = connections
        self._push = push
        self._clock = clock

    def __call__(self, identity: Identity) -> None:
        """Sign the user out everywhere. Repeating it is harmless, and mends what a fault left undone.

        First no ticket is given any more, then no connection opens with one that was, then those that are
        open are closed: so none slips through between two of the steps.
        """
        now = int(self._clock.now())
        self._users.sign_out(identity.user_id, now)
        self._accounts.sign_out(identity.username)
        keep_until = now + CONNECTION_LIFETIME + CONNECTION_MARGIN
        connections = self._connections.sign_out(identity.user_id, now, keep_until)
        each(self._push.close, connections)
        if connections:
            self._connections.remove(identity.user_id, [connection.id for connection in connections])
