"""Where things are in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STACK = ROOT / "stack"
HANDLERS = ROOT / "handlers"
FRONTEND = ROOT / "frontend"
LOCALSTACK = ROOT / "localstack"
LAYER_REQUIREMENTS = ROOT / "requirements" / "handlers.txt"
BUILD = ROOT / "build"
"""Bundles, one folder a platform; nothing in it is precious."""
LOCAL = ROOT / ".localcloud"
"""What a local target keeps: its data, its log, the outputs, the demo users' passwords."""


def within_root(path: Path) -> str:
    """The path as a user in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
