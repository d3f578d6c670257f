"""The front door: every way to run, test, check and ship Parley. `nox -l` is the manual."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests", "contract"]
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
ENVIRONMENTS = ROOT / ".nox"
SOURCES = [ROOT, ROOT / "handlers", ROOT / "client", ROOT / "localstack" / "src"]
TYPED = [
    "noxfile.py",
    "handlers",
    "client/parley_client",
    "localstack/src/localcloud",
    "harness",
    "loadtest",
    "bench",
    "specs",
    "tests",
    "e2e",
]


@nox.session(venv_backend="none")
def up(session: nox.Session) -> None:
    """Run Parley here: embedded AWS, stack, demo users, logs (-- --detach, --clean, --target localstack)."""
    _run(session, "run", "python", "-m", "harness", "up", *session.posargs)


@nox.session(venv_backend="none")
def down(session: nox.Session) -> None:
    """Stop what `up -- --detach` left running (-- --clean forgets its data)."""
    _run(session, "run", "python", "-m", "harness", "down", *session.posargs)


@nox.session(venv_backend="none")
def chat(session: nox.Session) -> None:
    """Chat in this terminal as a demo user (-- --as alice; in a second terminal: -- --as bob)."""
    _run(session, "run", "python", "-m", "harness", "chat", *session.posargs)


@nox.session(venv_backend="none")
def frontend(session: nox.Session) -> None:
    """Serve the web client from its sources, anew at every save, for the stack that is up (-- --port)."""
    _run(session, "run", "python", "-m", "harness", "frontend", *session.posargs)


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Run the unit tests: no process, no socket but DynamoDB's, seconds (-- takes pytest's arguments)."""
    chosen = session.posargs or ["tests", "--ignore=tests/localcloud"]
    _run(session, "dev", "pytest", "-n", "auto", "--dist", "worksteal", *chosen)


@nox.session(venv_backend="none")
def contract(session: nox.Session) -> None:
    """Run localcloud's tests: AWS's behaviour on real sockets and processes, a minute."""
    chosen = session.posargs or ["tests/localcloud"]
    _run(session, "dev", "pytest", "-n", "auto", "--dist", "worksteal", *chosen)


@nox.session(venv_backend="none")
def e2e(session: nox.Session) -> None:
    """Run the end-to-end tests, bringing a stack up if none is (-- --target aws --stack NAME)."""
    _run(session, "dev", "pytest", "e2e", *session.posargs)


@nox.session(venv_backend="none")
def load(session: nox.Session) -> None:
    """Load a stack with chat users and judge what they saw (-- --scenario ramp --users 50 --workers 2)."""
    _run(session, "load", "python", "-m", "loadtest", *session.posargs)


@nox.session(venv_backend="none")
def capacity(session: nox.Session) -> None:
    """Say what a month on AWS costs and which quota binds (-- --users 1e6, --json, --plots FOLDER)."""
    _run(session, "load", "python", "-m", "loadtest.capacity", *session.posargs)


@nox.session(venv_backend="none")
def simulate(session: nox.Session) -> None:
    """Simulate reconnect storms and bursts on AWS (-- storm --users 1e6, burst, validate, plots FOLDER)."""
    _run(session, "load", "python", "-m", "loadtest.simulation", *session.posargs)


@nox.session(venv_backend="none")
def bench(session: nox.Session) -> None:
    """Compare localcloud with bare MiniStack, and hold it to its budgets (-- --quick, --only NAME)."""
    _run(session, "run", "python", "-m", "bench", *session.posargs)


@nox.session(venv_backend="none")
def example(session: nox.Session) -> None:
    """Run the projects in examples/ with localcloud as a distribution, as another project would."""
    python = _environment(session, "example")
    _install(session, python, "--no-deps", "--no-build-isolation", str(ROOT / "localstack"))
    for project in ("echo", "calls"):
        with session.chdir(ROOT / "examples" / project):
            session.run(str(python), "-m", "pytest", *session.posargs, external=True, interrupt_timeout=20)


@nox.session(venv_backend="none")
def specs(session: nox.Session) -> None:
    """Write docs/openapi.json and docs/asyncapi.json from the code's types."""
    _run(session, "dev", "python", "-m", "specs", *session.posargs)


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check format, lint, types and templates; changes nothing (-- --fix formats and fixes)."""
    fix = "--fix" in session.posargs
    _run(session, "dev", "ruff", "format", *([] if fix else ["--check"]), ".")
    _run(session, "dev", "ruff", "check", *(["--fix"] if fix else []), ".")
    _run(session, "dev", "mypy", *TYPED)
    _run(session, "dev", "cfn-lint", "--config-file", "stack/.cfnlintrc")


@nox.session(venv_backend="none")
def audit(session: nox.Session) -> None:
    """Check the templates by checkov; list what ships in build/sbom/ (-- --online: is it vulnerable?)."""
    _run(session, "audit", "checkov", "--config-file", "stack/.checkov.yaml")
    bills = ROOT / "build" / "sbom"
    bills.mkdir(parents=True, exist_ok=True)
    shipped = ["requirements", "requirements/handlers.txt", "--output-reproducible"]
    _run(session, "audit", "cyclonedx-py", *shipped, "-o", str(bills / "handlers.json"))
    npm = shutil.which("npm") or str(_environment(session, "audit").with_name("npm"))
    with session.chdir(ROOT / "frontend"):
        listed = session.run(
            npm,
            "sbom",
            "--sbom-format=cyclonedx",
            "--package-lock-only",
            external=True,
            silent=True,
            stderr=None,
        )  # what serves development alone is marked so
        (bills / "frontend.json").write_text(str(listed))
        if "--online" in session.posargs:
            session.run(npm, "audit", external=True)
    if "--online" in session.posargs:
        for pins in sorted((ROOT / "requirements").glob("*.txt")):
            _run(session, "audit", "pip-audit", "--require-hashes", "--disable-pip", "-r", str(pins))


@nox.session(venv_backend="none")
def package(session: nox.Session) -> None:
    """Build the zips that ship to Lambda, reproducibly (-- --platform aws | host)."""
    _run(session, "run", "python", "-m", "harness", "package", *session.posargs)


@nox.session(venv_backend="none")
def deploy(session: nox.Session) -> None:
    """Deploy to AWS: prints each command, shows what would change, asks (-- --env staging, --yes)."""
    _run(session, "run", "python", "-m", "harness", "deploy", *session.posargs)


@nox.session(venv_backend="none")
def drift(session: nox.Session) -> None:
    """Tell what of a stack was changed behind CloudFormation's back (-- --env staging)."""
    _run(session, "run", "python", "-m", "harness", "drift", *session.posargs)


@nox.session(venv_backend="none")
def restore(session: nox.Session) -> None:
    """Write back what a table lost (-- --env prod --table Messages --from RESTORED-TABLE)."""
    _run(session, "run", "python", "-m", "harness", "restore", *session.posargs)


@nox.session(venv_backend="none")
def destroy(session: nox.Session) -> None:
    """Delete a stack with its data, and say what stays by design (-- --env staging)."""
    _run(session, "run", "python", "-m", "harness", "destroy", *session.posargs)


@nox.session(venv_backend="none")
def publish(session: nox.Session) -> None:
    """Build the web client and put it into a stack's bucket (-- --target aws --stack NAME)."""
    _run(session, "run", "python", "-m", "harness", "publish", *session.posargs)


@nox.session(venv_backend="none")
def requirements(session: nox.Session) -> None:
    """Compile requirements/*.txt from pyproject.toml's groups: exact pins with hashes (-- --upgrade)."""
    for group in ("handlers", "run", "load", "dev", "audit", "example", "node", "localstack"):
        _run(
            session, "run", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal",
            "--python-version", "3.11", "--no-header", "--no-annotate", "--group", f"pyproject.toml:{group}",
            "--output-file", f"requirements/{group}.txt", *session.posargs,
        )  # fmt: skip


def _run(session: nox.Session, group: str, program: str, *arguments: str) -> None:
    """Run a program of a requirements group's environment, with our sources on Python's path."""
    programs = _environment(session, group).parent
    environment = {
        "PYTHONPATH": os.pathsep.join(str(source) for source in SOURCES),
        "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
    }
    # The children clean up on Ctrl-C; nox would end them after 0.3 s.
    session.run(str(programs / program), *arguments, env=environment, external=True, interrupt_timeout=20)


def _environment(session: nox.Session, group: str) -> Path:
    """Build .nox/<group> from requirements/<group>.txt unless it stands already; give its Python."""
    groups = [group] if shutil.which("npm") else [group, "node"]  # npm fetches dynoxide
    files = [ROOT / "requirements" / f"{name}.txt" for name in groups]
    home = ENVIRONMENTS / group
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / "built-from"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files) + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    session.log(f"Building the {group} environment: once, about a minute")
    shutil.rmtree(home, ignore_errors=True)
    if uv := shutil.which("uv"):
        session.run(uv, "venv", "--quiet", "--python", sys.executable, str(home), external=True)
    else:
        session.run(sys.executable, "-m", "venv", str(home), external=True)
    _install(session, python, "--require-hashes", *(f"--requirement={file}" for file in files))
    stamp.write_text(digest)
    return python


def _install(session: nox.Session, python: Path, *arguments: str) -> None:
    """Install into the environment of ``python``."""
    if uv := shutil.which("uv"):
        session.run(uv, "pip", "install", "--quiet", *arguments, "--python", str(python), external=True)
    else:
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        session.run(*pip, *arguments, external=True)
