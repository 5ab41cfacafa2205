"""What all messages have in common."""

from __future__ import annotations

import msgspec


class Asked(msgspec.Struct, frozen=True, tag=True):
    """Base of all requests."""


class Told(msgspec.Struct, frozen=True, tag=True):
    """Base of all news."""


class Nothing(msgspec.Struct, frozen=True):
    """The answer to a request that only does something."""
