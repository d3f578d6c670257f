"""Answers GET /chats/{chatId}/media/{mediaId}: a link that downloads a file of the chat."""

from __future__ import annotations

from chat import bootstrap
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery

downloads = bootstrap.downloads()


def link(request: Request) -> Response:
    """Give the link."""
    request.parse_query(NoQuery)
    chat_id, media_id = request.path["chatId"], request.path["mediaId"]
    return Response(downloads.link(request.identity.user_id, chat_id, media_id))


handler = bootstrap.http_routes({"GET /chats/{chatId}/media/{mediaId}": link})
