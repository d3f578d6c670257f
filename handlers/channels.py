"""Answers GET /channels: channels whose name begins as asked."""

from __future__ import annotations

from chat.bootstrap import chats, handlers
from chat.http import Request, Response
from chat.protocol.http_chats import ChannelsQuery

directory = chats.channel_directory()


def list_channels(request: Request) -> Response:
    """Find channels."""
    query = request.parse_query(ChannelsQuery)
    return Response(directory.search(query.q, query.limit))


handler = handlers.http_routes({"GET /channels": list_channels})
