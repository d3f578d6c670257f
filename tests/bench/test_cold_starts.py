"""What a cold start is measured by."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import pytest

from bench.cold_starts import Code, Function, Start, functions_of, measure, table, unpack
from harness.archive import archive
from harness.bytecode import Interpreter, compile_sources
from harness.errors import HarnessError
from harness.package import Bundle

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
Parameters:
  FunctionMemory: { Type: Number, Default: 1769 }
Resources:
  Greet:
    Type: AWS::Lambda::Function
    Properties:
      Handler: greet.handler
      MemorySize: !Ref FunctionMemory
      Environment: { Variables: { GREETINGS_TABLE: !Ref Greetings } }
  NotShipped:
    Type: AWS::Lambda::Function
    Properties: { Handler: elsewhere.handler, MemorySize: 128 }
"""
GREET = "import os, words\ntable = os.environ['GREETINGS_TABLE']\nhandler = words.greet\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle of one function, whose dependency is in the layer."""
    folder = tmp_path / "bundle"
    (folder / "lambda").mkdir(parents=True)
    (folder / "people.yaml").write_text(TEMPLATE)
    for name, content in {
        "greet": {"greet.py": GREET},
        "dependencies": {"python/words.py": "greet = print"},
    }.items():
        files = {path: source.encode() for path, source in content.items()}
        files |= compile_sources(files, Interpreter(sys.executable, platform.python_version()))
        (folder / "lambda" / f"{name}.zip").write_bytes(archive(files))
    return Bundle(folder)


def test_functions_are_those_that_templates_declare_and_the_bundle_ships(bundle: Bundle) -> None:
    """With the memory and the variables that they are given."""
    assert functions_of(bundle) == [Function("greet", 1769, frozenset({"GREETINGS_TABLE"}))]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a process's peak")
def test_start_imports_the_function_with_its_layer_and_variables(bundle: Bundle, tmp_path: Path) -> None:
    """With the bytecode that the bundle has, and from sources that stay without."""
    codes = [
        unpack(bundle, sys.executable, tmp_path / name, bytecode=name == "shipped")
        for name in ("shipped", "sources")
    ]
    (starts,) = measure(functions_of(bundle), codes, 2).values()
    assert [len(each) for each in starts] == [2, 2]
    assert all(start.cpu_ms > 0 and start.peak_mb > 1 for each in starts for start in each)
    assert not list((tmp_path / "sources").rglob("*.pyc"))
    assert len(list((tmp_path / "shipped").rglob("*.pyc"))) == 2


def test_function_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    """With what Python says of it."""
    code = Code(sys.executable, tmp_path, tmp_path)
    with pytest.raises(
        HarnessError, match="gone does not start: ModuleNotFoundError: No module named 'gone'"
    ):
        code.start(Function("gone", 512, frozenset()))


def test_table_has_medians_the_slowest_first_and_what_a_share_of_a_processor_makes_of_them() -> None:
    """512 MiB are 0.29 of one."""
    functions = [Function("quick", 512, frozenset()), Function("slow", 1_769, frozenset())]
    quick = [Start(cpu_ms=cpu, wall_ms=40, peak_mb=20, modules=100) for cpu in (10, 11, 90)]
    slow = [Start(cpu_ms=100, wall_ms=400, peak_mb=60, modules=300)]
    rows = table(functions, {"quick": (quick, quick[:1]), "slow": (slow, slow)}).splitlines()[2:]
    assert rows == [
        "| `slow` | 100 | 400 | 100 | 60 | 300 | 100 |",
        "| `quick` | 11 | 40 | 38 | 20 | 100 | 10 |",
    ]
