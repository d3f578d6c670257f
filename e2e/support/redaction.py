"""What no log may hold: texts of messages, tokens, tickets and signed links, and the search for them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from e2e.support.account import Account

_TELLING_LENGTH = 10
"""A text as long as this is not in a log by chance."""
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{20,}")
"""How any JWT begins, and so Cognito's tokens of all three kinds."""
_SIGNED_LINK = re.compile(r"[?&](Signature|X-Amz-Signature)=")
_TICKET = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
MOST_EVENTS = 10_000
"""That FilterLogEvents gives at once."""
_OF_LAMBDA = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")


@dataclass(slots=True)
class Search:
    """What was looked for, where, and found."""

    texts: int = 0
    """Different texts that are long enough."""
    events: int = 0
    leaks: list[str] = field(default_factory=list)
    """A sentence each: which log group holds what. The secret itself is not repeated."""


def search_logs(account: Account, page: int = MOST_EVENTS) -> Search:
    """Read all messages and tickets that the stack keeps, and look for them in all that it logged.

    It reads whole tables and log groups, `page` events at once: for a stack of tests, not for one in use.
    """
    secrets = _Secrets(_texts(account), {item["ticket"]["S"] for item in _items(account, "Tickets")})
    search = Search(texts=secrets.texts)
    for group in sorted(set(account.of_type("AWS::Logs::LogGroup").values())):
        found: set[str] = set()
        for event in _events(account, group, page):
            search.events += 1
            if not event.startswith(_OF_LAMBDA):
                found.update(secrets.found_in(event))
        search.leaks += [f"{group} holds {leak}." for leak in sorted(found)]
    return search


class _Secrets:
    """What must not be found: texts by how they begin, tickets by their digests."""

    def __init__(self, texts: Iterable[str], tickets: AbstractSet[str]) -> None:
        self._tickets = tickets
        self._by_beginning: defaultdict[str, set[str]] = defaultdict(set)
        for text in texts:
            if len(text) >= _TELLING_LENGTH:
                self._by_beginning[text[:_TELLING_LENGTH]].add(text)

    @property
    def texts(self) -> int:
        return sum(map(len, self._by_beginning.values()))

    def found_in(self, event: str) -> Iterator[str]:
        if _TOKEN.search(event):
            yield "a token"
        if _SIGNED_LINK.search(event):
            yield "a signed link"
        for ticket in _TICKET.findall(event):
            if hashlib.sha256(ticket.encode()).hexdigest() in self._tickets:
                yield "a ticket"
        for start in range(len(event) - _TELLING_LENGTH + 1):
            texts = self._by_beginning.get(event[start : start + _TELLING_LENGTH], ())
            if any(event.startswith(text, start) for text in texts):
                yield "the text of a message"


def _texts(account: Account) -> Iterator[str]:
    return (item["body"]["S"] for item in _items(account, "Messages") if "body" in item)


def _items(account: Account, table: str) -> Iterator[dict[str, dict[str, str]]]:
    pages = account.dynamodb.get_paginator("scan").paginate(TableName=account.table(table))
    for page in pages:
        yield from page["Items"]  # type: ignore[misc]


def _events(account: Account, group: str, page: int) -> Iterator[str]:
    """All events of a group."""
    pages = account.logs.get_paginator("filter_log_events")
    for each in pages.paginate(logGroupName=group, PaginationConfig={"PageSize": page}):
        yield from (event["message"] for event in each["events"])
