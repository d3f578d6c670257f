"""CloudFront: a distribution whose origin is an API of API Gateway answers 502.

Fault: MiniStack dials no host of AWS's; it serves buckets, load balancers and function URLs itself, no API.
Here `{apiId}.execute-api.{region}.amazonaws.com` is reached at this server, which finds the API by the host.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ministack.services import cloudfront

from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Target = tuple[str, int, bool]

_API = re.compile(r"[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


def _here(connect_target: Callable[..., Target]) -> Callable[..., Target]:
    def target(origin: Mapping[str, Any], viewer_is_https: bool) -> Target:
        if _API.fullmatch(origin["domain_name"]):
            return os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"]), False
        return connect_target(origin, viewer_is_https)

    return target


FIX = Fix(Patch(cloudfront, "_origin_connect_target", _here))
