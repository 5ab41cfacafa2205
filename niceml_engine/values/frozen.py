"""What all values have in common."""

from __future__ import annotations

import msgspec


class Frozen(msgspec.Struct, frozen=True, gc=False):
    """Base of all values: immutable, comparable, cheap to copy with `msgspec.structs.replace`.

    What is immutable refers to nothing younger, so that the garbage collector need not look at it.
    """
