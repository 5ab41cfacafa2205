"""What lies inside a list.

A list is one leaf, as it is one value to whoever merges configs; but its items have lines of their own, and overrides
may name what lies in them (`callbacks.0.patience`). A part is told as a leaf is, by a key as OmegaConf writes it:
`callbacks[0].patience`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from niceml_engine import secrets
from niceml_engine.values import Leaf, Origin, Place

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_INDEX = re.compile(r"\[(\d+)\]")
_LOOKED_AT = 100  #: items that tell what a list holds


def plain_key(key: str) -> str:
    """A key as an override writes it: `callbacks[0].patience` is `callbacks.0.patience` there."""
    return _INDEX.sub(r".\1", key) if "[" in key else key


def holds_parts(value: object) -> bool:
    """Whether a value is a list of mappings or lists, whose parts are of interest each by itself."""
    return isinstance(value, list) and any(isinstance(item, list | dict) and item for item in islice(value, _LOOKED_AT))


def find(leaves: Mapping[str, Leaf], key: str) -> Leaf | None:
    """The leaf of a key, which may lie inside a list; of a mapping in a list, one that holds the mapping."""
    leaf = leaves.get(key)
    if leaf is None and "[" in key:
        head = key.partition("[")[0]
        leaf = part(leaves[head], key[len(head) :]) if head in leaves else None
    return leaf


def find_in(leaves: Iterable[Leaf], key: str) -> Leaf | None:
    """The same, where no table of the leaves is at hand."""
    wanted = (key, key.partition("[")[0])
    return find({leaf.key: leaf for leaf in leaves if leaf.key in wanted}, key)


def part(leaf: Leaf, path: str) -> Leaf | None:
    """What a path names inside a list, `[0].patience` or `.0.patience`; nothing where it names nothing.

    Args:
        leaf: The list.
        path: The way from it.
    """
    value, resolved, name = leaf.value, leaf.resolved, ""
    try:
        for number, word in _STEP.findall(path):
            if isinstance(value, list):
                step: Any = int(number or word)
                name += f"[{step}]"
            else:
                step = next(key for key in value if str(key) == (number or word))
                name += f".{step}"
            value, resolved = value[step], _step(resolved, step)
    except (LookupError, TypeError, ValueError, StopIteration, AttributeError):
        return None
    return _Teller(leaf).tell(name, value, resolved) if name else leaf


def parts(leaf: Leaf, path: str = "") -> Iterator[Leaf]:
    """The leaves inside an item of a list, or inside all of it: scalars, lists, and mappings that are empty.

    Args:
        leaf: The list.
        path: The item, `[3]`; empty for all of the list.
    """
    below = part(leaf, path)
    if below is None:
        return
    tell = _Teller(leaf).tell
    if not path and isinstance(below.value, list):
        for number, item in enumerate(below.value):
            yield from _walk(f"[{number}]", item, _step(below.resolved, number), tell)
    else:
        yield from _walk(path, below.value, below.resolved, tell)


def origins(leaf: Leaf, path: str) -> list[Origin]:
    """Who set what a path names inside a list, in merge order, with the line of it or of what lies nearest around."""
    return _Teller(leaf).origins(path)


def chains(leaf: Leaf, paths: Iterable[str]) -> list[list[Origin]]:
    """The same of several paths."""
    teller = _Teller(leaf)
    return [teller.origins(path) for path in paths]


def set_apart(leaf: Leaf) -> list[Leaf]:
    """A leaf; of a list into which overrides reach, the list as it was before, and each part that they set."""
    if not isinstance(leaf.value, list) or leaf.origin.file or not leaf.shadows:
        return [leaf]
    whole, names = _Teller(leaf).reached()
    found = (part(leaf, name[len(plain_key(leaf.key)) :]) for name in dict.fromkeys(names))
    return [whole, *(one for one in found if one is not None)]


def _walk(path: str, value: Any, resolved: Any, tell: Callable[[str, Any, Any], Leaf]) -> Iterator[Leaf]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _walk(f"{path}.{key}", item, _step(resolved, key), tell)
    else:
        yield tell(path, value, resolved)


def _step(resolved: Any, step: Any) -> Any:
    """The same step in what a list resolves to; nothing where that does not lead there."""
    try:
        return resolved[step]
    except (LookupError, TypeError):
        return None


class _Teller:
    """Tells who set what lies in a list: who set the list as it is now, and then who changed something in it.

    Args:
        leaf: The list.
    """

    def __init__(self, leaf: Leaf) -> None:
        self._leaf = leaf
        chain = [*leaf.shadows, leaf.origin]
        head = f"{plain_key(leaf.key)}."
        inside = next((at for at, one in enumerate(reversed(chain)) if one.file or not _named(one).startswith(head)), 0)
        start = len(chain) - 1 - inside
        self._whole = chain[start]
        self._later = [(one, _named(one)) for one in chain[start + 1 :]]
        self._known = {place.path: place for place in self._whole.inside}

    def reached(self) -> tuple[Leaf, list[str]]:
        """The list as it was before overrides reached into it, and the keys of these."""
        chain = [*self._leaf.shadows, self._leaf.origin]
        before = chain[: len(chain) - 1 - len(self._later)]
        whole = msgspec.structs.replace(self._leaf, origin=self._whole, shadows=tuple(before))
        return whole, [name for _, name in self._later]

    def tell(self, path: str, value: Any, resolved: Any) -> Leaf:
        """What a path names, as a leaf."""
        leaf = self._leaf
        *shadows, own = self.origins(path, listed=isinstance(value, list))
        reason = "a value must be given here" if value == "???" else ""
        if isinstance(value, str) and "${" in value and resolved == value:
            reason = leaf.reason
        secret = leaf.secret or any(secrets.is_secret_name(word) for _, word in _STEP.findall(path) if word)
        if secret and not leaf.secret:
            resolved = secrets.mask(resolved)
            own, *shadows = (msgspec.structs.replace(one, text=secrets.mask_text(one.text)) for one in (own, *shadows))
        return Leaf(f"{leaf.key}{path}", value, own, tuple(shadows), resolved, reason, secret, leaf.own)

    def origins(self, path: str, *, listed: bool = False) -> list[Origin]:
        """Who set what a path names, in merge order."""
        if not self._later:
            return [self._at(path, listed)]
        key = plain_key(f"{self._leaf.key}{path}")
        above = [one for one, name in self._later if name == key or key.startswith(f"{name}.")]
        below = [one for one, name in self._later if name.startswith(f"{key}.")]
        added = any(one.text.startswith("+") and not one.text.startswith("++") for one in above)
        later = [one for one, _ in self._later if one in above or one in below]
        return later if added else [self._at(path, listed), *later]

    def _at(self, path: str, listed: bool) -> Origin:
        whole, near = self._whole, path
        if not whole.file:
            return whole
        while near and near not in self._known:
            near = near[: max(near.rfind("."), near.rfind("["), 0)]
        place = self._known.get(near)
        line, text = (place.line, place.text) if place is not None else (whole.line, "")
        comment = place.comment if place is not None and near == path else ""
        below = f"{path}["
        held = [one for one in whole.inside if one.path.startswith(below)] if listed else []
        inside = tuple(Place(one.path[len(path) :], one.line, one.text, one.comment) for one in held)
        return msgspec.structs.replace(whole, line=line, text=text, inside=inside, comment=comment)


def _named(one: Origin) -> str:
    """The key of an override."""
    return one.text.lstrip("+~").partition("=")[0].strip()
