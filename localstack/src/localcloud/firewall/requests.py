"""A request as AWS WAF looks at it: which part of it a statement inspects, and in which form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from localcloud.firewall.errors import NotJudgedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

INSPECTED_BODY_BYTES = 16_384
"""How much of a body CloudFront hands over, where a web ACL does not ask for more."""

_TRANSFORMATIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "NONE": lambda content: content,
    "LOWERCASE": lambda content: content.lower(),
    "URL_DECODE": unquote_to_bytes,
    "COMPRESS_WHITE_SPACE": lambda content: re.sub(rb"[ \t\n\r\f\v\xa0]+", b" ", content),
}
_PARTS = frozenset({"Body", "Method", "QueryString", "SingleHeader", "UriPath"})


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What a viewer has sent."""

    client_ip: str
    method: str
    path: str
    """Percent-encoded."""
    query_string: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One part of a request, in the form in which a statement wants it."""

    part: str
    """As ``FieldToMatch`` names it."""
    header: str = ""
    """Of ``SingleHeader``, in lower case."""
    oversize: str = "CONTINUE"
    """What is said of a body that is longer than what is inspected: ``MATCH``, ``NO_MATCH``, or what its
    beginning says."""
    transformations: tuple[Callable[[bytes], bytes], ...] = ()

    def matches(self, request: WebRequest, test: Callable[[bytes], bool]) -> bool:
        """Whether this part passes the test; one that is not there does not."""
        content = self._content(request)
        if content is None:
            return False
        if self.part == "Body" and len(content) > INSPECTED_BODY_BYTES:
            if self.oversize != "CONTINUE":
                return self.oversize == "MATCH"
            content = content[:INSPECTED_BODY_BYTES]
        for transform in self.transformations:
            content = transform(content)
        return test(content)

    def _content(self, request: WebRequest) -> bytes | None:
        match self.part:
            case "Body":
                return request.body
            case "Method":
                return request.method.encode()
            case "QueryString":
                return request.query_string.encode()
            case "UriPath":
                return request.path.encode()
            case _:
                value = request.headers.get(self.header)
                return None if value is None else value.encode()


def parse_inspected(statement: Mapping[str, Any]) -> Inspected:
    """Read a statement's ``FieldToMatch`` and ``TextTransformations``.

    Raises:
        NotJudgedError: it is a part or a form that is not looked at here.
    """
    ((part, settings),) = statement["FieldToMatch"].items()
    if part not in _PARTS:
        raise NotJudgedError(part)
    return Inspected(
        part=part,
        header=settings.get("Name", "").lower(),
        oversize=settings.get("OversizeHandling", "CONTINUE"),
        transformations=_transformations(statement.get("TextTransformations", ())),
    )


def _transformations(settings: Sequence[Mapping[str, Any]]) -> tuple[Callable[[bytes], bytes], ...]:
    in_order = [each["Type"] for each in sorted(settings, key=itemgetter("Priority"))]
    if unknown := [name for name in in_order if name not in _TRANSFORMATIONS]:
        raise NotJudgedError(unknown[0])
    return tuple(_TRANSFORMATIONS[name] for name in in_order)
