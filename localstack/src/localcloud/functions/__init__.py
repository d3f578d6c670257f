"""Lambda's execution plane: what is deployed runs here, one process per concurrent invocation."""

from localcloud.functions.plane import ExecutionPlane

__all__ = ["ExecutionPlane"]
