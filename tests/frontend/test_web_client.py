"""The web client's own tests, types and format: what `npm run` has in frontend/, each as a test here."""

from __future__ import annotations

import subprocess

import pytest

from harness import frontend, node, paths

TOOLS = {
    "tests": ("node_modules/vitest/vitest.mjs", "run"),
    "types": ("node_modules/typescript/bin/tsc", "--noEmit"),
    "format and lint": ("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_web_client_passes_its_own_tools(tool: str) -> None:
    """Vitest, the compiler and the linter find nothing."""
    frontend.install()
    program = node.node()
    assert program is not None
    finished = subprocess.run(
        [*program, *TOOLS[tool]],
        cwd=paths.FRONTEND,
        env=node.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
