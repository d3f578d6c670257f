"""Makes the keys that sign downloads: the first as a resource of the stack, the next for Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.bootstrap import handlers, media

if TYPE_CHECKING:
    from collections.abc import Mapping

for_cloudformation = handlers.first_link_key(media.first_link_key())
for_secrets_manager = handlers.secret_rotation(media.link_key_rotation())


def handler(event: Mapping[str, Any], context: object) -> None:
    """Serve whichever of the two asks."""
    (for_cloudformation if "RequestType" in event else for_secrets_manager)(event, context)
