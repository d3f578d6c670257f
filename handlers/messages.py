"""Answers GET and POST /chats/{chatId}/messages: what getMessages and sendMessage do, over HTTP."""

from __future__ import annotations

from chat import metrics
from chat.bootstrap import handlers, limits, messages
from chat.http import Request, Response
from chat.metrics import Metric
from chat.protocol.http_common import NoQuery
from chat.protocol.http_messages import HistoryQuery, PostMessages

history = messages.history()
limit = limits.limiter("send")
send = messages.send()


def get_messages(request: Request) -> Response:
    """Give a page of the chat."""
    query = request.parse_query(HistoryQuery)
    user_id, chat_id = request.identity.user_id, request.path["chatId"]
    return Response(history(user_id, chat_id, query.after, query.before, query.around, query.limit))


def post_messages(request: Request) -> Response:
    """Send to the chat; every connected device of its members gets a push, the sender's too."""
    request.parse_query(NoQuery)
    body = request.parse_body(PostMessages)
    user_id, chat_id = request.identity.user_id, request.path["chatId"]
    with metrics.timed(Metric.SEND_DURATION):
        limit(user_id, len(body.messages))
        sent = send(user_id, chat_id, body.after, body.messages)
    metrics.record(Metric.MESSAGES_SENT, len(sent.messages))
    return Response(sent)


handler = handlers.http_routes(
    {"GET /chats/{chatId}/messages": get_messages, "POST /chats/{chatId}/messages": post_messages}
)
