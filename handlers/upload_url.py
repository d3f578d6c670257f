"""Answers POST /upload-url: a form that uploads one file for one chat."""

from __future__ import annotations

from chat.bootstrap import handlers, limits, media
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_media import RequestUpload

limit = limits.limiter("upload")
uploads = media.uploads()


def grant(request: Request) -> Response:
    """Give the form."""
    request.parse_query(NoQuery)
    body = request.parse_body(RequestUpload)
    limit(request.identity.user_id)
    return Response(uploads.grant(request.identity.user_id, body.chat_id, body.content_type, body.bytes))


handler = handlers.http_routes({"POST /upload-url": grant})
