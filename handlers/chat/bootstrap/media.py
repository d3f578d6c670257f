"""Makes what lets members upload and download files, and users avatars."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.adapters.links import CloudFrontLinks
    from chat.service.avatars import Avatars, AvatarsLinks
    from chat.service.media import Downloads, Uploads
    from chat.service.signing_keys import SigningKeys

# ruff: noqa: PLC0415 - a cold start imports only what its function uses


@cache
def uploads() -> Uploads:
    """Lets members upload files."""
    from chat.adapters.clock import SystemClock
    from chat.service.media import Uploads

    return Uploads(shared.membership(), adapters.media(), SystemClock())


@cache
def avatars() -> Avatars:
    """Keeps avatars."""
    from chat.adapters.clock import SystemClock
    from chat.service.avatars import Avatars

    return Avatars(adapters.media, SystemClock())


@cache
def downloads() -> Downloads:
    """Lets members download files."""
    from chat.adapters.clock import SystemClock
    from chat.service.media import Downloads

    return Downloads(shared.membership(), adapters.messages(), _links(), SystemClock())


@cache
def avatars_links() -> AvatarsLinks:
    """Lets users download avatars."""
    from chat.adapters.clock import SystemClock
    from chat.service.avatars import AvatarsLinks

    return AvatarsLinks(_links(), SystemClock())


@cache
def signing_keys() -> SigningKeys:
    """Makes the keys that sign downloads."""
    from chat.adapters.links import RsaKeyPairs
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets
    from chat.service.signing_keys import SigningKeys

    return SigningKeys(RsaKeyPairs(), ParameterSecrets(ssm()))


@cache
def _links() -> CloudFrontLinks:
    from chat.adapters.links import CloudFrontLinks
    from chat.adapters.sdk import ssm
    from chat.adapters.secrets import ParameterSecrets

    key = partial(ParameterSecrets(ssm()).get, os.environ["SIGNING_KEY_NAME"])
    url = f"{shared.scheme()}://{os.environ['MEDIA_DOMAIN']}"
    return CloudFrontLinks(url, os.environ["SIGNING_KEY_ID"], key)
