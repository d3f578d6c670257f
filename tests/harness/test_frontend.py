"""The web client's build: once for each content, and told of its stack by its configuration alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from harness import frontend, paths
from harness.errors import HarnessError
from harness.outputs import Outputs
from harness.publish import content_type

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = Outputs(
    "wss://socket/v1", "https://http/v1", "https://site", "eu-west-1_Pool", "client", "eu-west-1"
)


@dataclass
class FakeCompiler:
    """Copies where Vite compiles."""

    fails: bool = False
    runs: int = 0

    def __call__(self, source: Path, folder: Path) -> None:
        """Build, or leave half a site and fail."""
        self.runs += 1
        folder.mkdir()
        if self.fails:
            (folder / "half.js").write_text("half")
            raise HarnessError("The web client does not build: a word is missing.")
        (folder / "index.html").write_text((source / "src" / "main.ts").read_text())


def test_configuration_names_identity_providers_where_there_are_some() -> None:
    """By them the page knows which buttons to show; without any it is told nothing."""
    assert "signIn" not in json.loads(frontend.Configuration.of(OUTPUTS).encoded())
    hosted = msgspec.structs.replace(
        OUTPUTS,
        sign_in_url="https://id.example",
        sign_in_client_id="web",
        sign_in_providers="Google,Workplace",
    )
    told = json.loads(frontend.Configuration.of(hosted).encoded())
    assert told["signIn"] == {
        "url": "https://id.example",
        "clientId": "web",
        "providers": ["Google", "Workplace"],
    }


def test_configuration_of_a_stack_on_aws_names_cognito_of_its_region() -> None:
    """The site signs in at Cognito itself; nothing secret stands in what everybody can read."""
    told = json.loads(frontend.Configuration.of(OUTPUTS).encoded())
    assert told == {
        "webSocketUrl": "wss://socket/v1",
        "httpApiUrl": "https://http/v1",
        "userPoolId": "eu-west-1_Pool",
        "userPoolClientId": "client",
        "cognitoUrl": "https://cognito-idp.eu-west-1.amazonaws.com",
    }


def test_configuration_says_what_the_user_pool_demands_and_offers() -> None:
    """What every stack has out of the box goes without saying."""
    chosen = msgspec.structs.replace(OUTPUTS, password_length=16, mfa="optional")
    told = json.loads(frontend.Configuration.of(chosen).encoded())
    assert (told["passwordLength"], told["mfa"]) == (16, "optional")


def test_site_is_built_anew_for_another_content_and_not_for_the_same(tmp_path: Path) -> None:
    """A second `up` finds what the first has built; tests and notes are not part of the site."""
    source, sites = tmp_path / "frontend", tmp_path / "sites"
    (source / "src").mkdir(parents=True)
    (source / "src" / "main.ts").write_text("one")
    compiler = FakeCompiler()
    first = frontend.build(source, sites, compiler)
    (source / "src" / "main.test.ts").write_text("a test")
    (source / "README.md").write_text("a note")
    assert frontend.build(source, sites, compiler) == first
    assert compiler.runs == 1
    (source / "src" / "main.ts").write_text("two")
    second = frontend.build(source, sites, compiler)
    assert (second / "index.html").read_text() == "two"
    assert (first / "index.html").read_text() == "one"


def test_sources_that_do_not_build_leave_no_site(tmp_path: Path) -> None:
    """Half a site is never published, nor taken for a whole one later."""
    source, sites = tmp_path / "frontend", tmp_path / "sites"
    (source / "src").mkdir(parents=True)
    (source / "src" / "main.ts").write_text("one")
    with pytest.raises(HarnessError, match="does not build"):
        frontend.build(source, sites, FakeCompiler(fails=True))
    site = frontend.build(source, sites, FakeCompiler())
    assert [path.name for path in site.iterdir()] == ["index.html"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html"),
        ("assets/index-1.js", "text/javascript"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("assets/hanken.woff2", "font/woff2"),
        ("icon.svg", "image/svg+xml"),
        ("config.json", "application/json"),
    ],
)
def test_files_of_the_site_are_served_as_what_they_are(name: str, kind: str) -> None:
    """Whatever the machine knows of kinds of files, since browsers are told not to guess."""
    assert content_type(name) == kind


def test_lock_of_the_packages_names_no_registry() -> None:
    """Whoever installs has them from the registry that they use; the hashes say what they must be."""
    lock = json.loads((paths.FRONTEND / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("resolved" not in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
