"""Makes the key pair that signs downloads, as a custom resource of the stack, and removes it again."""

from __future__ import annotations

from chat.bootstrap import handlers, media

handler = handlers.key_pair(media.signing_keys())
