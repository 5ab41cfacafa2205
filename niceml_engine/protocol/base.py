"""What all messages have in common."""

from __future__ import annotations

import msgspec


class Asked(msgspec.Struct, frozen=True, tag=True):
    """Base of all requests."""


class Ping(Asked, frozen=True):
    """Answered at once, whatever the service is busy with: `Nothing`. One that has stopped or hangs does not."""


class Told(msgspec.Struct, frozen=True, tag=True):
    """Base of all news."""


class Nothing(msgspec.Struct, frozen=True):
    """The answer to a request that only does something."""
