"""Makes what lets members upload and download files, and users avatars."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from chat.bootstrap import adapters, shared

if TYPE_CHECKING:
    from chat.adapters.key_group import KeyGroup
    from chat.adapters.links import CloudFrontLinks
    from chat.service.avatars import Avatars, AvatarsLinks
    from chat.service.link_keys import FirstLinkKey, LinkKeys
    from chat.service.media import Downloads, Uploads
    from chat.service.rotation import Rotation

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
def first_link_key() -> FirstLinkKey:
    """Makes the first key that signs downloads."""
    from chat.service.link_keys import FirstLinkKey

    versions = adapters.rotated_secrets()
    return FirstLinkKey(_link_keys(), _key_group(), versions, os.environ["SIGNING_KEY"])


@cache
def link_key_rotation() -> Rotation:
    """Replaces the key that signs downloads."""
    from chat.service.rotation import Rotation

    return Rotation(adapters.rotated_secrets(), _link_keys())


@cache
def _link_keys() -> LinkKeys:
    from chat.adapters.links import RsaKeyPairs
    from chat.service.link_keys import LinkKeys

    return LinkKeys(RsaKeyPairs(), _key_group())


@cache
def _key_group() -> KeyGroup:
    from chat.adapters.key_group import KeyGroup
    from chat.adapters.sdk import cloudfront

    return KeyGroup(cloudfront(), os.environ["KEY_GROUP_NAME"])


@cache
def _links() -> CloudFrontLinks:
    from chat.adapters.links import CloudFrontLinks
    from chat.service import link_keys

    keyring = adapters.keyring("SIGNING_KEY")
    url = f"{shared.scheme()}://{os.environ['MEDIA_DOMAIN']}"
    return CloudFrontLinks(url, lambda: link_keys.parse(keyring.signing()))
