"""Answers GET /chats/{chatId}/media/{mediaId}: a link that downloads a file of the chat."""

from __future__ import annotations

from chat.bootstrap import handlers, media
from chat.http import Request, Response
from chat.protocol.http_media import DownloadQuery

downloads = media.downloads()


def link(request: Request) -> Response:
    """Give the link."""
    seq = request.parse_query(DownloadQuery).seq
    chat_id, media_id = request.path["chatId"], request.path["mediaId"]
    return Response(downloads.link(request.identity.user_id, chat_id, media_id, seq))


handler = handlers.http_routes({"GET /chats/{chatId}/media/{mediaId}": link})
