"""Answers GET /health, which Route 53 asks: whether this region reaches the tables that all regions write."""

from __future__ import annotations

from chat.bootstrap import handlers, health

handler = handlers.health_check("GET /health", health.tables().check)
