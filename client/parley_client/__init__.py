"""The Python chat client: a session core without I/O, an asyncio driver, and a terminal chat.

async with ChatClient(endpoints=Endpoints(websocket_url, http_api_url), tokens=tokens) as client:
chat = await client.create_direct_chat(user_id)
await client.send(chat.chat_id, "hello")
async for event in client.events():
...
"""

from .api import Api
from .bodies import Page
from .chat_state import ChatView
from .chats import Snapshot
from .driver import ChatClient, Endpoints
from .errors import (
    AuthenticationFailed,
    ClientClosed,
    NotReachable,
    ParleyError,
    RequestRefused,
    SendRefused,
    TooManyRequests,
)
from .events import (
    CaughtUp,
    ChatChanged,
    ChatFound,
    ChatLeft,
    ChatUpdated,
    ConnectionChanged,
    ConnectionState,
    Event,
    HistoryReset,
    MessageChanged,
    MessageReceived,
    MessageRefused,
    MessageSent,
    PresenceChanged,
    ReceiptReceived,
    TypingChanged,
)
from .policy import Policy
from .values import (
    Attachment,
    AttachmentDraft,
    Change,
    ChatSummary,
    Member,
    Message,
    NewMessage,
    Presence,
    User,
)

__all__ = [
    "Api",
    "Attachment",
    "AttachmentDraft",
    "AuthenticationFailed",
    "CaughtUp",
    "Change",
    "ChatChanged",
    "ChatClient",
    "ChatFound",
    "ChatLeft",
    "ChatSummary",
    "ChatUpdated",
    "ChatView",
    "ClientClosed",
    "ConnectionChanged",
    "ConnectionState",
    "Endpoints",
    "Event",
    "HistoryReset",
    "Member",
    "Message",
    "MessageChanged",
    "MessageReceived",
    "MessageRefused",
    "MessageSent",
    "NewMessage",
    "NotReachable",
    "Page",
    "ParleyError",
    "Policy",
    "Presence",
    "PresenceChanged",
    "ReceiptReceived",
    "RequestRefused",
    "SendRefused",
    "Snapshot",
    "TooManyRequests",
    "TypingChanged",
    "User",
]
