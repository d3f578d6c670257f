"""CloudFront: what only signed URLs should open is open to everybody.

Fault: MiniStack keeps a behavior's TrustedKeyGroups and never looks at them. Here a URL is held to its
signature, by canned and by custom policy; signed cookies are not read. Nothing here speaks TLS, so a URL that
was signed for http opens as one for https does.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from ministack.services import cloudfront

from localcloud.ministack.fixes.cloudfront_addresses import domain_name
from localcloud.ministack.patch import Fix, Patch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Viewer = Callable[..., Awaitable[Any]]

_SIGNING = frozenset({"Expires", "Hash-Algorithm", "Key-Pair-Id", "Policy", "Signature"})
"""The query parameters of a signed URL, which are no part of what was signed and never reach the origin."""
_HASHES = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


class _RefusedError(Exception):
    """A URL opens nothing, for this reason."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message


def _with_key_groups(parse: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def behavior(element: Any, path_pattern: str | None = None) -> dict[str, Any]:  # noqa: ANN401 - untyped
        return {**parse(element, path_pattern), "trusted_key_groups": _key_groups(element)}

    return behavior


def _key_groups(behavior: Any) -> list[str]:  # noqa: ANN401 - an element of MiniStack's
    trusted = cloudfront._find(behavior, "TrustedKeyGroups")  # noqa: SLF001
    return (
        [item.text for item in trusted.iter() if item.tag.endswith("KeyGroup")] if trusted is not None else []
    )


def _to_signed_urls_only(serve: Viewer) -> Viewer:
    async def handle_viewer_request(  # noqa: PLR0917 - MiniStack calls it so
        distribution: Mapping[str, Any],
        method: str,
        path: str,
        raw_path: str,
        raw_query: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
        client_ip: str = "127.0.0.1",
    ) -> Any:  # noqa: ANN401 - MiniStack is untyped
        parsed = cloudfront.parse_distribution_dataplane_config(distribution)
        behavior = cloudfront._match_behavior(parsed, path)  # noqa: SLF001
        if behavior and behavior["trusted_key_groups"]:
            unsigned = "&".join(p for p in raw_query.split("&") if p and p.partition("=")[0] not in _SIGNING)
            url = f"{domain_name(distribution)}{raw_path}" + (f"?{unsigned}" if unsigned else "")
            signature = {name: values[0] for name, values in query.items() if name in _SIGNING}
            try:
                _verify(
                    (f"https://{url}", f"http://{url}"), signature, behavior["trusted_key_groups"], client_ip
                )
            except _RefusedError as refused:
                return _refusal(refused)
            raw_query = unsigned
            query = {name: values for name, values in query.items() if name not in _SIGNING}
        return await serve(distribution, method, path, raw_path, raw_query, headers, body, query, client_ip)

    return handle_viewer_request


def _verify(urls: Sequence[str], query: Mapping[str, str], group_ids: list[str], client_ip: str) -> None:
    """Refuse a URL, in each form that stands for it, that opens nothing to this client at this moment."""
    if "Key-Pair-Id" not in query:
        raise _RefusedError("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    groups = [cloudfront._key_groups.get(group_id) for group_id in group_ids]  # noqa: SLF001
    trusted = {key_id for group in groups if group for key_id in group["Config"]["Items"]}
    key = cloudfront._public_keys.get(query["Key-Pair-Id"])  # noqa: SLF001
    if key is None or key["Id"] not in trusted:
        raise _RefusedError("InvalidKey", "Unknown Key")
    if "Policy" not in query and not query.get("Expires", "").isdigit():
        raise _RefusedError("MissingPolicy", "Missing Policy or Expires query parameter or cookie value")
    signature = _decoded(query.get("Signature", ""), "Signature")
    algorithm = _HASHES.get(query.get("Hash-Algorithm", "SHA1"))
    custom = _decoded(query["Policy"], "Policy") if "Policy" in query else None
    policies = [(url, custom or _canned(url, query["Expires"])) for url in urls]
    pem = key["Config"]["EncodedKey"]
    if algorithm is None or not any(
        _is_signed(pem, policy, signature, algorithm()) and _allows(policy, url, client_ip)
        for url, policy in policies
    ):
        raise _RefusedError("AccessDenied", "Access denied")


def _canned(url: str, expires: str) -> bytes:
    """The policy that a URL with Expires stands for, to the letter."""
    condition = {"DateLessThan": {"AWS:EpochTime": int(expires)}}
    policy = {"Statement": [{"Resource": url, "Condition": condition}]}
    return json.dumps(policy, separators=(",", ":"), ensure_ascii=False).encode()


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise _RefusedError(f"Malformed{name}", f"Could not unencode {name}") from fault


def _is_signed(pem: str, policy: bytes, signature: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = load_pem_public_key(pem.encode())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, policy, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, policy, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _allows(policy: bytes, url: str, client_ip: str) -> bool:
    """Whether a policy that is signed opens the URL, to this client and at this moment."""
    try:
        statement = json.loads(policy)["Statement"][0]
        condition = statement["Condition"]
        before = condition["DateLessThan"]["AWS:EpochTime"]
        after = condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0)
        network = ip_network(condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0"), strict=False)
        resource = statement.get("Resource", "*")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return False
    wanted = re.escape(resource).replace(r"\*", ".*").replace(r"\?", ".")
    in_time = after < time.time() < before
    return in_time and ip_address(client_ip) in network and re.fullmatch(wanted, url, re.DOTALL) is not None


def _refusal(refused: _RefusedError) -> tuple[int, dict[str, str], bytes]:
    page = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
    )
    return 403, {"Content-Type": "text/xml", "Server": "CloudFront"}, page.encode()


FIX = Fix(
    Patch(cloudfront, "_dataplane_behavior", _with_key_groups),
    Patch(cloudfront, "handle_viewer_request", _to_signed_urls_only),
)
