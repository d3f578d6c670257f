"""Templates in YAML are read by libyaml, where MiniStack reads them in Python: in a tenth of the time."""

from __future__ import annotations

from typing import Any

import yaml
from ministack.services.cloudformation import engine

from localcloud.ministack.patch import Fix, Patch


def _by_libyaml(loader: Any) -> Any:  # noqa: ANN401 - MiniStack is untyped
    if not yaml.__with_libyaml__:
        return loader
    return type("CfnLoader", (yaml.CSafeLoader,), {"yaml_constructors": dict(loader.yaml_constructors)})


FIX = Fix(Patch(engine, "CfnLoader", _by_libyaml))
