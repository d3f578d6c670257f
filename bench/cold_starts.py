"""Cold starts: what each function of the bundle takes until its handler is there, in fresh processes.

    python -m bench.cold_starts [--python PYTHON] [--rounds N] [FUNCTION ...]

Imports and what the module does when it is imported are counted, after the interpreter's own start, which
every function of that runtime has. The bytecode beside the sources is the bundle's, and as on AWS none is
written; the last figure is without. Nothing is called: not AWS, not the handler. Linux alone tells the peak.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from awscli.customizations.cloudformation.yamlhelper import yaml_parse  # type: ignore[import-untyped]

from harness.bytecode import Interpreter, interpreter_at
from harness.dependencies import LOCALSTACK, Platform
from harness.errors import HarnessError
from harness.package import package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.package import Bundle

VCPU_MB: Final = 1_769
"""Memory at which a function has one processor (Lambda developer guide, Configure function memory)."""
_START: Final = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import sys, importlib
handler = importlib.import_module(sys.argv[1]).handler
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
modules = len(sys.modules)
import json, re
# What getrusage tells begins with the peak of the parent.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"cpu_ms": cpu * 1000, "wall_ms": wall * 1000, "peak_mb": peak, "modules": modules}))
"""
_VALUES: Final = {
    "_LIMIT": "1/100",
    "_DAYS": "30",
    "_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/queue",
    "_ORIGIN": "https://chat.example.com",
    "_ORIGINS": "https://chat.example.com",
    "_SERVICES": "https://push.example.com",
    "_PUSH": "enabled",
    "_POOL_ID": "us-east-1_Example01",
    "LOG_LEVEL": "INFO",
    "_REGION": "us-east-1",
}
"""Values that functions accept for their variables, by how those end; any other is a name."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its template has it."""

    module: str
    memory_mb: int
    variables: frozenset[str]


class Start(msgspec.Struct, frozen=True):
    """One start."""

    cpu_ms: float
    wall_ms: float
    peak_mb: float
    modules: int


@dataclass(frozen=True, slots=True)
class Code:
    """A function's code and its dependencies, unpacked."""

    python: str
    functions: Path
    dependencies: Path

    def start(self, function: Function) -> Start:
        """Start the function once.

        Raises:
            HarnessError: its module cannot be imported.
        """
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.functions / function.module}:{self.dependencies / 'python'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            **{name: _value(name) for name in function.variables},
        }
        command = [self.python, "-s", "-c", _START, function.module]
        finished = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise HarnessError(
                f"{function.module} does not start: {finished.stderr.strip().splitlines()[-1]}"
            )
        return msgspec.json.decode(finished.stdout, type=Start)


def functions_of(bundle: Bundle) -> list[Function]:
    """The functions that the bundle's templates declare, by name."""
    found = {each.module: each for path in bundle.folder.glob("[!.]*.yaml") for each in _declared(path)}
    return [found[name] for name in sorted(found) if (bundle.folder / "lambda" / f"{name}.zip").is_file()]


def _declared(template: Path) -> Iterator[Function]:
    parsed: dict[str, Any] = yaml_parse(template.read_text())
    default = parsed.get("Parameters", {}).get("FunctionMemory", {}).get("Default", 512)
    for resource in parsed["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            properties = resource["Properties"]
            memory = properties["MemorySize"]
            variables = properties.get("Environment", {}).get("Variables", {})
            yield Function(
                properties["Handler"].partition(".")[0],
                memory if isinstance(memory, int) else int(default),
                frozenset(variables),
            )


def _value(variable: str) -> str:
    return next((value for end, value in _VALUES.items() if variable.endswith(end)), variable.lower())


def unpack(bundle: Bundle, python: str, folder: Path, *, bytecode: bool) -> Code:
    """Unpack a bundle as Lambda does, with the bytecode that it has or without."""
    code = Code(python, folder / "functions", folder / "layer")
    for path in (bundle.folder / "lambda").glob("[!.]*.zip"):
        is_layer = path.stem == "dependencies"
        with zipfile.ZipFile(path) as opened:
            opened.extractall(code.dependencies if is_layer else code.functions / path.stem)
    if not bytecode:
        for path in folder.rglob("*.pyc"):
            path.unlink()
    return code


def measure(
    functions: Sequence[Function], codes: Sequence[Code], rounds: int
) -> dict[str, tuple[list[Start], ...]]:
    """Start every function once a round from each of the codes, in turn; the starts by function and code."""
    found: dict[str, tuple[list[Start], ...]] = {each.module: tuple([] for _ in codes) for each in functions}
    for _ in range(rounds):
        for function in functions:
            for code, starts in zip(codes, found[function.module], strict=True):
                starts.append(code.start(function))
    return found


def table(functions: Sequence[Function], starts: Mapping[str, tuple[list[Start], ...]]) -> str:
    """Medians as a table of Markdown, the slowest first."""
    rows = []
    for function in functions:
        shipped, sources_alone = starts[function.module]
        cpu = _median(shipped, "cpu_ms")
        share = min(1.0, function.memory_mb / VCPU_MB)
        figures = (
            cpu,
            _median(shipped, "wall_ms"),
            cpu / share,
            _median(shipped, "peak_mb"),
            _median(shipped, "modules"),
            _median(sources_alone, "cpu_ms"),
        )
        rows.append((cpu, f"| `{function.module}` | {' | '.join(f'{each:.0f}' for each in figures)} |"))
    head = "| function | CPU ms | wall ms | ms at its share | peak MB | modules | CPU ms without bytecode |"
    return "\n".join([head, "|---|" + "---:|" * 6, *(row for _, row in sorted(rows, reverse=True))])


def _median(starts: Sequence[Start], name: str) -> float:
    return statistics.median(float(getattr(start, name)) for start in starts)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 where something does not start."""
    parsed = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="parley-cold-starts-") as made:
            folder = Path(made)
            python = _interpreter(parsed.python)
            platform = Platform("cold-starts", LOCALSTACK.wheels, python.version)
            bundle = package(platform, folder / "bundle", finder=lambda _: python)
            functions = [
                each for each in functions_of(bundle) if not parsed.function or each.module in parsed.function
            ]
            codes = [
                unpack(bundle, python.path, folder / name, bytecode=name == "shipped")
                for name in ("shipped", "sources")
            ]
            sys.stdout.write(f"{table(functions, measure(functions, codes, parsed.rounds))}\n")
    except HarnessError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def _interpreter(path: str) -> Interpreter:
    """Give the interpreter at a path; HarnessError where there is none."""
    if found := interpreter_at(path):
        return found
    raise HarnessError(f"{path} runs no CPython: name one with --python.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cold_starts", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("function", nargs="*", help="these alone; all unless named")
    parser.add_argument(
        "--python", default=sys.executable, help="Lambda's runtime is 3.13; default: this one"
    )
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
