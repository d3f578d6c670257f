"""Judges a run by its history: was anything lost, repeated, reordered, renumbered or made up?"""

from __future__ import annotations

from .judge import Judge, judge_directory
from .violations import Rule, Verdict, Violation

__all__ = ["Judge", "Rule", "Verdict", "Violation", "judge_directory"]
