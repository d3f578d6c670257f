"""Makes the key pair that signs downloads, as a custom resource of the stack, and removes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.bootstrap import handlers, media
from chat.custom_resource import Made

if TYPE_CHECKING:
    from collections.abc import Mapping

keys = media.signing_keys()


def create(properties: Mapping[str, Any]) -> Made:
    """Make the pair with the `Name` that the template gives it."""
    name = str(properties["Name"])
    return Made(name, {"PublicKey": keys.create(name)})


handler = handlers.custom_resource(create, keys.delete)
