"""One page that tells a run: drawn from its summary, with nothing to fetch from anywhere."""

from __future__ import annotations

from .page import REPORT, render, write_report

__all__ = ["REPORT", "render", "write_report"]
