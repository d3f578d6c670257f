"""Writes docs/openapi.json and docs/asyncapi.json from the code: `python -m specs`, `nox -s specs`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from specs import asyncapi, openapi

ROOT = Path(__file__).parents[1]
DOCUMENTS = {"openapi.json": openapi.document, "asyncapi.json": asyncapi.document}


def rendered(name: str) -> str:
    """A document as it is to be committed."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    document: dict[str, Any] = DOCUMENTS[name](version)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write both."""
    for name in DOCUMENTS:
        (ROOT / "docs" / name).write_text(rendered(name))


if __name__ == "__main__":
    main()
