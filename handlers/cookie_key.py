"""Replaces the key that signs browsers' cookies, for Secrets Manager."""

from __future__ import annotations

from chat.bootstrap import accounts, handlers

handler = handlers.secret_rotation(accounts.cookie_key_rotation())
