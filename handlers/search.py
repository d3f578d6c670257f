"""Answers GET /search: messages of the caller's chats by what stands in them."""

from __future__ import annotations

from chat.bootstrap import handlers, limits, messages
from chat.http import Request, Response
from chat.protocol.http_search import SearchQuery

limit = limits.limiter("search")
search = messages.search()


def search_messages(request: Request) -> Response:
    """Search one chat, or all of the caller's."""
    query = request.parse_query(SearchQuery)
    limit(request.identity.user_id)
    return Response(search(request.identity.user_id, query.q, query.chat_id, query.cursor, query.limit))


handler = handlers.http_routes({"GET /search": search_messages})
