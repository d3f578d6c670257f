"""Imports point the way ARCHITECTURE.md says: inward in the chat, none among chat, localcloud, client."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HANDLERS = ROOT / "handlers"
SDK = {"boto3", "botocore"}
ENTRIES = {path.stem for path in HANDLERS.glob("*.py")}

CHAT = {
    "errors": set[str](),
    "attachments": set[str](),
    "domain": {"attachments"},
    "append": {"attachments", "domain", "errors"},
    "media": set[str](),
    "custom_resource": {"invocation"},
    "rights": {"domain", "errors"},
    "roster": {"domain"},
    "changes": {"domain", "roster"},
    "versions": {"domain", "errors", "rights"},
    "push": set[str](),
    "ports": {"changes", "domain", "push", "roster"},
    "protocol": {"append", "domain", "protocol", "push"},
    "codec": {"errors", "protocol"},
    "logging": set[str](),
    "metrics": set[str](),
    "invocation": {"errors", "logging", "metrics"},
    "service": {
        "append",
        "attachments",
        "changes",
        "codec",
        "domain",
        "errors",
        "media",
        "metrics",
        "ports",
        "protocol",
        "push",
        "rights",
        "roster",
        "service",
        "versions",
    },
    "adapters": {"adapters", "attachments", "changes", "domain", "media", "ports", "push", "roster"},
    "websocket": {"codec", "domain", "errors", "invocation", "logging", "protocol"},
    "http": {"codec", "domain", "errors", "invocation", "protocol"},
    "site": {"codec", "errors", "http", "invocation", "protocol"},
    "health": {"errors", "http", "invocation"},
    "queue": {"errors", "invocation"},
    "schedule": {"errors", "invocation"},
    "rotation": {"errors", "invocation", "ports"},
}
"""What each part of handlers/chat/ may import of the others; bootstrap, which wires them, may import all."""
ENTRY = {"bootstrap", "codec", "errors", "http", "metrics", "protocol", "service", "site", "websocket"}
"""What an entry may import of the chat."""
INNER = ["append", "attachments", "domain", "errors", "ports", "service", "protocol", "codec"]
"""The parts that know no framework."""
STRANGERS = {
    "localstack/src/localcloud": {"chat", "parley_client", "harness", *ENTRIES},
    "client/parley_client": {"chat", "localcloud", "harness", *ENTRIES},
    "e2e": {"chat", "localcloud", *ENTRIES},
    "loadtest": {"chat", "localcloud", *ENTRIES},
    "harness": {"chat", *ENTRIES},
    "handlers": {"localcloud", "parley_client", "harness", "ministack", "boto3"},
}
"""What nothing in a folder imports."""


def sources(folder: str) -> list[Path]:
    """The Python files of a folder."""
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)


def imports(path: Path) -> set[str]:
    """The absolute modules that a file imports, those for type checking alone too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts_of_chat(path: Path) -> set[str]:
    """The parts of the chat that a file imports."""
    return {module.split(".")[1] for module in imports(path) if module.startswith("chat.")}


def part(path: Path) -> str:
    """The part of the chat that a file is in."""
    return path.relative_to(HANDLERS / "chat").parts[0].removesuffix(".py")


@pytest.mark.parametrize("folder", STRANGERS)
def test_folder_imports_no_stranger(folder: str) -> None:
    """The chat does not know its house, the house does not know the chat, and the client knows neither."""
    found = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(folder)
        for module in imports(path)
        if module.split(".")[0] in STRANGERS[folder]
    }
    assert not found


def test_chat_imports_point_inward() -> None:
    """Services see ports and not adapters; the domain sees nothing but attachments."""
    parts = [path for path in sources("handlers/chat") if part(path) not in {"bootstrap", "__init__"}]
    assert {part(path) for path in parts} == set(CHAT)
    outward = {
        f"{path.relative_to(ROOT)}: {parts_of_chat(path) - CHAT[part(path)]}"
        for path in parts
        if parts_of_chat(path) - CHAT[part(path)]
    }
    assert not outward


def test_entries_import_what_parses_wires_and_responds() -> None:
    """No entry reaches past the bootstrap."""
    assert len(ENTRIES) >= 12
    found = {path.name: parts_of_chat(path) - ENTRY for path in HANDLERS.glob("*.py")}
    assert not {name: modules for name, modules in found.items() if modules}


def test_sdk_is_imported_by_adapters_alone() -> None:
    """So the rest runs, and is tested, without it."""
    users = {
        part(path) for path in sources("handlers/chat") if {m.split(".")[0] for m in imports(path)} & SDK
    }
    assert users <= {"adapters"}
    assert not [path for path in HANDLERS.glob("*.py") if {m.split(".")[0] for m in imports(path)} & SDK]


@pytest.mark.parametrize(
    "inner", ["append", "attachments", "domain", "errors", "ports", "service", "protocol", "codec"]
)
def test_inner_part_imports_the_standard_library_and_msgspec_alone(inner: str) -> None:
    """No framework reaches the rules of the chat."""
    allowed = {*sys.stdlib_module_names, "msgspec", "chat"}
    paths = [path for path in sources("handlers/chat") if part(path) == inner]
    assert paths
    assert not {module for path in paths for module in imports(path) if module.split(".")[0] not in allowed}


def test_ministack_is_imported_in_its_own_package_alone() -> None:
    """One place knows its insides."""
    own = ROOT / "localstack" / "src" / "localcloud" / "ministack"
    found = {
        str(path.relative_to(ROOT))
        for path in sources("localstack/src/localcloud")
        if not path.is_relative_to(own) and any(m.split(".")[0] == "ministack" for m in imports(path))
    }
    assert not found


def test_outward_import_is_noticed(tmp_path: Path) -> None:
    """The check is one: every form of import is seen."""
    file = tmp_path / "x.py"
    file.write_text(
        "import chat.adapters.push\nfrom chat import domain\nfrom chat.service.send import Send\n"
    )
    assert parts_of_chat(file) == {"adapters", "domain", "service"}
