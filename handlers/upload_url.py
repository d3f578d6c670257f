"""Answers POST /upload-url: a form that uploads one file for one chat."""

from __future__ import annotations

from chat import bootstrap
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_media import RequestUpload

limit = bootstrap.limiter("upload")
uploads = bootstrap.uploads()


def grant(request: Request) -> Response:
    """Give the form."""
    request.parse_query(NoQuery)
    body = request.parse_body(RequestUpload)
    limit(request.identity.user_id)
    return Response(uploads.grant(request.identity.user_id, body.chat_id, body.content_type, body.bytes))


handler = bootstrap.http_routes({"POST /upload-url": grant})
