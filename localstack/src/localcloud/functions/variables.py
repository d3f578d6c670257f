"""The environment variables of an execution environment: AWS's and the function's own, nothing else."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.functions.reports import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from localcloud.functions.catalog import Function
    from localcloud.functions.runtime_directory import RuntimeDirectory
    from localcloud.interfaces import Credentials


@dataclass(frozen=True, slots=True)
class Bundle:
    """What an environment needs of this machine to start."""

    code: Path
    """The function's own code: /var/task."""
    layers: Sequence[Path]
    """The layers' contents in the order in which AWS lays them over each other in /opt."""
    runtime: RuntimeDirectory
    """AWS's runtime: /var/runtime."""
    scratch: Path
    """A directory of the environment's own, its TMPDIR and HOME, gone with it."""
    credentials: Credentials
    """Of the function's execution role."""
    region: str
    endpoint_url: str
    """Where the SDKs find this AWS."""


def environment_variables(
    function: Function, bundle: Bundle, runtime_api: str, log_stream: str
) -> Mapping[str, str]:
    """All variables of the process that serves ``function``.

    They are those of https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html with directories
    of this machine; AWS_ENDPOINT_URL, as LocalStack sets it; HOME and TMPDIR, which keep the developer's own
    ~/.aws out of sight. Reserved ones win over the function's own: Lambda refuses functions that set them.

    Args:
        function: the function.
        bundle: the directories and the credentials to name.
        runtime_api: ``host:port`` of the Runtime API.
        log_stream: the stream that the environment's output goes to.
    """
    own = {"TZ": ":UTC", "LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", **function.variables}
    own.setdefault("AWS_ENDPOINT_URL", bundle.endpoint_url)
    if function.log_format == JSON and function.application_log_level:
        own["AWS_LAMBDA_LOG_LEVEL"] = function.application_log_level
    name, directories = _module_path(function, bundle)
    modules = ":".join([*map(str, directories), *filter(None, [function.variables.get(name)])])
    return {
        **own,
        "AWS_ACCESS_KEY_ID": bundle.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": bundle.credentials.secret_access_key,
        "AWS_SESSION_TOKEN": bundle.credentials.session_token,
        "AWS_REGION": bundle.region,
        "AWS_DEFAULT_REGION": bundle.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_megabytes),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "HOME": str(bundle.scratch),
        "LAMBDA_RUNTIME_DIR": str(bundle.runtime.path),
        "LAMBDA_TASK_ROOT": str(bundle.code),
        name: modules,
        "TMPDIR": str(bundle.scratch),
        "_HANDLER": function.handler,
    }


def _module_path(function: Function, bundle: Bundle) -> tuple[str, list[Path]]:
    """The variable by which the runtime finds modules, and where, in AWS's order.

    That is the function, the layers (the last laid over the others), the runtime; Node knows the function's
    own by itself.
    """
    if function.runtime.startswith("nodejs"):
        layers = [layer / "nodejs" / "node_modules" for layer in reversed(bundle.layers)]
        return "NODE_PATH", [layer for layer in layers if layer.is_dir()]
    packages = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    layers = [layer / python for layer in reversed(bundle.layers) for python in (packages, "python")]
    return "PYTHONPATH", [bundle.code, *(layer for layer in layers if layer.is_dir()), bundle.runtime.path]
