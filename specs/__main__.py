"""Writes docs/openapi.json, docs/asyncapi.json and the web client's types from the code: `nox -s specs`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from specs import asyncapi, openapi, typescript

ROOT = Path(__file__).parents[1]
DOCUMENTS = {"openapi.json": openapi.document, "asyncapi.json": asyncapi.document}
TYPES = ROOT / "frontend" / "src" / "protocol" / "types.ts"


def rendered(name: str) -> str:
    """A document as it is to be committed."""
    document: dict[str, Any] = DOCUMENTS[name](_version())
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def rendered_types() -> str:
    """The web client's types as they are to be committed."""
    return typescript.document(_version())


def main() -> None:
    """Write all three."""
    for name in DOCUMENTS:
        (ROOT / "docs" / name).write_text(rendered(name))
    TYPES.parent.mkdir(parents=True, exist_ok=True)
    TYPES.write_text(rendered_types())


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


if __name__ == "__main__":
    main()
