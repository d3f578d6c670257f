"""CloudFormation templates with local paths of code, packaged as `aws cloudformation package` does."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # ten times as fast
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Upload = Callable[[str, bytes], tuple[str, str]]
    """Keeps bytes under a name and gives the bucket and key where CloudFormation finds them."""

_CODE = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
"""The property of each type that may be a path: of a directory, a zip, or one file."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: the same files make the same bytes."""
_READABLE = 0o100644 << 16


def package(template: Path, upload: Upload, store: str = "https://s3.amazonaws.com") -> str:
    """The template as JSON, with addresses of uploads for the local paths of code and nested templates.

    Args:
        template: YAML with CloudFormation's short forms, or JSON; paths in it are relative to its directory.
        upload: called for every local path.
        store: where CloudFormation finds the buckets of nested templates.

    Raises:
        FileNotFoundError: the template, or what it names, is not there.
    """
    content = yaml.load(template.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    for resource in content.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        name = _CODE.get(resource["Type"], "")
        if isinstance(local := properties.get(name), str):
            code = archive(template.parent / local)
            bucket, key = upload(f"{hashlib.sha256(code).hexdigest()}.zip", code)
            properties[name] = {"S3Bucket": bucket, "S3Key": key}
        if resource["Type"] == "AWS::CloudFormation::Stack":
            _package_nested(properties, template.parent, upload, store)
    return json.dumps(content)


def archive(path: Path) -> bytes:
    """A directory or a file as a zip, a zip as it is; bytecode and hidden files are left out."""
    if path.suffix == ".zip":
        return path.read_bytes()
    files = [(path.name, path)] if path.is_file() else sorted(_tree(path))
    if not files:
        raise FileNotFoundError(f"{path} is no file, and no directory with any: correct the template.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, file in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            opened.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _tree(directory: Path) -> Iterable[tuple[str, Path]]:
    for path in directory.rglob("*"):
        inside = path.relative_to(directory)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            yield inside.as_posix(), path


def _package_nested(properties: dict[str, Any], directory: Path, upload: Upload, store: str) -> None:
    url = properties.get("TemplateURL")
    if not isinstance(url, str) or "://" in url:
        return
    body = package(directory / url, upload, store).encode()
    bucket, key = upload(f"{hashlib.sha256(body).hexdigest()}.template", body)
    properties["TemplateURL"] = f"{store}/{bucket}/{key}"


class _Loader(SafeLoader):
    """Reads the short forms: `!Ref x` is {"Ref": "x"}, `!Sub x` is {"Fn::Sub": "x"}."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third kind of node
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_yaml_str(node)


_Loader.add_multi_constructor("!", _short_form)
# `Version: 2012-10-17` is text, not a date.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
