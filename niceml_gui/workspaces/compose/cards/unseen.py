"""Values as overrides set them that nothing composes yet, so that what was set while a job is refused is seen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec
import yaml

from niceml_engine.parts import plain_key
from niceml_engine.values import Leaf, Origin
from niceml_gui import overrides as grammar
from niceml_gui.workspaces.compose.quoting import value_of

OVERRIDE = "override"  #: the node of what an override sets


def with_unseen(leaves: Sequence[Leaf], seen: tuple[str, ...], overrides: tuple[str, ...]) -> tuple[Leaf, ...]:
    """The leaves of a config as later overrides change them; what these add is left to composing.

    Args:
        leaves: Of what composed last.
        seen: The overrides that it was composed with.
        overrides: Those of now.
    """
    if seen == overrides:
        return tuple(leaves)
    known = {grammar.split(text)[1]: text for text in seen}
    now = {grammar.split(text)[1]: text for text in overrides}
    changed = {key for key in {*known, *now} if known.get(key) != now.get(key)}
    found = []
    for leaf in leaves:
        key = plain_key(leaf.key)
        if key not in changed or leaf.secret:
            found.append(leaf)
        elif key not in now:
            found.append(_reset(leaf))
        elif not now[key].startswith("~"):
            found.append(_set(_reset(leaf), now[key]))
    return tuple(found)


def _set(leaf: Leaf, override: str) -> Leaf:
    value = value_of(grammar.split(override)[2])
    shadows = (*leaf.shadows, leaf.origin)
    return _with(leaf, value, Origin(OVERRIDE, text=override), shadows)


def _reset(leaf: Leaf) -> Leaf:
    """A leaf as it is without its override."""
    if leaf.origin.file or not leaf.shadows:
        return leaf
    *shadows, origin = leaf.shadows
    with suppress(yaml.YAMLError, ValueError, RecursionError):
        if origin.file and origin.text:
            return _with(leaf, yaml.safe_load(origin.text), origin, tuple(shadows))
    return leaf


def _with(leaf: Leaf, value: object, origin: Origin, shadows: tuple[Origin, ...]) -> Leaf:
    return msgspec.structs.replace(leaf, value=value, resolved=value, origin=origin, shadows=shadows, reason="")
