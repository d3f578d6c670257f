"""What `up` uploads is what `aws cloudformation package` uploads, by which the README deploys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from awscli.customizations.cloudformation.artifact_exporter import Template  # type: ignore[import-untyped]
from awscli.customizations.cloudformation.yamlhelper import yaml_parse  # type: ignore[import-untyped]
from botocore.exceptions import ClientError

from harness.local_uploads import ensure_local_bucket, upload_bundle
from harness.package import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_s3 import S3Client

STORE = "http://127.0.0.1:4566"
BUCKET = "uploads"
ROOT = """\
Parameters: { Wanted: { Type: String, Default: "yes" } }
Conditions: { IsWanted: !Not [!Equals [!Ref Wanted, "no"]] }
Resources:
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties: { Content: lambda/dependencies.zip }
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: IsWanted
    Properties: { TemplateURL: nested.yaml, Parameters: { Layer: !Ref Layer } }
Outputs:
  Function: { Value: !GetAtt Nested.Outputs.Function, Condition: IsWanted }
"""
NESTED = """\
Parameters: { Layer: { Type: String } }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: { AssumeRolePolicyDocument: { Version: 2012-10-17, Statement: [] } }
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: lambda/greet.zip
      Role: !GetAtt Role.Arn
      Layers: !Split [",", !Ref Layer]
      Description: !Sub
        - "${Greeting} from ${AWS::Region}"
        - Greeting: !If [Polite, Hello, !Ref AWS::NoValue]
Conditions: { Polite: !And [!Condition Loud, !Equals [a, a]], Loud: !Equals [!Select [0, !GetAZs ""], ""] }
Outputs:
  Function: { Value: !GetAtt [Function, Arn], Export: { Name: !Join ["-", [greet, 1]] } }
"""


@dataclass
class FakeS3:
    """S3 with one bucket at most."""

    region: str = "us-east-1"
    content: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)

    @property
    def meta(self) -> SimpleNamespace:
        """Tell the client's region."""
        return SimpleNamespace(region_name=self.region)

    def head_bucket(self, Bucket: str) -> None:  # noqa: N803
        """Tell whether it is there."""
        if not self.made:
            raise ClientError({"Error": {"Code": "404"}}, f"HeadBucket {Bucket}")

    def create_bucket(self, **asked: Any) -> None:
        """Make it."""
        self.made.append(asked)

    def get_paginator(self, _operation: str) -> FakeS3:
        """Give what is in it in one page."""
        return self

    def paginate(self, Bucket: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Give that page."""
        assert Bucket == BUCKET
        yield {"Contents": [{"Key": key} for key in self.content]} if self.content else {}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        """Keep an object."""
        assert Bucket == BUCKET
        self.puts.append(Key)
        self.content[Key] = Body


@dataclass
class CommandLine:
    """What `aws cloudformation package` uploads with, into a bucket of the test."""

    content: dict[str, bytes] = field(default_factory=dict)

    def upload_with_dedup(self, path: str, extension: str | None = None) -> str:
        """Keep a file by its checksum; give its address."""
        content = Path(path).read_bytes()
        checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
        key = f"{checksum}.{extension}" if extension else checksum
        self.content[key] = content
        return f"s3://{BUCKET}/{key}"

    def to_path_style_s3_url(self, key: str, _version: str | None = None) -> str:
        """Give where CloudFormation finds an object."""
        return f"{STORE}/{BUCKET}/{key}"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle with a nested template, a layer and a function."""
    (tmp_path / "lambda").mkdir()
    (tmp_path / "root.yaml").write_text(ROOT)
    (tmp_path / "nested.yaml").write_text(NESTED)
    for name in ("dependencies", "greet"):
        # The command line zips what is not a zip.
        (tmp_path / "lambda" / f"{name}.zip").write_bytes(
            b"PK\5\6" + bytes(16) + len(name).to_bytes(2, "little") + name.encode()
        )
    return Bundle(tmp_path)


def resolved(template: Any, content: dict[str, bytes]) -> Any:
    """A template with the nested ones in place of their addresses, and dates, as some take them, as text."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            key = resource["Properties"]["TemplateURL"].removeprefix(f"{STORE}/{BUCKET}/")
            resource["Properties"]["TemplateURL"] = resolved(yaml_parse(content[key].decode()), content)
    return json.loads(json.dumps(template, default=str))


def test_upload_is_what_the_command_line_uploads(bundle: Bundle) -> None:
    """The same templates but for their form, and the same keys of code: neither way undoes the other."""
    command_line = CommandLine()
    packaged = Template("root.yaml", str(bundle.folder), command_line).export()
    s3 = FakeS3()
    url = upload_bundle(cast("S3Client", s3), bundle, BUCKET, STORE)
    root = yaml_parse(s3.content[url.removeprefix(f"{STORE}/{BUCKET}/")].decode())
    assert resolved(root, s3.content) == resolved(packaged, command_line.content)


def test_upload_of_what_is_there_is_left_out(bundle: Bundle) -> None:
    """A second time nothing goes up; a changed function goes up with the templates that name it."""
    s3 = FakeS3()
    first = upload_bundle(cast("S3Client", s3), bundle, BUCKET, STORE)
    s3.puts.clear()
    assert upload_bundle(cast("S3Client", s3), bundle, BUCKET, STORE) == first
    assert s3.puts == []
    (bundle.folder / "lambda" / "greet.zip").write_bytes(b"another")
    assert upload_bundle(cast("S3Client", s3), bundle, BUCKET, STORE) != first
    assert len(s3.puts) == 3


@pytest.mark.parametrize(
    ("region", "asked"),
    [
        ("us-east-1", {"Bucket": BUCKET}),
        (
            "eu-west-1",
            {"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}},
        ),
    ],
)
def test_bucket_is_made_once_in_its_region(region: str, asked: dict[str, Any]) -> None:
    """S3 wants every region named but the first."""
    s3 = FakeS3(region)
    ensure_local_bucket(cast("S3Client", s3), BUCKET)
    ensure_local_bucket(cast("S3Client", s3), BUCKET)
    assert s3.made == [asked]
