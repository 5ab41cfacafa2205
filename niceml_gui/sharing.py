"""A composed config made of the parts of the one before, where these are the same.

Most edits change one leaf of thousands. What stayed is the same object then, so that a view sees what changed without
looking into it.
"""

from __future__ import annotations

from operator import is_
from typing import Any

import msgspec

from niceml_engine.values import Composed, Leaf

_encode = msgspec.msgpack.Encoder().encode
_WHOLE = ("choices", "defaults", "edges", "heads", "lines", "nodes", "resolved_lines")


def shared(before: Composed, now: Composed) -> Composed:
    """The newer of two composed configs; equal parts are those of the older one."""
    known = {leaf.key: leaf for leaf in before.leaves}
    leaves = tuple([_older(known.get(leaf.key), leaf) for leaf in now.leaves])
    parts = {name: part for name in _WHOLE if (part := getattr(before, name)) == getattr(now, name)}
    same = len(leaves) == len(before.leaves) and all(map(is_, leaves, before.leaves))
    return msgspec.structs.replace(now, leaves=before.leaves if same else leaves, **parts)


def _older(old: Leaf | None, leaf: Leaf) -> Leaf:
    """The older of two leaves if they are equal in types, too: 1 is neither true nor 1.0."""
    same = old == leaf and old is not None and _alike(old.value, leaf.value) and _alike(old.resolved, leaf.resolved)
    return old if same and old is not None else leaf


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list | dict):
        return _encode(one) == _encode(other)
    return type(one) is type(other)
