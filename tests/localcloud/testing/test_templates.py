"""Templates with local paths become ones that CloudFormation takes."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.templates import archive, package

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: src
      Role: !GetAtt Role.Arn
      Environment: { Variables: { TABLE: !Ref Table, URL: !Sub "http://${Api}" } }
  Inline:
    Type: AWS::Lambda::Function
    Properties: { Code: { ZipFile: "x = 1" } }
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties: { Content: layer.zip }
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: nested.yaml }
  Role:
    Type: AWS::IAM::Role
    Properties: { AssumeRolePolicyDocument: { Version: 2012-10-17 } }
"""


class Bucket:
    """Keeps what is uploaded."""

    def __init__(self) -> None:
        """Begin empty."""
        self.content: dict[str, bytes] = {}

    def upload(self, key: str, content: bytes) -> tuple[str, str]:
        """Keep it."""
        self.content[key] = content
        return "bucket", key


def packaged(template: Path, bucket: Bucket) -> Any:
    """The resources of a packaged template, by name, their properties only."""
    resources = json.loads(package(template, bucket.upload))["Resources"]
    return {name: resource["Properties"] for name, resource in resources.items()}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with what it names beside it."""
    (tmp_path / "src" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "__pycache__" / "handler.pyc").write_bytes(b"bytecode")
    (tmp_path / "src" / "handler.py").write_text("x = 1\n")
    (tmp_path / "layer.zip").write_bytes(b"a zip")
    (tmp_path / "nested.yaml").write_text("Resources: { Topic: { Type: AWS::SNS::Topic } }\n")
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_package_puts_addresses_of_uploads_for_local_paths(template: Path) -> None:
    """A directory is zipped without its bytecode, a zip is taken as it is, a nested template is packaged."""
    bucket = Bucket()
    resources = packaged(template, bucket)
    code = resources["Function"]["Code"]
    with zipfile.ZipFile(io.BytesIO(bucket.content[code["S3Key"]])) as opened:
        assert opened.namelist() == ["handler.py"]
    assert bucket.content[resources["Layer"]["Content"]["S3Key"]] == b"a zip"
    nested = resources["Nested"]["TemplateURL"]
    assert nested.startswith("https://s3.amazonaws.com/bucket/")
    assert json.loads(bucket.content[nested.rpartition("/")[2]])["Resources"]["Topic"]
    assert resources["Inline"]["Code"] == {"ZipFile": "x = 1"}


def test_package_writes_short_forms_out(template: Path) -> None:
    """And takes a policy's version for text, not for a date."""
    resources = packaged(template, Bucket())
    assert resources["Function"]["Role"] == {"Fn::GetAtt": ["Role", "Arn"]}
    assert resources["Function"]["Environment"]["Variables"] == {
        "TABLE": {"Ref": "Table"},
        "URL": {"Fn::Sub": "http://${Api}"},
    }
    assert resources["Role"]["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"


def test_archive_of_the_same_files_is_the_same(template: Path) -> None:
    """So what has not changed is not deployed again."""
    source = template.parent / "src"
    first = archive(source)
    (source / "handler.py").touch()
    assert archive(source) == first
    (source / "handler.py").write_text("x = 2\n")
    assert archive(source) != first


def test_archive_of_nothing_is_refused(tmp_path: Path) -> None:
    """A wrong path in a template is found before anything is deployed."""
    with pytest.raises(FileNotFoundError, match="correct the template"):
        archive(tmp_path / "nothing")
