"""Makes the key pair that signs notifications, as a custom resource of the stack, and removes it again."""

from __future__ import annotations

from chat.bootstrap import handlers, push

handler = handlers.key_pair(push.push_keys())
