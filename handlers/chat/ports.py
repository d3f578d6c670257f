"""What the services need of the world: small interfaces, served by adapters on AWS and by fakes in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import IO

    from chat.changes import ChangePage, Effect
    from chat.domain import Change, Channel, Connection, Identity, Mark, Member, Message, Page, Role, User
    from chat.push import Subscription
    from chat.roster import Roster


class Clock(Protocol):
    """Time, so that tests can hold it."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class Messages(Protocol):
    """The logs of all chats. Reads are strongly consistent."""

    def put(self, chat_id: str, message: Message) -> bool:
        """Write a message at its number unless that is taken; whether it was written."""

    def get(self, chat_id: str, seq: int) -> Message | None:
        """The message with this number."""

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that follow `seq`."""

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """Up to `limit` messages that precede `seq`, the nearest ones, in ascending order."""


class Changes(Protocol):
    """The logs of changes of all chats. Reads are strongly consistent."""

    def tail(self, chat_id: str) -> int:
        """The number of the chat's last change, 0 when there is none."""

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """Write a change and its effects at once; False when its number or a version was not as thought."""

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """Up to `limit` (at most 100) changes that follow `number`; a message that is gone is left out."""


class Found(NamedTuple):
    """What looking a chat up found."""

    members: Collection[str]
    """Those of the users asked about who are members."""
    has_message: bool
    """Whether the message asked about exists."""
    blocked: bool = False
    """Whether one of the users asked about has blocked another: told of a direct chat."""


class Standing(NamedTuple):
    """What a chat is to one of its members."""

    chat_id: str
    role: Role
    watermarks: Watermarks
    muted_until: str | None


class Entered(NamedTuple):
    """What a member of a group or channel finds there."""

    roster: Roster
    standing: Standing
    has_message: bool
    """Whether the message asked about exists."""


class ChatPage(NamedTuple):
    """One page of a user's chats."""

    standings: Sequence[Standing]
    next: str | None
    """The chat id after which the next page begins; None on the last."""

    @property
    def chat_ids(self) -> Sequence[str]:
        """Which chats they are."""
        return [standing.chat_id for standing in self.standings]


class Chats(Protocol):
    """Chats and their members. Reads are strongly consistent, but for `of_user`."""

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """In one request: which of the users are members, and whether message `seq` exists; 0 always does."""

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """In one request: a group or channel to one of its members, and whether message `seq` exists.

        None when there is no such chat or the user is not in it; message 0 always exists.
        """

    def standing(self, chat_id: str, user_id: str) -> Standing | None:
        """What the chat is to the user; None when the user is not a member."""

    def standings(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, Standing]:
        """What those of the chats (at most 100) are to the user whose member the user is, by chat id."""

    def names(self, chat_ids: Collection[str]) -> Mapping[str, str]:
        """The names of these groups and channels (at most 100), by chat id."""

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """The members of a group, in the order of their ids."""

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create a chat and its members at once; False when it exists already."""

    def create(self, roster: Roster) -> Roster:
        """Create a group or channel and its members at once, unless it exists; as it is then."""

    def mute(self, chat_id: str, user_id: str, until: str | None) -> bool:
        """Mute the chat for the user, None: no longer; False when the user is not a member."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """A page of the chats of a user, which may lack what was created a moment ago."""


class Channels(Protocol):
    """What anyone may do with channels. Reads of the directory may lack what was created a moment ago."""

    def search(self, prefix: str, limit: int) -> tuple[Sequence[Channel], bool]:
        """Up to `limit` channels whose names begin with `prefix`, in any case; whether there are more."""

    def join(self, chat_id: str, user_id: str, at: str) -> bool:
        """Make the user a member, unless the user is one; False when there is no such channel."""

    def leave(self, chat_id: str, user_id: str) -> bool:
        """End the membership of who neither owns nor administers the channel; False for everyone else."""

    def oldest_member(self, chat_id: str, but: str) -> str | None:
        """Who of the first hundred members, in the order of their ids, but one of them, joined first."""


class Watermarks(NamedTuple):
    """How far a member has got in a chat."""

    delivered_seq: int
    """Up to here the member's devices hold it; what has been read has been delivered."""
    read_seq: int
    visible_after: int
    """Up to here the chat is not shown to the member."""

    def unread(self, last_seq: int) -> int:
        """Count exactly what the member may see and has not read of a chat that goes up to `last_seq`."""
        return max(0, last_seq - max(self.read_seq, self.visible_after))


class MemberPage(NamedTuple):
    """One page of a chat's members."""

    user_ids: Sequence[str]
    next: str | None
    """The user id after which the next page begins; None on the last."""


class Members(Protocol):
    """The members of chats, however many they are."""

    def page(self, chat_id: str, after: str | None, limit: int) -> MemberPage:
        """Up to `limit` of a chat's members, whose user ids follow `after`, by these ids."""

    def standings(self, chat_id: str, user_ids: Sequence[str]) -> Mapping[str, Standing]:
        """What the chat is to those of the users (at most 100) who are members, by user id."""


class Receipts(Protocol):
    """How far members have got."""

    def advance(self, chat_id: str, user_id: str, mark: Mark, seq: int) -> tuple[Watermarks, bool] | None:
        """Move a member's mark forward to `seq`; the marks then, and whether it moved. None for others."""


class Connections(Protocol):
    """Who is connected, and where."""

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register a connection; the user's are all kept until `keep_until`, in seconds since the epoch.

        Returns:
            All connections of the user; None when the user has signed out everywhere since the token of
            this one was issued, and then it is not registered.
        """

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of a token issued up to `at`; give those that there are, which are kept."""

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget these connections of the user and no other; those not registered are passed over.

        Returns:
            All connections that the user had until now, those forgotten among them.
        """

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """All connections of the users (at most 100), in one strongly consistent read."""


class LastSeen(Protocol):
    """When users were last online, and whether others were told that they are."""

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """When those of the users (at most 100) who ever left were last online, by user id."""

    def come(self, user_id: str) -> bool:
        """Take note that a user is there; False when that was so, or the user has no profile any more."""

    def leave(self, user_id: str, at: str) -> bool:
        """Take note of when a user was last there; False when they were away, or have no profile any more."""


class Users(Protocol):
    """Users' profiles."""

    def add(self, user: User, created_at: str) -> None:
        """Write a profile unless the user has one."""

    def get(self, user_id: str) -> User | None:
        """The user's profile."""

    def get_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """The profiles of the users (at most 100) who have one, by user id."""

    def update(self, user_id: str, changes: Mapping[str, str]) -> User | None:
        """Set fields of the user's profile, by their names on the wire; None when the user has none."""

    def delete(self, user_id: str, at: str) -> None:
        """Leave of the user's profile only that there was one, so that none comes into being again."""

    def sign_out(self, user_id: str, at: int) -> None:
        """Take note that the user signed out everywhere, at a time in seconds since the epoch."""

    def signed_out_at(self, user_id: str) -> int:
        """When the user last signed out everywhere, in seconds since the epoch; 0: never."""

    def search(self, prefix: str, limit: int) -> tuple[Sequence[User], bool]:
        """Up to `limit` users whose names begin with `prefix`, in any case; whether there are more."""


class Accounts(Protocol):
    """What users sign in with."""

    def sign_out(self, username: str) -> None:
        """End every session of the user: no refresh token is good any more."""

    def delete(self, user_id: str) -> None:
        """Let the user sign in no more; one who is gone already is passed over."""


class FormerChats(Protocol):
    """The chats that users have left, where their messages still are. Reads are strongly consistent."""

    def add(self, user_id: str, chat_id: str) -> None:
        """Write down that the user has left the chat, or is about to."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats that the user has left, by their ids, from the first that follows `after`."""

    def remove(self, user_id: str, chat_id: str) -> None:
        """Strike the chat off."""

    def leave_direct(self, user_id: str, chat_id: str) -> None:
        """End the user's part in a direct chat, which nobody writes to afterwards."""


class Reported(NamedTuple):
    """A message that a member has reported, as it stood then."""

    by: str
    chat_id: str
    message: Message
    reason: str
    note: str
    at: str


class Reports(Protocol):
    """What members have reported."""

    def add(self, reported: Reported) -> bool:
        """Keep a report, unless this user has reported this message before; whether it was kept."""


class Retention(Protocol):
    """Chats to be purged, and the removal of what is too old."""

    def chats(self, shard: str, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` chats of a shard, by their ids, from the first that follows `after`."""

    def purge(self, chat_id: str, seqs: Sequence[int]) -> None:
        """Remove these messages of a chat; those that are gone already are passed over."""


class ExportState(NamedTuple):
    """The archive that a user last asked for."""

    requested_at: str
    is_ready: bool


class Exports(Protocol):
    """Which archives users have asked for. Reads are strongly consistent."""

    def request(self, user_id: str, requested_at: str) -> None:
        """Write down that the user asked for an archive."""

    def finish(self, user_id: str, requested_at: str) -> None:
        """Write down that the archive asked for at this time is there."""

    def get(self, user_id: str) -> ExportState | None:
        """What the user last asked for; None when nothing."""


class Archives(Protocol):
    """The archives, one a user, each gone after some days."""

    def put(self, user_id: str, archive: IO[bytes]) -> None:
        """Keep a user's archive, in place of an earlier one."""

    def remove(self, user_id: str) -> None:
        """Remove a user's archive, if there is one."""

    def link(self, user_id: str, seconds: int) -> str:
        """Make a link to the user's archive that works for so long."""


class BlockPage(NamedTuple):
    """One page of those whom a user has blocked."""

    user_ids: Sequence[str]
    next: str | None
    """The user id after which the next page begins; None on the last."""


class BlocksAmong(NamedTuple):
    """Which of some users a user has blocked, and which of them have blocked the user."""

    blocked: Collection[str]
    blocked_by: Collection[str]


class Blocks(Protocol):
    """Who has blocked whom. Reads are strongly consistent."""

    def add(self, user_id: str, other_id: str, at: str) -> None:
        """Let the user have blocked the other."""

    def remove(self, user_id: str, other_id: str) -> None:
        """Let the user not have blocked the other."""

    def of_user(self, user_id: str, after: str | None, limit: int) -> BlockPage:
        """A page of those whom the user has blocked, in the order of their ids."""

    def among(self, user_id: str, other_ids: Sequence[str]) -> BlocksAmong:
        """The blocks between the user and each of the others."""


class Tickets(Protocol):
    """Tickets that open a connection, known by their digests only."""

    def add(self, digest: str, identity: Identity, expires_at: int) -> None:
        """Write a ticket that is good until `expires_at`, in seconds since the epoch."""

    def spend(self, digest: str, connection_id: str) -> tuple[Identity, int] | None:
        """Spend a ticket on a connection and give what it stands for and when it expires.

        None when there is none, or another connection has spent it. Repeating it is harmless.
        """


class PostFailedError(Exception):
    """A frame could not be posted, and may be later."""


class UploadForm(NamedTuple):
    """A form that uploads one file: POST `fields` and then `file` to `url`, as multipart/form-data."""

    url: str
    fields: Mapping[str, str]


class StoredFile(NamedTuple):
    """A file as it lies in storage."""

    content_type: str
    size: int
    """Bytes."""
    version: str
    """Changes when the file is replaced."""
    owner: str
    """The message that it is kept for; empty for what has been uploaded only."""
    beginning: bytes
    """Its first bytes."""


class MediaStorage(Protocol):
    """Files, by their keys."""

    def form(self, key: str, content_type: str, size: int, seconds: int) -> UploadForm:
        """Make a form that uploads a file of exactly this type and size within so many seconds."""

    def find(self, key: str) -> StoredFile | None:
        """The file with this key."""

    def keep(self, source: str, stored: StoredFile, target: str, owner: str, disposition: str) -> bool:
        """Copy a file, as it was found, to a key that has none; False where either is no longer so."""

    def remove(self, key: str) -> None:
        """Remove the file with this key, if there is one."""


class Secrets(Protocol):
    """Texts that only functions which need them can read, by name."""

    def add(self, name: str, text: str) -> None:
        """Write a secret unless there is one with this name."""

    def get(self, name: str) -> str:
        """The secret; it is there."""

    def remove(self, name: str) -> None:
        """Forget the secret, if it is there."""


class KeyPairs(Protocol):
    """Pairs of keys by which something is signed."""

    def make(self) -> str:
        """Make a pair; its private half, as PEM."""

    def public_half(self, private: str) -> str:
        """The public half of a private half, as whoever verifies takes it."""


class MediaLinks(Protocol):
    """Links, each of which opens one file for a while to whoever has it."""

    def sign(self, key: str, expires_at: int) -> str:
        """Make the file's link, good until `expires_at`, in seconds since the epoch."""


class Push(Protocol):
    """Frames to connections from outside their own requests."""

    def post(self, connection: Connection, frame: bytes) -> bool:
        """Send a frame; False when the connection is gone. A refusal for good is logged, and counts as sent.

        Raises:
            PostFailedError: it may succeed later; logged too.
        """

    def close(self, connection: Connection) -> None:
        """Close the connection, if it is open. Faults are logged."""


class Subscriptions(Protocol):
    """The browsers that users want to be notified by."""

    def add(self, user_id: str, subscription: Subscription, limit: int) -> bool:
        """Keep a subscription of the user's, unless the user has `limit` others; whether it is kept."""

    def remove(self, user_id: str, subscription_id: str) -> None:
        """Forget the subscription, if it is there."""

    def of_users(self, user_ids: Sequence[str]) -> Mapping[str, Sequence[Subscription]]:
        """The subscriptions of those of the users (at most 100) who have any, by user id."""


class NotSentError(Exception):
    """A notification was not sent, and may be later."""


class Notifications(Protocol):
    """Notifications to browsers that may be off."""

    def send(self, subscription: Subscription, content: bytes, topic: str) -> bool:
        """Send one, in place of an earlier one of its topic that was not shown yet.

        Returns:
            False when the subscription is gone. A refusal for good is logged, and counts as sent.

        Raises:
            NotSentError: it may be sent later.
        """


class Buckets(Protocol):
    """What is left of users' limits, by GCRA: a bucket is an arrival time, and full once that is over."""

    def take(self, bucket: str, amount: int, now: int, capacity: int) -> int | None:
        """Take an amount out of a bucket that holds `capacity` when full, if there is as much in it.

        Args:
            bucket: whose, and of which limit.
            amount: how much, in microseconds of what flows in.
            now: microseconds since the epoch.
            capacity: in microseconds of what flows in.

        Returns:
            None when it was taken, else the bucket's arrival time, in microseconds since the epoch.
        """


class Queue(Protocol):
    """What is left for another function to do: each message at least once, in any order."""

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Enqueue a message, one JSON value of at most 200 KB, to be handed out after so many seconds."""
