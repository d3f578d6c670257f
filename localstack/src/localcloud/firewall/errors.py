"""What keeps a rule from being judged here."""

from __future__ import annotations


class NotJudgedError(Exception):
    """A rule has something that AWS WAF knows and localcloud does not; the text is AWS's name of it."""
