"""Wires services, adapters and API Gateway's events together: the only place that knows them all.

Entries call it once, when their execution environment starts. Adapters, and with them AWS's SDK, are imported
inside the functions that need them: a function that reads no table starts without them.
"""

from __future__ import annotations

import os
import time
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from chat import websocket
from chat.codec import decode
from chat.protocol.client_frames import ClientFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chat.adapters.blocks import BlocksTable
    from chat.adapters.changes import ChangesTable
    from chat.adapters.channels import ChannelsTable
    from chat.adapters.chats import ChatsTable
    from chat.adapters.connections import ConnectionsTable
    from chat.adapters.exports import ArchivesBucket, ExportsTable
    from chat.adapters.former_chats import FormerChatsTable
    from chat.adapters.media import MediaBucket
    from chat.adapters.members import MembersTable
    from chat.adapters.messages import MessagesTable
    from chat.adapters.presence import LastSeenTable
    from chat.adapters.queue import SqsQueue
    from chat.adapters.receipts import ReceiptsTable
    from chat.adapters.subscriptions import SubscriptionsTable
    from chat.adapters.users import UsersTable
    from chat.custom_resource import Made
    from chat.domain import Connection
    from chat.http import Request, Response
    from chat.protocol.server_frames import Answer
    from chat.service.blocks import BlockList
    from chat.service.change_message import ChangeMessage
    from chat.service.channels import ChannelDirectory, Join
    from chat.service.chats import ChatDirectory, Mute
    from chat.service.connections import ConnectionRegistry
    from chat.service.creation import Creation
    from chat.service.delete_account import DeleteAccount, RequestDeletion
    from chat.service.deliver import Deliver
    from chat.service.export import MakeExport, RequestExport
    from chat.service.fan_out import FanOut
    from chat.service.groups import Leave, Rename
    from chat.service.history import History
    from chat.service.limits import Limiter
    from chat.service.media import Downloads, Uploads
    from chat.service.members import MemberList, RemoveMember, SetMember
    from chat.service.membership import KnownChats, Membership
    from chat.service.notify import Notifier, SendNotification
    from chat.service.post import Post
    from chat.service.presence import PresenceBoard
    from chat.service.purge import Purge, StartPurge
    from chat.service.receipts import MarkReceipts
    from chat.service.reports import FileReport
    from chat.service.rosters import RosterLog
    from chat.service.search import Search
    from chat.service.send import Send
    from chat.service.sessions import Sessions, SignOut
    from chat.service.signing_keys import SigningKeys
    from chat.service.subscriptions import SubscriptionList
    from chat.service.sync import CatchUp
    from chat.service.tell_presence import PresenceTeller
    from chat.service.tickets import TicketOffice
    from chat.service.typing import RelayTyping
    from chat.service.unread import UnreadCounts
    from chat.service.users import UserDirectory, UserSearch
    from chat.service.watched_connections import WatchedConnections

_Frame = TypeVar("_Frame", bound=ClientFrame)
_Task = TypeVar("_Task")

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


def lifecycle(work: Callable[[websocket.Caller], None]) -> websocket.Handler:
    """The handler of $connect or $disconnect."""
    return websocket.lifecycle(work, _origin())


def route(frame: type[_Frame], answer: Callable[[websocket.Caller, _Frame], Answer]) -> websocket.Handler:
    """The handler of a WebSocket route whose frames are all of one type."""
    return reading_route(lambda body: decode(body, frame), answer)


def reading_route(
    read: Callable[[str], _Frame], answer: Callable[[websocket.Caller, _Frame], Answer]
) -> websocket.Handler:
    """The handler of a WebSocket route that reads its frames in its own way."""
    return websocket.route(read, answer, _origin(), time.time, _end_connection)


def authorizer() -> websocket.Handler:
    """The authorizer of $connect."""
    return websocket.authorizer(ticket_office().spend)


def http_routes(answers: Mapping[str, Callable[[Request], Response]]) -> websocket.Handler:
    """The handler of a function's routes of the HTTP API."""
    from chat import http

    return http.routes(answers, user_directory().greet)


def queue_tasks(action: str, task: type[_Task], work: Callable[[_Task], None]) -> websocket.Handler:
    """The handler of the batches of a queue whose messages are all of one type."""
    from chat import queue

    return queue.batches(action, task, work)


def custom_resource(
    create: Callable[[Mapping[str, Any]], Made], delete: Callable[[str], None]
) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a custom resource's function."""
    from chat import custom_resource

    return custom_resource.handler(create, delete)


@cache
def send() -> Send:
    """Sends messages."""
    from chat.adapters.clock import SystemClock
    from chat.service.append import AppendLog
    from chat.service.media import Attachments
    from chat.service.references import References
    from chat.service.send import Send

    references = References(_chats(), _known_chats())
    log = AppendLog(_messages(), _known_chats(), SystemClock())
    notifies = os.environ["WEB_PUSH"] == "enabled"
    return Send(_membership(), references, Attachments(_media), log, _deliver(), notifies=notifies)


def limiter(name: str) -> Limiter:
    """Limits how often a user does what the limit is of, as the variable `<NAME>_LIMIT` has it."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.limits import LimitsTable
    from chat.service.limits import Limit, Limiter

    limit = Limit.parse(name, os.environ[f"{name.upper()}_LIMIT"])
    return Limiter(LimitsTable(dynamodb(), os.environ["LIMITS_TABLE"]), limit, SystemClock())


@cache
def fan_out() -> FanOut:
    """Posts to many, for the fan-out queue."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.members import MembersTable
    from chat.service.fan_out import FanOut

    members = MembersTable(dynamodb(), os.environ["CHATS_TABLE"])
    notifier = _notifier(members)
    return FanOut(members, _connections(), _post(), _fan_out_queue(), _presence_teller(), notifier)


@cache
def history() -> History:
    """Reads a chat page by page."""
    from chat.service.history import History

    return History(_membership(), _messages())


@cache
def catch_up() -> CatchUp:
    """Reads what is new in several chats."""
    from chat.service.sync import CatchUp

    return CatchUp(_membership(), _messages(), _changes())


@cache
def change_message() -> ChangeMessage:
    """Edits and deletes messages and reacts to them."""
    from chat.adapters.clock import SystemClock
    from chat.service.change_message import ChangeMessage
    from chat.service.changes import ChangeLog
    from chat.service.media import Attachments

    log, attachments = ChangeLog(_changes(), SystemClock()), Attachments(_media)
    return ChangeMessage(_membership(), _messages(), _changes(), log, _deliver(), SystemClock(), attachments)


@cache
def chat_directory() -> ChatDirectory:
    """Creates and lists chats."""
    from chat.adapters.clock import SystemClock
    from chat.service.chats import ChatDirectory

    return ChatDirectory(_chats(), _messages(), _changes(), _users(), _membership(), SystemClock())


@cache
def creation() -> Creation:
    """Creates groups and channels."""
    from chat.adapters.clock import SystemClock
    from chat.service.creation import Creation

    return Creation(_chats(), _users(), chat_directory(), _deliver(), SystemClock())


@cache
def rename() -> Rename:
    """Renames groups and channels."""
    from chat.service.groups import Rename

    return Rename(_rosters(), chat_directory())


@cache
def mute() -> Mute:
    """Mutes chats."""
    from chat.service.chats import Mute

    return Mute(_chats(), chat_directory(), _deliver())


@cache
def member_list() -> MemberList:
    """Lists members."""
    from chat.service.members import MemberList

    return MemberList(_membership(), _chats())


@cache
def set_member() -> SetMember:
    """Adds members and gives them roles."""
    from chat.service.members import SetMember

    return SetMember(_rosters(), _chats(), _messages(), _users(), chat_directory(), _deliver())


@cache
def remove_member() -> RemoveMember:
    """Removes members."""
    from chat.service.members import RemoveMember

    return RemoveMember(_rosters(), _membership(), _channels(), _deliver())


@cache
def leave() -> Leave:
    """Lets members leave."""
    from chat.service.groups import Leave

    return Leave(_rosters(), _membership(), _chats(), _channels(), _deliver())


@cache
def join() -> Join:
    """Lets anyone join channels."""
    from chat.adapters.clock import SystemClock
    from chat.service.channels import Join

    return Join(_channels(), chat_directory(), _deliver(), SystemClock())


@cache
def channel_directory() -> ChannelDirectory:
    """Finds channels by name."""
    from chat.service.channels import ChannelDirectory

    return ChannelDirectory(_channels())


@cache
def user_directory() -> UserDirectory:
    """Keeps profiles."""
    from chat.adapters.clock import SystemClock
    from chat.service.users import UserDirectory

    return UserDirectory(_users(), SystemClock())


@cache
def user_search() -> UserSearch:
    """Finds users by name."""
    from chat.service.users import UserSearch

    return UserSearch(_users(), _blocks())


def scheduled(action: str, work: Callable[[], None]) -> Callable[[Mapping[str, Any], object], None]:
    """The handler of a schedule."""
    from chat import schedule

    return schedule.scheduled(action, work)


@cache
def start_purge() -> StartPurge:
    """Starts the purge of old messages."""
    from chat.adapters.retention import SHARDS
    from chat.service.purge import StartPurge

    return StartPurge(_queue("PURGE_QUEUE_URL"), SHARDS, int(os.environ["RETENTION_DAYS"]))


@cache
def purge() -> Purge:
    """Purges old messages."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.retention import RetentionTable
    from chat.service.media import Attachments
    from chat.service.purge import Purge

    retention = RetentionTable(dynamodb(), os.environ["CHATS_TABLE"], os.environ["MESSAGES_TABLE"])
    days = int(os.environ["RETENTION_DAYS"])
    queue = _queue("PURGE_QUEUE_URL")
    return Purge(retention, _messages(), Attachments(_media), queue, SystemClock(), days)


@cache
def request_deletion() -> RequestDeletion:
    """Takes the wish to be deleted."""
    from chat.adapters.clock import SystemClock
    from chat.service.delete_account import RequestDeletion

    return RequestDeletion(_queue("DELETIONS_QUEUE_URL"), SystemClock())


@cache
def delete_account() -> DeleteAccount:
    """Deletes accounts."""
    from chat.adapters.accounts import UserPool
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.adapters.sdk import cognito
    from chat.service.changes import ChangeLog
    from chat.service.delete_account import DeleteAccount, EndAccount, EraseMessages
    from chat.service.media import Attachments

    clock = SystemClock()
    accounts = UserPool(cognito(), os.environ["USER_POOL_ID"])
    end = EndAccount(_users(), accounts, _archives(), _connections(), ConnectionsApi(), clock)
    erase = EraseMessages(_messages(), Attachments(_media), ChangeLog(_changes(), clock), clock)
    queue = _queue("DELETIONS_QUEUE_URL")
    return DeleteAccount(end, erase, leave(), _chats(), _former_chats(), _blocks(), queue)


@cache
def request_export() -> RequestExport:
    """Takes the wish for an archive."""
    from chat.adapters.clock import SystemClock
    from chat.service.export import RequestExport

    return RequestExport(_exports(), _archives(), _queue("EXPORTS_QUEUE_URL"), SystemClock())


@cache
def make_export() -> MakeExport:
    """Makes archives."""
    from chat.service.export import MakeExport

    return MakeExport(_users(), _chats(), _former_chats(), _messages(), _blocks(), _exports(), _archives())


@cache
def file_report() -> FileReport:
    """Takes reports."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.reports import ReportsTable
    from chat.service.reports import FileReport

    reports = ReportsTable(dynamodb(), os.environ["REPORTS_TABLE"])
    return FileReport(_membership(), _messages(), reports, SystemClock())


@cache
def sessions() -> Sessions:
    """Tells which tokens have been signed out."""
    from chat.service.sessions import Sessions

    return Sessions(_users())


@cache
def sign_out() -> SignOut:
    """Ends all sessions of a user."""
    from chat.adapters.accounts import UserPool
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.adapters.sdk import cognito
    from chat.service.sessions import SignOut

    accounts = UserPool(cognito(), os.environ["USER_POOL_ID"])
    return SignOut(_users(), accounts, _connections(), ConnectionsApi(), SystemClock())


@cache
def search() -> Search:
    """Searches messages."""
    from chat.service.search import Search

    return Search(_chats(), _messages())


@cache
def block_list() -> BlockList:
    """Keeps who has blocked whom."""
    from chat.adapters.clock import SystemClock
    from chat.service.blocks import BlockList

    return BlockList(_blocks(), _users(), SystemClock())


@cache
def mark_receipts() -> MarkReceipts:
    """Moves watermarks."""
    from chat.service.receipts import MarkReceipts

    return MarkReceipts(_membership(), _known_chats(), _messages(), _receipts(), _deliver())


@cache
def unread_counts() -> UnreadCounts:
    """Counts what is unread."""
    from chat.service.unread import UnreadCounts

    return UnreadCounts(_chats(), _messages())


@cache
def relay_typing() -> RelayTyping:
    """Tells who is writing."""
    from chat.adapters.clock import SystemClock
    from chat.service.typing import RelayTyping

    return RelayTyping(_membership(), _deliver(), SystemClock())


@cache
def presence_board() -> PresenceBoard:
    """Tells who is online."""
    from chat.adapters.clock import SystemClock
    from chat.service.presence import PresenceBoard

    return PresenceBoard(_membership(), _blocks(), _connections(), _last_seen(), SystemClock())


@cache
def uploads() -> Uploads:
    """Lets members upload files."""
    from chat.adapters.clock import SystemClock
    from chat.service.media import Uploads

    return Uploads(_membership(), _media(), SystemClock())


@cache
def downloads() -> Downloads:
    """Lets members download files."""
    from chat.adapters.clock import SystemClock
    from chat.adapters.links import CloudFrontLinks
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.service.media import Downloads

    key = partial(ParameterSecrets(ssm()).get, os.environ["SIGNING_KEY_NAME"])
    links = CloudFrontLinks(os.environ["MEDIA_URL"], os.environ["SIGNING_KEY_ID"], key)
    return Downloads(_membership(), links, SystemClock())


@cache
def signing_keys() -> SigningKeys:
    """Makes the keys that sign downloads."""
    from chat.adapters.links import RsaKeyPairs
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.service.signing_keys import SigningKeys

    return SigningKeys(RsaKeyPairs(), ParameterSecrets(ssm()))


@cache
def push_keys() -> SigningKeys:
    """Makes the keys that sign notifications."""
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.adapters.web_push import EcKeyPairs
    from chat.service.signing_keys import SigningKeys

    return SigningKeys(EcKeyPairs(), ParameterSecrets(ssm()))


@cache
def subscription_list() -> SubscriptionList:
    """Keeps the browsers that are notified."""
    from chat.push import PushServices
    from chat.service.subscriptions import SubscriptionList

    return SubscriptionList(_subscriptions(), PushServices.parse(os.environ["PUSH_SERVICES"]))


@cache
def send_notification() -> SendNotification:
    """Sends notifications, for the push queue."""
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.adapters.web_push import WebPush
    from chat.push import PushServices
    from chat.service.notify import SendNotification

    key = partial(ParameterSecrets(ssm()).get, os.environ["PUSH_KEY_NAME"])
    services = PushServices.parse(os.environ["PUSH_SERVICES"])
    return SendNotification(WebPush(services, os.environ["PUSH_CONTACT"], key), _subscriptions())


@cache
def ticket_office() -> TicketOffice:
    """Issues and spends tickets."""
    from chat.adapters.aws import dynamodb
    from chat.adapters.clock import SystemClock
    from chat.adapters.tickets import TicketsTable
    from chat.service.tickets import TicketOffice

    return TicketOffice(TicketsTable(dynamodb(), os.environ["TICKETS_TABLE"]), SystemClock())


@cache
def connection_registry() -> ConnectionRegistry:
    """Registers connections."""
    from chat.adapters.clock import SystemClock
    from chat.service.connections import ConnectionRegistry

    return ConnectionRegistry(_watched_connections(), SystemClock())


def _end_connection(connection: Connection, last_frame: bytes) -> None:
    """Posted, since a response would find the connection closed."""
    from chat.adapters.push import ConnectionsApi

    if ConnectionsApi().post(connection, last_frame):
        ConnectionsApi().close(connection)


def _origin() -> websocket.Origin:
    scheme, _, _ = os.environ.get("AWS_ENDPOINT_URL", "https://").partition("://")
    return websocket.Origin(scheme, os.environ["AWS_REGION"])


@cache
def _known_chats() -> KnownChats:
    from chat.service.membership import KnownChats

    return KnownChats()


@cache
def _membership() -> Membership:
    from chat.service.membership import Membership

    return Membership(_chats(), _known_chats())


@cache
def _chats() -> ChatsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.chats import ChatsTable

    return ChatsTable(dynamodb(), os.environ["CHATS_TABLE"], os.environ.get("MESSAGES_TABLE", ""))


@cache
def _channels() -> ChannelsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.channels import ChannelsTable

    return ChannelsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def _rosters() -> RosterLog:
    from chat.adapters.clock import SystemClock
    from chat.service.changes import ChangeLog
    from chat.service.rosters import RosterLog

    log = ChangeLog(_changes(), SystemClock())
    return RosterLog(_membership(), _chats(), log, _deliver(), SystemClock())


@cache
def _receipts() -> ReceiptsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.receipts import ReceiptsTable

    return ReceiptsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def _changes() -> ChangesTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.changes import ChangesTable

    return ChangesTable(dynamodb(), os.environ["MESSAGES_TABLE"], os.environ["CHATS_TABLE"])


@cache
def _connections() -> ConnectionsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.connections import ConnectionsTable

    return ConnectionsTable(dynamodb(), os.environ["CONNECTIONS_TABLE"])


@cache
def _watched_connections() -> WatchedConnections:
    from chat.adapters.clock import SystemClock
    from chat.service.watched_connections import WatchedConnections

    return WatchedConnections(_connections(), _fan_out_queue(), SystemClock())


@cache
def _presence_teller() -> PresenceTeller:
    from chat.adapters.clock import SystemClock
    from chat.service.tell_presence import PresenceTeller

    return PresenceTeller(
        _chats(), _blocks(), _connections(), _last_seen(), _post(), _fan_out_queue(), SystemClock()
    )


def _notifier(members: MembersTable) -> Notifier:
    from chat.adapters.clock import SystemClock
    from chat.service.notify import Notifier

    queue = _queue("PUSH_QUEUE_URL")
    return Notifier(_subscriptions(), members, _blocks(), _users(), queue, SystemClock())


@cache
def _subscriptions() -> SubscriptionsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.subscriptions import SubscriptionsTable

    return SubscriptionsTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def _last_seen() -> LastSeenTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.presence import LastSeenTable

    return LastSeenTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def _deliver() -> Deliver:
    from chat.service.deliver import Deliver

    return Deliver(_connections(), _post(), _fan_out_queue())


@cache
def _post() -> Post:
    from chat.adapters.clock import SystemClock
    from chat.adapters.push import ConnectionsApi
    from chat.service.post import Post

    return Post(_watched_connections(), ConnectionsApi(), SystemClock())


@cache
def _fan_out_queue() -> SqsQueue:
    from chat.adapters.aws import sqs
    from chat.adapters.queue import SqsQueue

    return SqsQueue(sqs(), os.environ["FAN_OUT_QUEUE_URL"])


@cache
def _media() -> MediaBucket:
    from chat.adapters.media import MediaBucket
    from chat.adapters.sdk import s3

    return MediaBucket(s3(), os.environ["MEDIA_BUCKET"])


@cache
def _messages() -> MessagesTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.messages import MessagesTable

    return MessagesTable(dynamodb(), os.environ["MESSAGES_TABLE"])


@cache
def _former_chats() -> FormerChatsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.former_chats import FormerChatsTable

    return FormerChatsTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def _exports() -> ExportsTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.exports import ExportsTable

    return ExportsTable(dynamodb(), os.environ["USERS_TABLE"])


@cache
def _archives() -> ArchivesBucket:
    from chat.adapters.exports import ArchivesBucket
    from chat.adapters.sdk import s3

    return ArchivesBucket(s3(), os.environ["EXPORTS_BUCKET"])


def _queue(variable: str) -> SqsQueue:
    from chat.adapters.aws import sqs
    from chat.adapters.queue import SqsQueue

    return SqsQueue(sqs(), os.environ[variable])


@cache
def _blocks() -> BlocksTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.blocks import BlocksTable

    return BlocksTable(dynamodb(), os.environ["CHATS_TABLE"])


@cache
def _users() -> UsersTable:
    from chat.adapters.aws import dynamodb
    from chat.adapters.users import UsersTable

    return UsersTable(dynamodb(), os.environ["USERS_TABLE"])
