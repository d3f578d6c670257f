"""Answers the schedule: two synthetic users chat through the public APIs, which is measured."""

from __future__ import annotations

from chat.bootstrap import canary, handlers

handler = handlers.scheduled("canary", canary.canary())
