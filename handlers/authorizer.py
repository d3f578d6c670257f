"""Authorizes $connect: spends the ticket in the query string and vouches for whom it stands for."""

from __future__ import annotations

from chat.bootstrap import handlers

handler = handlers.authorizer()
