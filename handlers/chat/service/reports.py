"""Reports: members show those who run the service a message that should not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from chat.domain import timestamp
from chat.errors import ChatError
from chat.ports.users import Reported
from chat.protocol.http_reports import Report

if TYPE_CHECKING:
    from chat.ports.clock import Clock
    from chat.ports.messages import Messages
    from chat.ports.users import Reports
    from chat.protocol.http_reports import CreateReport
    from chat.service.membership import Membership


class FileReport:
    """Takes reports, each with the message as it stood, since it may be edited or deleted afterwards."""

    def __init__(self, membership: Membership, messages: Messages, reports: Reports, clock: Clock) -> None:
        """Keep them in `reports`."""
        self._membership = membership
        self._messages = messages
        self._reports = reports
        self._clock = clock

    def __call__(self, user_id: str, report: CreateReport) -> tuple[Report, bool]:
        """Take a report; whether it is the first of this user about this message. Later ones change nothing.

        Raises:
            ChatError: `unknown_chat`, or `unknown_message` for one not there, or not shown to the user.
        """
        visible_after = self._membership.require(user_id, report.chat_id)
        message = self._messages.get(report.chat_id, report.seq) if report.seq > visible_after else None
        if message is None:
            raise ChatError("unknown_message")
        reported_at = timestamp(self._clock.now())
        note = "" if report.note is UNSET else report.note
        first = self._reports.add(
            Reported(user_id, report.chat_id, message, report.reason, note, reported_at)
        )
        report_id = f"{report.chat_id}:{report.seq}:{user_id}"
        return Report(report_id=report_id, reported_at=reported_at), first
