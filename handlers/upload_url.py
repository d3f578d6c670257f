"""Answers POST /upload-url: a form that uploads one file for one chat, or an avatar."""

from __future__ import annotations

from msgspec import UNSET

from chat.bootstrap import handlers, limits, media
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_media import RequestUpload

limit = limits.limiter("upload")
uploads = media.uploads()
avatars = media.avatars()


def grant(request: Request) -> Response:
    """Give the form."""
    request.parse_query(NoQuery)
    body = request.parse_body(RequestUpload)
    user_id = request.identity.user_id
    limit(user_id)
    if body.chat_id is UNSET:
        return Response(avatars.grant(user_id, body.content_type, body.bytes))
    return Response(uploads.grant(user_id, body.chat_id, body.content_type, body.bytes))


handler = handlers.http_routes({"POST /upload-url": grant})
