"""The catalogue of errors: every code a client can be answered with, what it means and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """What the catalogue says about a code."""

    status: int
    """The HTTP status of a REST answer."""
    retryable: bool
    """The same request, unchanged, may succeed later."""
    definite: bool
    """The request certainly had no effect."""
    message: str
    """One sentence, which says what to do."""


CATALOGUE = {
    "not_json": Entry(400, False, True, "The request is not JSON: send one JSON object in UTF-8."),
    "unknown_action": Entry(400, False, True, "No such action: name one that the protocol has in `action`."),
    "bad_request": Entry(400, False, True, "The request does not fit the protocol: correct what is named."),
    "unauthenticated": Entry(
        401, False, True, "The token does not say who you are: send a Cognito access token of this user pool."
    ),
    "token_expired": Entry(
        401, False, True, "The token this connection was opened with has ended: connect with a new ticket."
    ),
    "signed_out": Entry(
        401, False, True, "You have signed out everywhere since this token was issued: sign in again."
    ),
    "sign_in_failed": Entry(
        400, False, True, "The sign-in was not completed, or long ago: start it again on the web site."
    ),
    "session_ended": Entry(401, False, True, "This browser is not signed in any more: sign in again."),
    "wrong_origin": Entry(
        400, False, True, "This is for pages of the web site itself: open the web site and do it there."
    ),
    "unknown_chat": Entry(
        404,
        False,
        True,
        "There is no such chat, or you are not a member: check the chat id, or create the chat.",
    ),
    "unknown_message": Entry(
        404, False, True, "The chat has no message with this number: read the chat and name one that it has."
    ),
    "unknown_user": Entry(404, False, True, "There is no such user: search for users by name."),
    "no_export": Entry(404, False, True, "There is no archive of yours: ask for one with POST."),
    "blocked": Entry(
        403, False, True, "One of you has blocked the other: nothing can be sent here until that is lifted."
    ),
    "own_block": Entry(400, False, True, "You cannot block yourself: name someone else."),
    "unknown_member": Entry(
        404, False, True, "That user is not a member of the chat: add them, or have them join, first."
    ),
    "own_chat": Entry(400, False, True, "A chat needs somebody else: name a user other than yourself."),
    "direct_chat": Entry(
        400, False, True, "A direct chat has its two members for good: block the other, or mute the chat."
    ),
    "chat_id_taken": Entry(
        409, False, True, "Another chat has this id: make a new id and create the chat with it."
    ),
    "group_full": Entry(409, False, True, "The group has 256 members: remove one before you add another."),
    "last_owner": Entry(
        409, False, True, "Nobody else owns the chat: make another member an owner first, or leave."
    ),
    "message_deleted": Entry(
        409, False, True, "The message was deleted: it can neither be edited nor reacted to, send a new one."
    ),
    "too_many_reactions": Entry(
        409, False, True, "The message has all the reactions that fit: wait until somebody takes one back."
    ),
    "not_permitted": Entry(
        403, False, True, "Your role in the chat does not allow this: ask an owner or an admin of it."
    ),
    "file_too_large": Entry(413, False, True, "The file is larger than 25 MB: send a smaller one."),
    "file_type_refused": Entry(
        415, False, True, "Files of this type are not taken: send an image, film, sound or PDF."
    ),
    "file_type_forged": Entry(
        415, False, True, "The uploaded file is not of the type that was declared: upload it as what it is."
    ),
    "unknown_file": Entry(
        404, False, True, "You have uploaded no such file for this chat: upload it, then send the message."
    ),
    "push_service_refused": Entry(
        400, False, True, "Notifications are not sent to this endpoint: subscribe with another browser."
    ),
    "too_many_subscriptions": Entry(
        409, False, True, "You have 5 browsers that are notified: unsubscribe one before you add another."
    ),
    "bad_after": Entry(
        409,
        False,
        True,
        "The chat has no message numbered `after`: read the chat again and send after its last message.",
    ),
    "id_taken": Entry(
        409,
        False,
        False,
        "Another member's message has this id: give the message a new id and send it again.",
    ),
    "sync_required": Entry(
        409,
        False,
        False,
        "More than a page was written since `after`: sync, then send again what is not there yet.",
    ),
    "too_many_requests": Entry(
        429,
        True,
        True,
        "You do this more often than you may: wait as long as `retryAfterMs` says, then do the same again.",
    ),
    "contention": Entry(
        503,
        True,
        False,
        "Too much is written in this chat at once: send the same request again, unchanged.",
    ),
    "internal": Entry(500, True, False, "The service failed: send the same request again, unchanged."),
}
"""Every error, by code."""


class ChatError(Exception):
    """A request is refused, or could not be carried out, for a reason in the catalogue."""

    def __init__(self, code: str, detail: str = "", *, chat_id: str = "", retry_after_ms: int = 0) -> None:
        """Refuse with a code of the catalogue.

        Args:
            code: the catalogue's code.
            detail: a sentence that takes the place of the catalogue's, when more is known.
            chat_id: the chat concerned.
            retry_after_ms: how long to wait before the request is repeated, where that is known.
        """
        self.entry = CATALOGUE[code]
        self.code = code
        self.message = detail or self.entry.message
        self.chat_id = chat_id
        self.retry_after_ms = retry_after_ms
        super().__init__(f"{code}: {self.message}")
