"""Answers GET /chats/{chatId}/media/{mediaId} and GET /avatars: links to a file of a chat, and to avatars."""

from __future__ import annotations

from chat.bootstrap import handlers, media
from chat.http import Request, Response
from chat.protocol.http_common import NoQuery
from chat.protocol.http_media import DownloadQuery

downloads = media.downloads()
avatars = media.avatars_links()


def link(request: Request) -> Response:
    """Give the link."""
    seq = request.parse_query(DownloadQuery).seq
    chat_id, media_id = request.path["chatId"], request.path["mediaId"]
    return Response(downloads.link(request.identity.user_id, chat_id, media_id, seq))


def link_to_avatars(request: Request) -> Response:
    """Give the link to all avatars."""
    request.parse_query(NoQuery)
    return Response(avatars())


handler = handlers.http_routes({"GET /chats/{chatId}/media/{mediaId}": link, "GET /avatars": link_to_avatars})
