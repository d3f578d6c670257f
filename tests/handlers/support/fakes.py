"""The ports in memory: tables that honour their conditions, a clock that is set, a push that keeps frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, convert, structs, to_builtins

from chat.changes import (
    Admitted,
    ChangePage,
    Dismissed,
    MessageVersion,
    Ranked,
    RosterVersion,
    version_of,
)
from chat.domain import CHANNEL, Change, Channel, Connection, Identity, Member, Message, Page, User
from chat.ports import (
    BlockPage,
    BlocksAmong,
    ChatPage,
    Entered,
    ExportState,
    Found,
    MemberPage,
    PostFailedError,
    Standing,
    Watermarks,
)
from chat.roster import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import IO

    from chat.changes import Effect
    from chat.roster import Roster

START = 1_800_000_000.0
"""The time at which fake clocks start, in seconds since the epoch."""


class FakeClock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> float:
        """The time set."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on by so much, and remember it."""
        self.slept.append(seconds)
        self.time += seconds


class FakeMessages:
    """The logs of all chats, and how many requests were made of each kind."""

    def __init__(self) -> None:
        self.logs: dict[str, dict[int, Message]] = {}
        self.puts = 0
        self.gets = 0
        self.queries = 0

    def write(self, chat_id: str, sender_id: str, *texts: str) -> list[Message]:
        """Write messages behind the service's back."""
        log = self.logs.setdefault(chat_id, {})
        written = []
        for text in texts:
            seq = len(log) + 1
            log[seq] = Message(f"id-{sender_id}-{seq}", seq, sender_id, "2027-01-15T08:00:00.000Z", text)
            written.append(log[seq])
        return written

    def put(self, chat_id: str, message: Message) -> bool:
        """Write unless the number is taken."""
        self.puts += 1
        return self.logs.setdefault(chat_id, {}).setdefault(message.seq, message) is message

    def get(self, chat_id: str, seq: int) -> Message | None:
        """One."""
        self.gets += 1
        return self.logs.get(chat_id, {}).get(seq)

    def after(self, chat_id: str, seq: int, limit: int) -> Page:
        """Ascending from just above `seq`."""
        self.queries += 1
        log = self.logs.get(chat_id, {})
        numbers = sorted(number for number in log if number > seq)
        return Page([log[number] for number in numbers[:limit]], len(numbers) > limit)

    def before(self, chat_id: str, seq: int, limit: int) -> Page:
        """The nearest below `seq`, ascending."""
        self.queries += 1
        log = self.logs.get(chat_id, {})
        numbers = sorted(number for number in log if number < seq)
        return Page([log[number] for number in numbers[-limit:]], len(numbers) > limit)


class FakeChanges:
    """The logs of changes, beside the logs of messages on which they have their effects."""

    def __init__(self, messages: FakeMessages, chats: FakeChats | None = None) -> None:
        self._messages = messages
        self._chats = chats or FakeChats(messages)
        self.logs: dict[str, list[Change]] = {}
        """Each chat's changes as they were written."""
        self.puts = 0

    def tail(self, chat_id: str) -> int:
        """How many there are."""
        return len(self.logs.get(chat_id, ()))

    def put(self, chat_id: str, change: Change, effects: Sequence[Effect]) -> bool:
        """All or nothing."""
        self.puts += 1
        log = self.logs.setdefault(chat_id, [])
        messages = self._messages.logs.get(chat_id, {})
        versions = [effect for effect in effects if isinstance(effect, MessageVersion)]
        for version in versions:
            current = messages.get(version.was.seq)
            if current is None or version_of(current) != version_of(version.was):
                return False
        if change.number != len(log) + 1:
            return False
        if not all(self._chats.take(e) for e in effects if not isinstance(e, MessageVersion)):
            return False
        log.append(change)
        messages.update({version.message.seq: version.message for version in versions})
        return True

    def after(self, chat_id: str, number: int, limit: int) -> ChangePage:
        """With the messages as they are now."""
        log = self.logs.get(chat_id, [])
        page = [self._now(chat_id, change) for change in log[number : number + limit]]
        return ChangePage(page, has_more=len(log) > number + limit)

    def _now(self, chat_id: str, change: Change) -> Change:
        if change.message is UNSET:
            return change
        message = self._messages.logs.get(chat_id, {}).get(change.message.seq, UNSET)
        return structs.replace(change, message=message)


class FakeChats:
    """Chats and members, beside the logs that `look_up` also asks."""

    def __init__(self, messages: FakeMessages) -> None:
        self._messages = messages
        self.members: dict[str, list[str]] = {}
        self.rosters: dict[str, Roster] = {}
        """Of the groups and channels."""
        self.muted: dict[tuple[str, str], str | None] = {}
        self.marks: dict[tuple[str, str], Watermarks] = {}
        """How far members have got, by chat and user."""
        self.blocked: set[str] = set()
        """Direct chats in which one has blocked the other."""
        self.reads = 0

    def look_up(self, chat_id: str, user_ids: Sequence[str], seq: int) -> Found:
        """Both answers at once."""
        self.reads += 1
        members = [user_id for user_id in user_ids if user_id in self.members.get(chat_id, ())]
        has_message = seq == 0 or seq in self._messages.logs.get(chat_id, {})
        return Found(members, has_message, blocked=bool(user_ids) and chat_id in self.blocked)

    def enter(self, chat_id: str, user_id: str, seq: int) -> Entered | None:
        """All answers at once."""
        self.reads += 1
        if chat_id not in self.rosters or user_id not in self.members[chat_id]:
            return None
        has_message = seq == 0 or seq in self._messages.logs.get(chat_id, {})
        return Entered(self.rosters[chat_id], self._standing(chat_id, user_id), has_message)

    def standing(self, chat_id: str, user_id: str) -> Standing | None:
        """One of the user's."""
        return self.standings(user_id, [chat_id]).get(chat_id)

    def standings(self, user_id: str, chat_ids: Collection[str]) -> Mapping[str, Standing]:
        """Those of the user's among these."""
        self.reads += 1
        mine = [chat_id for chat_id in chat_ids if user_id in self.members.get(chat_id, ())]
        return {chat_id: self._standing(chat_id, user_id) for chat_id in mine}

    def names(self, chat_ids: Collection[str]) -> Mapping[str, str]:
        """As their rosters have them."""
        return {chat_id: self.rosters[chat_id].name for chat_id in chat_ids}

    def list_members(self, chat_id: str) -> Sequence[Member]:
        """By id."""
        users = sorted(self.members[chat_id])
        return [Member(user_id, self._standing(chat_id, user_id).role) for user_id in users]

    def create(self, roster: Roster) -> Roster:
        """Create unless it exists."""
        if roster.chat_id not in self.rosters:
            self.rosters[roster.chat_id] = roster
            self.members[roster.chat_id] = list(roster.places)
        return self.rosters[roster.chat_id]

    def mute(self, chat_id: str, user_id: str, until: str | None) -> bool:
        """For a member."""
        if user_id not in self.members.get(chat_id, ()):
            return False
        self.muted[chat_id, user_id] = until
        return True

    def take(self, effect: Admitted | Dismissed | Ranked | RosterVersion) -> bool:
        """Have the effect of a change; False where its condition does not hold."""
        match effect:
            case RosterVersion(roster):
                self.rosters[roster.chat_id] = roster
            case Admitted():
                self.members[effect.chat_id].append(effect.user_id)
            case Dismissed():
                self.members[effect.chat_id].remove(effect.user_id)
            case Ranked():
                return effect.user_id in self.members[effect.chat_id]
        return True

    def _standing(self, chat_id: str, user_id: str) -> Standing:
        """Who is in no roster is a direct chat's member, or one who joined a channel."""
        places = self.rosters[chat_id].places if chat_id in self.rosters else {}
        place = places.get(user_id, Place("member", 0, 0))
        marks = self.marks.get((chat_id, user_id), Watermarks(0, 0, place.visible_after))
        return Standing(chat_id, place.role, marks, self.muted.get((chat_id, user_id)))

    def create_direct(self, chat_id: str, user_ids: Sequence[str], created_at: str) -> bool:
        """Create unless it exists."""
        assert created_at
        created = chat_id not in self.members
        self.members.setdefault(chat_id, list(user_ids))
        return created

    def of_user(self, user_id: str, after: str | None, limit: int) -> ChatPage:
        """By chat id."""
        mine = sorted(c for c, members in self.members.items() if user_id in members and c > (after or ""))
        standings = [self._standing(chat_id, user_id) for chat_id in mine[:limit]]
        return ChatPage(standings, mine[limit - 1] if len(mine) > limit else None)


class FakeChannels:
    """What anyone may do with the channels of `FakeChats`."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats

    def search(self, prefix: str, limit: int) -> tuple[Sequence[Channel], bool]:
        """By lower-cased name."""
        channels = [roster for roster in self._chats.rosters.values() if roster.kind == CHANNEL]
        found = sorted((r.name, r.chat_id) for r in channels if r.name.lower().startswith(prefix.lower()))
        return [Channel(chat_id, name) for name, chat_id in found[:limit]], len(found) > limit

    def join(self, chat_id: str, user_id: str, at: str) -> bool:
        """Unless there is no such channel."""
        assert at
        if chat_id not in self._chats.rosters:
            return False
        if user_id not in self._chats.members[chat_id]:
            self._chats.members[chat_id].append(user_id)
        return True

    def leave(self, chat_id: str, user_id: str) -> bool:
        """Unless the roster has them."""
        if user_id not in self._chats.members.get(chat_id, ()):
            return False
        if user_id in self._chats.rosters[chat_id].places:
            return False
        self._chats.members[chat_id].remove(user_id)
        return True

    def oldest_member(self, chat_id: str, but: str) -> str | None:
        """Members stand in the order in which they joined."""
        return next((user_id for user_id in self._chats.members[chat_id] if user_id != but), None)


class FakeConnections:
    """Who is connected; `fault`, when set, is raised instead."""

    def __init__(self, *connections: Connection) -> None:
        self.connections = list(connections)
        self.signed_out: dict[str, int] = {}
        self.fault: Exception | None = None
        self.reads = 0

    def add(self, connection: Connection, keep_until: int) -> Sequence[Connection] | None:
        """Register."""
        assert keep_until >= connection.expires_at
        if self.signed_out.get(connection.user_id, -1) >= connection.token_issued_at:
            return None
        self.connections.append(connection)
        return [other for other in self.connections if other.user_id == connection.user_id]

    def sign_out(self, user_id: str, at: int, keep_until: int) -> Sequence[Connection]:
        """Take no connection of an older token."""
        assert keep_until > at
        self.signed_out[user_id] = at
        return [connection for connection in self.connections if connection.user_id == user_id]

    def remove(self, user_id: str, connection_ids: Sequence[str]) -> Sequence[Connection]:
        """Forget."""
        self._fail()
        had = [connection for connection in self.connections if connection.user_id == user_id]
        self.connections = [c for c in self.connections if c.user_id != user_id or c.id not in connection_ids]
        return had

    def of_users(self, user_ids: Sequence[str]) -> Sequence[Connection]:
        """Everyone's."""
        self.reads += 1
        self._fail()
        return [connection for connection in self.connections if connection.user_id in user_ids]

    def ids(self) -> list[str]:
        """The ids of all connections."""
        return [connection.id for connection in self.connections]

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


class FakePush:
    """Keeps the frames of every connection; those in `gone` are gone, those in `failing` are not reached."""

    def __init__(self, *gone: str) -> None:
        self.gone = set(gone)
        self.failing: set[str] = set()
        self.frames: dict[str, list[bytes]] = {}
        self.closed: list[str] = []
        self.attempts = 0

    def post(self, connection: Connection, frame: bytes) -> bool:
        """Keep the frame."""
        self.attempts += 1
        if connection.id in self.failing:
            raise PostFailedError
        if connection.id in self.gone:
            return False
        self.frames.setdefault(connection.id, []).append(frame)
        return True

    def close(self, connection: Connection) -> None:
        """Remember that it was closed."""
        self.closed.append(connection.id)


class FakeQueue:
    """Keeps what is sent, with its delay; `fault`, when set, is raised instead."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.delays: list[int] = []
        self.fault: Exception | None = None

    def send(self, message: bytes, delay_seconds: int = 0) -> None:
        """Keep the message."""
        if self.fault is not None:
            raise self.fault
        self.messages.append(message)
        self.delays.append(delay_seconds)


class FakeMembers:
    """The members of one chat, whichever is asked about."""

    def __init__(self, *user_ids: str) -> None:
        self.user_ids = sorted(user_ids)
        self.set_standings: dict[str, Standing] = {}

    def page(self, chat_id: str, after: str | None, limit: int) -> MemberPage:
        """By user id."""
        assert chat_id
        follow = [user_id for user_id in self.user_ids if user_id > (after or "")]
        return MemberPage(follow[:limit], follow[limit - 1] if len(follow) > limit else None)

    def standings(self, chat_id: str, user_ids: Sequence[str]) -> Mapping[str, Standing]:
        """As set, else as of who has just been added."""
        fresh = Standing(chat_id, "member", Watermarks(0, 0, 0), None)
        return {u: self.set_standings.get(u, fresh) for u in user_ids if u in self.user_ids}


class FakeUsers:
    """Profiles."""

    def __init__(self, *users: User) -> None:
        self.users = {user.user_id: user for user in users}
        self.signed_out: dict[str, int] = {}
        self.writes = 0

    def add(self, user: User, created_at: str) -> None:
        """Write unless there is one."""
        assert created_at
        self.writes += 1
        self.users.setdefault(user.user_id, user)

    def get(self, user_id: str) -> User | None:
        """One."""
        return self.users.get(user_id)

    def get_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """Several."""
        return {user_id: self.users[user_id] for user_id in user_ids if user_id in self.users}

    def update(self, user_id: str, changes: Mapping[str, str]) -> User | None:
        """Set fields."""
        if user_id not in self.users:
            return None
        self.users[user_id] = convert({**to_builtins(self.users[user_id]), **changes}, User)
        return self.users[user_id]

    def delete(self, user_id: str, at: str) -> None:
        """Remove."""
        assert at
        self.users.pop(user_id, None)

    def sign_out(self, user_id: str, at: int) -> None:
        """Note it."""
        self.signed_out[user_id] = at

    def signed_out_at(self, user_id: str) -> int:
        """When."""
        return self.signed_out.get(user_id, 0)

    def search(self, prefix: str, limit: int) -> tuple[Sequence[User], bool]:
        """By lower-cased name."""
        found = [user for user in self.users.values() if user.username.lower().startswith(prefix.lower())]
        return found[:limit], len(found) > limit


class FakeAccounts:
    """What was done to whose sessions, in order."""

    def __init__(self) -> None:
        self.signed_out: list[str] = []
        self.deleted: list[str] = []
        self.fault: Exception | None = None

    def sign_out(self, username: str) -> None:
        """Keep the name."""
        if self.fault:
            raise self.fault
        self.signed_out.append(username)

    def delete(self, user_id: str) -> None:
        """Keep the id."""
        self.deleted.append(user_id)


class FakeFormerChats:
    """Lists of chats, and the ends of direct ones."""

    def __init__(self, chats: FakeChats) -> None:
        self._chats = chats
        self.lists: dict[str, set[str]] = {}

    def add(self, user_id: str, chat_id: str) -> None:
        """Add."""
        self.lists.setdefault(user_id, set()).add(chat_id)

    def of_user(self, user_id: str, after: str | None, limit: int) -> Sequence[str]:
        """By id."""
        return sorted(c for c in self.lists.get(user_id, ()) if c > (after or ""))[:limit]

    def remove(self, user_id: str, chat_id: str) -> None:
        """Strike off."""
        left = self.lists.get(user_id, set()) - {chat_id}
        self.lists = {user: chats for user, chats in {**self.lists, user_id: left}.items() if chats}

    def leave_direct(self, user_id: str, chat_id: str) -> None:
        """Leave."""
        members = self._chats.members[chat_id]
        self._chats.members[chat_id] = [member for member in members if member != user_id]


class FakeRetention:
    """All chats of the logs in one shard, and their purge."""

    def __init__(self, messages: FakeMessages) -> None:
        self._messages = messages

    def chats(self, shard: str, after: str | None, limit: int) -> Sequence[str]:
        """By id."""
        assert shard
        return sorted(c for c in self._messages.logs if c > (after or ""))[:limit]

    def purge(self, chat_id: str, seqs: Sequence[int]) -> None:
        """Remove."""
        for seq in seqs:
            self._messages.logs[chat_id].pop(seq, None)


class FakeArchives:
    """Archives by user."""

    def __init__(self) -> None:
        self.archives: dict[str, bytes] = {}

    def put(self, user_id: str, archive: IO[bytes]) -> None:
        """Keep."""
        self.archives[user_id] = archive.read()

    def remove(self, user_id: str) -> None:
        """Remove."""
        self.archives.pop(user_id, None)

    def link(self, user_id: str, seconds: int) -> str:
        """Name it."""
        return f"https://archives.test/{user_id}?for={seconds}"


class FakeExports:
    """States by user."""

    def __init__(self) -> None:
        self.states: dict[str, ExportState] = {}

    def request(self, user_id: str, requested_at: str) -> None:
        """Not ready."""
        self.states[user_id] = ExportState(requested_at, is_ready=False)

    def finish(self, user_id: str, requested_at: str) -> None:
        """Ready, if it is the one."""
        if self.states[user_id].requested_at == requested_at:
            self.states[user_id] = ExportState(requested_at, is_ready=True)

    def get(self, user_id: str) -> ExportState | None:
        """One."""
        return self.states.get(user_id)


class FakeBlocks:
    """Who has blocked whom, as pairs."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = set(pairs)

    def add(self, user_id: str, other_id: str, at: str) -> None:
        """Block."""
        assert at
        self.pairs.add((user_id, other_id))

    def remove(self, user_id: str, other_id: str) -> None:
        """Unblock."""
        self.pairs.discard((user_id, other_id))

    def of_user(self, user_id: str, after: str | None, limit: int) -> BlockPage:
        """By id."""
        mine = sorted(other for user, other in self.pairs if user == user_id and other > (after or ""))
        return BlockPage(mine[:limit], mine[limit - 1] if len(mine) > limit else None)

    def among(self, user_id: str, other_ids: Sequence[str]) -> BlocksAmong:
        """Both ways."""
        return BlocksAmong(
            {other for other in other_ids if (user_id, other) in self.pairs},
            {other for other in other_ids if (other, user_id) in self.pairs},
        )


class FakeTickets:
    """Tickets by digest, and which connection has spent each."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Identity, int]] = {}
        self.spent: dict[str, str] = {}

    def add(self, digest: str, identity: Identity, expires_at: int) -> None:
        """Keep."""
        self.rows[digest] = identity, expires_at

    def spend(self, digest: str, connection_id: str) -> tuple[Identity, int] | None:
        """The first connection that asks has it."""
        if digest not in self.rows or self.spent.setdefault(digest, connection_id) != connection_id:
            return None
        return self.rows[digest]


def connection(
    user_id: str, id_: str, expires_at: float = START + 3_600, *, connected_at: float = START - 3_600
) -> Connection:
    """Make a connection that has been open for an hour."""
    return Connection(
        user_id, id_, "http://gateway.test/v1", "us-east-1", int(connected_at * 1_000), int(expires_at)
    )


class FakeBuckets:
    """Theoretical arrival times, as GCRA defines them, and how many takes there were."""

    def __init__(self) -> None:
        self.arrivals: dict[str, int] = {}
        self.writes = 0

    def take(self, bucket: str, amount: int, now: int, capacity: int) -> int | None:
        """Take, if there is as much."""
        self.writes += 1
        arrival = max(self.arrivals.get(bucket, 0), now)
        if arrival + amount > now + capacity:
            return arrival
        self.arrivals[bucket] = arrival + amount
        return None
