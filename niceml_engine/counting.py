"""How many of something there are, in words."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """How many of something there are: `1 option`, `2,000 options`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
