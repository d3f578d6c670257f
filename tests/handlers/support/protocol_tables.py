"""Renders docs/protocol.md's tables from the code; run as a module, it writes them into the document.

PYTHONPATH=.:handlers python -m tests.handlers.support.protocol_tables
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from msgspec import NODEFAULT, inspect

from chat import append, attachments, domain, media, push
from chat.errors import CATALOGUE
from chat.protocol import (
    client_frames,
    http_account,
    http_blocks,
    http_chats,
    http_common,
    http_media,
    http_push,
    http_receipts,
    http_reports,
    http_search,
    http_tickets,
    server_frames,
    values,
)
from chat.service import search
from specs.routes import ROUTES
from tests.handlers.support.cost_table import cost_rows

DOCUMENT = Path(__file__).parents[3] / "docs" / "protocol.md"
_SECTION = re.compile(r"(?P<head><!-- table: (?P<name>[\w-]+) -->\n).*?(?P<tail><!-- end -->)", re.DOTALL)
FILE_NAME = msgspec.json.schema(attachments.FileName)["pattern"]
PATTERNS = {
    r"^[0-7][0-9A-HJKMNP-TV-Z]{25}\Z": "a ULID, 26 characters, upper case",
    r"^[A-Za-z0-9_-]{1,64}\Z": "1 to 64 of `A-Z a-z 0-9 _ -`",
    r"^[0-9a-f]{32}\Z": "32 of `0-9 a-f`",
    r"^([0-9a-f]{32})?\Z": "32 of `0-9 a-f`, or empty",
    r"^[A-Za-z0-9._~-]{43,128}\Z": "43 to 128 of `A-Z a-z 0-9 . _ ~ -`",
    FILE_NAME: "without `/`, `\\`, control characters and marks of direction",
    msgspec.json.schema(push.PushEndpoint)["pattern"]: "a URL",
    msgspec.json.schema(push.PublicKey)["pattern"]: "a point of P-256 in base64url, 87 characters",
    msgspec.json.schema(push.AuthSecret)["pattern"]: "16 bytes in base64url, 22 characters",
    r"\S": "not blank",
    r"^\S+\Z": "without white space",
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z": "a time in milliseconds, UTC",
}
VALUES = (
    append.Draft,
    attachments.AttachmentDraft,
    server_frames.Acked,
    attachments.Attachment,
    domain.Message,
    domain.User,
    domain.Chat,
    server_frames.MessagesBody,
    server_frames.SyncedChat,
    domain.Change,
    domain.Presence,
    domain.Member,
    domain.Channel,
)


LIMITS = {
    "bytes of a file": media.MEDIA_LIMIT,
    "seconds in which an upload may begin": media.UPLOAD_LIFETIME,
    "seconds in which a download may begin": media.LINK_LIFETIME,
    "characters of a text": domain.TEXT_LIMIT,
    "messages in one send": domain.FRAME_MESSAGE_LIMIT,
    "characters of a chat id": domain.CHAT_ID_LIMIT,
    "messages or chats in a page": domain.PAGE_LIMIT,
    "messages or chats in a page that names no `limit`": values.DEFAULT_PAGE,
    "bytes of messages in one answer (a page ends before it, with `hasMore`)": domain.PAGE_BYTES,
    "chats in one sync": values.SYNC_CHATS_LIMIT,
    "users in one answer": values.USERS_LIMIT,
    "members of a group": domain.GROUP_LIMIT,
    "members that a group is created with, beside its owner": values.ADDED_LIMIT,
    "reactions to one message": domain.REACTION_LIMIT,
    "members that one message mentions": domain.MENTION_LIMIT,
    "characters in what a user says of themselves": values.ABOUT_LIMIT,
    "messages read for one answer to a search": search.SEARCH_DEPTH,
    "chats searched for one answer": search.SEARCH_CHATS,
    "messages in one answer to a search": http_search.HITS_LIMIT,
    "characters of a report's note": http_reports.NOTE_LIMIT,
    "browsers that a user is notified by": push.SUBSCRIPTION_LIMIT,
    "seconds within which a block holds": domain.PERMISSION_LIFETIME,
    "seconds that a member is shown as writing": domain.TYPING_LIFETIME,
    "seconds that a ticket is good": domain.TICKET_LIFETIME,
    "highest sequence number": domain.SEQ_MAX,
}


def tables() -> dict[str, str]:
    """Every table of the document, by the name in its marker."""
    return {
        "errors": _errors(),
        "client-frames": _fields(client_frames.CLIENT_FRAMES),
        "server-frames": _fields(server_frames.SERVER_FRAMES),
        "values": _fields(VALUES),
        "http-routes": _routes(),
        "http-bodies": _fields(
            [t for e in ROUTES.values() for t in (e.query, *e.bodies) if t is not http_common.NoQuery]
            + [
                http_tickets.Ticket,
                http_media.Upload,
                http_media.Download,
                http_media.AvatarsLink,
                http_chats.ChatsBody,
                http_chats.MembersBody,
                http_chats.RoleBody,
                http_chats.ChannelsBody,
                server_frames.AckBody,
                server_frames.ChangedBody,
                server_frames.ReceiptBody,
                server_frames.PresencesBody,
                http_receipts.UnreadBody,
                http_receipts.Unread,
                server_frames.UsersBody,
                http_reports.Report,
                http_account.Deletion,
                http_account.Export,
                http_search.SearchBody,
                http_search.Hit,
                http_blocks.BlocksBody,
                http_push.PushKey,
                http_push.SubscriptionKeys,
                http_push.Subscribed,
                http_common.Done,
                server_frames.ErrorBody,
            ]
        ),
        "measured-calls": _table(*_heads_and_rows(cost_rows())),
        "limits": _table(["limit", "value"], [[name, f"{value:,}"] for name, value in LIMITS.items()]),
    }


def rendered(document: str) -> str:
    """The document with every table as the code has it."""
    current = tables()
    return _SECTION.sub(lambda found: found["head"] + current[found["name"]] + found["tail"], document)


def names(document: str) -> list[str]:
    """The tables that the document has markers for."""
    return [found["name"] for found in _SECTION.finditer(document)]


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _heads_and_rows(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    return rows[0], rows[1:]


def _errors() -> str:
    rows = [
        [f"`{code}`", str(entry.status), _yes(entry.retryable), _yes(entry.definite), entry.message]
        for code, entry in CATALOGUE.items()
    ]
    return _table(["code", "HTTP", "retryable", "definite", "message"], rows)


def _routes() -> str:
    rows = [
        [
            f"`{route}`",
            _name(e.query),
            " or ".join(map(_name, e.bodies)),
            _name(e.answer),
            e.status,
        ]
        for route, e in ROUTES.items()
    ]
    return _table(["route", "query", "body", "answer", "status"], rows)


def _fields(types: object) -> str:
    """One row a field: the type's name and meaning stand in the first."""
    rows = []
    for type_ in types:  # type: ignore[attr-defined]
        info = inspect.type_info(type_)
        assert isinstance(info, inspect.StructType)
        meaning = " ".join((type_.__doc__ or "").split())
        is_frame = info.tag_field in ("action", "type")
        head = f"`{info.tag}`" if is_frame else _name(type_)
        # Only a frame repeats a requestId: a body of the HTTP API needs none.
        fields = [field for field in info.fields if is_frame or field.name != "request_id"]
        tag = [[f"`{info.tag_field}`", f'`"{info.tag}"`']] if info.tag and not is_frame else []
        described = [*tag, *(_field(field) for field in fields)] or [["", ""]]
        heads = [[head, meaning], *[["", ""]] * (len(described) - 1)]
        rows += [[*first, *rest] for first, rest in zip(heads, described, strict=True)]
    return _table(["", "", "field", "value"], rows)


def _field(field: inspect.Field) -> list[str]:
    value = _type(field.type)
    if not field.required:
        value += f"; {field.default} when absent" if field.default is not NODEFAULT else "; may be absent"
    return [f"`{field.encode_name}`", value]


def _type(type_: inspect.Type) -> str:  # noqa: PLR0911 - one line a kind of type
    match type_:
        case inspect.StrType(pattern=str(pattern)):
            return f"string, {PATTERNS[pattern]}" + _range(type_.min_length, type_.max_length, " characters")
        case inspect.StrType():
            return "string" + _range(type_.min_length, type_.max_length, " characters")
        case inspect.IntType():
            return "integer" + _range(type_.ge, type_.le, "")
        case inspect.ListType(item_type=item):
            return f"array of {_type(item)}" + _range(type_.min_length, type_.max_length, "")
        case inspect.DictType(value_type=value):
            key = "chat id" if type_.key_type == inspect.type_info(domain.ChatId) else "user id"
            if type_.key_type == inspect.type_info(http_media.FieldName):
                key = "field"
            return f"object from {key} to {_type(value)}" + _range(
                type_.min_length or 0, type_.max_length, " members"
            )
        case inspect.StructType(cls=cls):
            return _name(cls)
        case inspect.LiteralType(values=values):
            return " or ".join(f'`"{value}"`' for value in values)
        case inspect.BoolType():
            return "boolean"
        case _:
            raise NotImplementedError(type_)


def _range(least: int | None, most: int | None, unit: str) -> str:
    return "" if most is None else f", {least or 0:,} to {most:,}{unit}"


def _name(type_: type) -> str:
    return "none" if type_ is http_common.NoQuery else f"*{type_.__name__}*"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text()))
