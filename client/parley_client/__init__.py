"""The Python chat client: a session core without I/O, an asyncio driver, and a terminal chat.

async with ChatClient(endpoints=Endpoints(websocket_url, http_api_url), tokens=tokens) as client:
chat = await client.create_direct_chat(user_id)
await client.send(chat.chat_id, "hello")
async for event in client.events():
...
"""

from .api import Api, ChatSummary, Page
from .chats import Snapshot
from .driver import ChatClient, Endpoints
from .errors import (
    AuthenticationFailed,
    ClientClosed,
    NotReachable,
    ParleyError,
    RequestRefused,
    SendRefused,
)
from .events import (
    CaughtUp,
    ConnectionChanged,
    ConnectionState,
    Event,
    HistoryReset,
    MessageReceived,
    MessageRefused,
    MessageSent,
)
from .frames import Message, NewMessage, User
from .policy import Policy

__all__ = [
    "Api",
    "AuthenticationFailed",
    "CaughtUp",
    "ChatClient",
    "ChatSummary",
    "ClientClosed",
    "ConnectionChanged",
    "ConnectionState",
    "Endpoints",
    "Event",
    "HistoryReset",
    "Message",
    "MessageReceived",
    "MessageRefused",
    "MessageSent",
    "NewMessage",
    "NotReachable",
    "Page",
    "ParleyError",
    "Policy",
    "RequestRefused",
    "SendRefused",
    "Snapshot",
    "User",
]
