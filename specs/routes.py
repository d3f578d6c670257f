"""The routes of the HTTP API: what each takes, gives, and may refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

import msgspec

from chat import domain
from chat.protocol import (
    http_account,
    http_blocks,
    http_chats,
    http_common,
    http_media,
    http_messages,
    http_push,
    http_receipts,
    http_reports,
    http_search,
    http_sessions,
    http_tickets,
    http_users,
    http_web_sessions,
    server_frames,
)

if TYPE_CHECKING:
    from types import UnionType

Body = type[msgspec.Struct]


class Exchange(NamedTuple):
    """What a route takes and gives."""

    summary: str
    query: Body
    body: Body | UnionType | None
    answer: Body
    errors: tuple[str, ...] = ()
    """The codes that this route may answer beside those that any may."""
    statuses: tuple[int, ...] = (200,)
    when: str = ""
    """Which status comes when, where there are several."""
    on_site: bool = False
    """Whether it is asked of the web site's own origin, with a cookie in place of a token."""

    @property
    def status(self) -> str:
        """Which status says that it is done."""
        return self.when or str(self.statuses[0])

    @property
    def bodies(self) -> tuple[Body, ...]:
        """The types that the body may have: several where a union is told apart by a tag."""
        return get_args(self.body) or ((self.body,) if isinstance(self.body, type) else ())


_NONE = http_common.NoQuery
_CHANGE = ("unknown_chat", "unknown_message", "not_permitted", "message_deleted", "contention")
_MEMBERS = ("unknown_chat", "direct_chat", "not_permitted", "contention")
_SEND = (
    "unknown_chat",
    "blocked",
    "not_permitted",
    "bad_after",
    "id_taken",
    "sync_required",
    "contention",
    "unknown_message",
    "unknown_member",
    "unknown_file",
    "file_type_forged",
    "file_type_refused",
    "file_too_large",
    "too_many_requests",
)

ROUTES = {
    "POST /tickets": Exchange(
        "A ticket, which opens one WebSocket.",
        _NONE,
        None,
        http_tickets.Ticket,
        ("too_many_requests",),
    ),
    "POST /sign-out": Exchange(
        "End every session of the caller, now.",
        _NONE,
        http_sessions.SignOut,
        http_common.Done,
    ),
    "GET /chats": Exchange(
        "A page of the caller's chats.", http_chats.ChatsQuery, None, http_chats.ChatsBody
    ),
    "POST /chats": Exchange(
        "Create a direct chat, a group or a channel.",
        _NONE,
        http_chats.CreateChat,
        domain.Chat,
        ("own_chat", "unknown_user", "unknown_chat", "chat_id_taken", "blocked"),
        (200, 201),
        "201, or 200 when it existed",
    ),
    "GET /chats/{chatId}": Exchange(
        "One of the caller's chats.", _NONE, None, domain.Chat, ("unknown_chat",)
    ),
    "PATCH /chats/{chatId}": Exchange(
        "Rename a group or channel.", _NONE, http_chats.UpdateChat, domain.Chat, _MEMBERS
    ),
    "PUT /chats/{chatId}/mute": Exchange(
        "Mute a chat until a time, or no longer.", _NONE, http_chats.MuteChat, domain.Chat, ("unknown_chat",)
    ),
    "GET /chats/{chatId}/members": Exchange(
        "The members, of a channel its owners and admins.",
        _NONE,
        None,
        http_chats.MembersBody,
        ("unknown_chat",),
    ),
    "PUT /chats/{chatId}/members/{userId}": Exchange(
        "Add a member, change a role, or join a channel.",
        _NONE,
        http_chats.SetMember,
        http_chats.RoleBody,
        (*_MEMBERS, "unknown_user", "unknown_member", "group_full", "last_owner"),
        (200, 201),
        "201 when added, or 200",
    ),
    "DELETE /chats/{chatId}/members/{userId}": Exchange(
        "Remove a member, or leave.", _NONE, None, http_common.Done, (*_MEMBERS, "unknown_member")
    ),
    "GET /channels": Exchange(
        "Channels whose names begin so.", http_chats.ChannelsQuery, None, http_chats.ChannelsBody
    ),
    "GET /chats/{chatId}/messages": Exchange(
        "A page of the chat.", http_messages.HistoryQuery, None, server_frames.MessagesBody, ("unknown_chat",)
    ),
    "POST /chats/{chatId}/messages": Exchange(
        "Send to the chat.", _NONE, http_messages.PostMessages, server_frames.AckBody, _SEND
    ),
    "PATCH /chats/{chatId}/messages/{seq}": Exchange(
        "Edit one's own message.", _NONE, http_messages.PatchMessage, server_frames.ChangedBody, _CHANGE
    ),
    "DELETE /chats/{chatId}/messages/{seq}": Exchange(
        "Delete a message; its number stays.", _NONE, None, server_frames.ChangedBody, _CHANGE
    ),
    "PUT /chats/{chatId}/messages/{seq}/reaction": Exchange(
        "React, in place of an earlier reaction.",
        _NONE,
        http_messages.PutReaction,
        server_frames.ChangedBody,
        (*_CHANGE, "too_many_reactions"),
    ),
    "DELETE /chats/{chatId}/messages/{seq}/reaction": Exchange(
        "Take one's reaction back.", _NONE, None, server_frames.ChangedBody, _CHANGE
    ),
    "PUT /chats/{chatId}/watermarks": Exchange(
        "Tell how far the caller has received and read.",
        _NONE,
        http_receipts.SetWatermarks,
        server_frames.ReceiptBody,
        ("unknown_chat", "unknown_message"),
    ),
    "GET /unread": Exchange("How many messages are unread, by chat.", _NONE, None, http_receipts.UnreadBody),
    "GET /chats/{chatId}/presence": Exchange(
        "Who of the members is online.", _NONE, None, server_frames.PresencesBody, ("unknown_chat",)
    ),
    "GET /search": Exchange(
        "Find messages in one chat or all.",
        http_search.SearchQuery,
        None,
        http_search.SearchBody,
        ("unknown_chat", "too_many_requests"),
    ),
    "POST /upload-url": Exchange(
        "A form by which one file is uploaded for a chat, or an avatar.",
        _NONE,
        http_media.RequestUpload,
        http_media.Upload,
        (
            "unknown_chat",
            "blocked",
            "not_permitted",
            "file_type_refused",
            "file_too_large",
            "too_many_requests",
        ),
    ),
    "GET /chats/{chatId}/media/{mediaId}": Exchange(
        "A link to a file of the chat.",
        http_media.DownloadQuery,
        None,
        http_media.Download,
        ("unknown_chat", "unknown_file"),
    ),
    "GET /avatars": Exchange("The link to all avatars.", _NONE, None, http_media.AvatarsLink),
    "POST /reports": Exchange(
        "Report a message.",
        _NONE,
        http_reports.CreateReport,
        http_reports.Report,
        ("unknown_chat", "unknown_message", "too_many_requests"),
        (200, 201),
        "201, or 200 when repeated",
    ),
    "GET /users": Exchange(
        "Users whose names begin so.", http_users.UsersQuery, None, server_frames.UsersBody
    ),
    "GET /users/{userId}": Exchange("A user's profile.", _NONE, None, domain.User, ("unknown_user",)),
    "GET /users/me": Exchange("The caller's profile.", _NONE, None, domain.User, ("unknown_user",)),
    "PATCH /users/me": Exchange(
        "Change the caller's profile.",
        _NONE,
        http_users.UpdateUser,
        domain.User,
        ("unknown_user", "unknown_file", "file_type_forged", "file_type_refused", "file_too_large"),
    ),
    "DELETE /users/me": Exchange(
        "Delete the caller's account, in the background.", _NONE, None, http_account.Deletion, (), (202,)
    ),
    "GET /users/me/export": Exchange(
        "How the export stands, and a link once it is made.", _NONE, None, http_account.Export, ("no_export",)
    ),
    "POST /users/me/export": Exchange(
        "Have everything of the caller's written to an archive.",
        _NONE,
        None,
        http_account.Export,
        ("too_many_requests",),
        (202,),
    ),
    "GET /users/me/blocks": Exchange(
        "Whom the caller blocks.", http_blocks.BlocksQuery, None, http_blocks.BlocksBody
    ),
    "PUT /users/me/blocks/{userId}": Exchange(
        "Block a user.", _NONE, None, domain.User, ("own_block", "unknown_user")
    ),
    "DELETE /users/me/blocks/{userId}": Exchange(
        "Unblock a user.", _NONE, None, http_common.Done, ("own_block",)
    ),
    "GET /push-key": Exchange("The key that a browser subscribes with.", _NONE, None, http_push.PushKey),
    "PUT /users/me/push-subscriptions": Exchange(
        "Have a browser of the caller's notified.",
        _NONE,
        http_push.Subscribe,
        http_push.Subscribed,
        ("push_service_refused", "too_many_subscriptions"),
    ),
    "DELETE /users/me/push-subscriptions/{subscriptionId}": Exchange(
        "Have a browser of the caller's notified no more.", _NONE, None, http_common.Done
    ),
    "POST /auth/token": Exchange(
        "Begin the web client's session with what a sign-in came back with.",
        _NONE,
        http_web_sessions.SignInCode,
        http_web_sessions.AccessGrant,
        ("sign_in_failed", "wrong_origin"),
        on_site=True,
    ),
    "POST /auth/refresh": Exchange(
        "Another access token for the web client's session, and the next cookie.",
        _NONE,
        http_web_sessions.NoFields,
        http_web_sessions.AccessGrant,
        ("session_ended", "wrong_origin", "too_many_requests"),
        on_site=True,
    ),
    "POST /auth/logout": Exchange(
        "End the web client's session.",
        _NONE,
        http_web_sessions.NoFields,
        http_common.Done,
        ("wrong_origin",),
        on_site=True,
    ),
}
"""Every route, by its key in API Gateway."""
