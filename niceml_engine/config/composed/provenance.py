"""Who set a value, and whom it shadowed.

While Hydra merges layer upon layer, each layer notes which keys it sets. A key's history, read with OmegaConf's
merge rules in mind, says who won: a later value wins, `???` never overrides, an empty mapping adds nothing, and a
list is one value. Where a value came in whole (an interpolated mapping that a later layer extended), the key above
it, which brought it, is its origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from omegaconf import AnyNode, Container, DictConfig, ListConfig, Node, OmegaConf
from omegaconf._utils import split_key

from niceml_engine.config.text.files import Path_, YamlFile
from niceml_engine.values import Head, Origin

HYDRA = "hydra"
LONG = 100
"""Items from which on a list is shared by the copies of a config."""
MOST = 8
"""Places of which it is told that they made a mapping."""


class Kind(Enum):
    """What a layer does at a key."""

    VALUE = auto()  #: sets a scalar or a list
    EMPTY = auto()  #: sets a mapping without keys
    MAPPING = auto()  #: sets keys below
    MISSING = auto()  #: says `???`


@dataclass(frozen=True, slots=True)
class Include:
    """An entry of a defaults list, by which a file is in the config.

    Attributes:
        origin: The entry.
        holder: Node and package of the file that holds it; none for the job itself.
    """

    origin: Origin
    holder: tuple[str, str] | None


Included = Mapping[tuple[str, str], Include]
"""By a file's node and package, how it is included."""
Item = tuple[Path_, Kind, Origin]
_Entry = tuple[int, Kind, Origin]


def is_branch(node: Any) -> bool:
    """Whether a config node is a mapping with keys, not a value."""
    return isinstance(node, DictConfig) and isinstance(node._content, dict) and bool(node._content)


def children(node: Any) -> list[tuple[Any, Any]]:
    """The keys and nodes of a mapping, unresolved; none where it is a value."""
    content = node._content if isinstance(node, DictConfig) else None
    return list(content.items()) if isinstance(content, dict) else []


def take_apart(config: Any) -> None:
    """Frees a config that nobody needs any more; its nodes know each other, and would wait for a collection.

    What copies share is left as it is.
    """
    content = config.__dict__["_content"] if isinstance(config, Container) and not is_long(config) else None
    for child in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        child.__dict__["_parent"] = None
        if type(child) is not AnyNode:
            take_apart(child)


def is_long(node: Any) -> bool:
    """Whether a config node is a list that copies of the config may share."""
    return isinstance(node, ListConfig) and isinstance(node._content, list) and len(node._content) >= LONG


def items_of(config: DictConfig, origin: Callable[[Path_], Origin], *, hydra: bool = False) -> tuple[Item, ...]:
    """Lists what a layer sets.

    Args:
        config: The layer, at its package.
        origin: Says where a key of the layer stands.
        hydra: Whether Hydra's own node counts, which hardly anybody asks for.
    """
    items: list[Item] = []

    def walk(node: Any, path: Path_) -> None:
        for key, child in children(node):
            here = (*path, str(key))
            if here == (HYDRA,) and not hydra:
                continue
            items.append((here, _kind(child), origin(here)))
            if is_branch(child):
                walk(child, here)

    walk(config, ())
    return tuple(items)


def file_origin(file: YamlFile, node: str, package: str) -> Callable[[Path_], Origin]:
    """Where the keys of a file stand, once it is included at a package."""
    depth = len(split_key(package)) if package else 0

    def origin(path: Path_) -> Origin:
        mark = file.mark(path[depth:])
        return Origin(node, file.path, mark.line, package, mark.text, mark.inside, mark.comment)

    return origin


class History:
    """All that was set, in merge order."""

    hydra = False  #: whether it is told of Hydra's own node, too

    def __init__(self, before: History | None = None) -> None:
        self._entries: dict[Path_, tuple[_Entry, ...]] = before._entries.copy() if before else {}
        self._count: int = before._count if before else 0
        # What is known of keys that no override has touched, shared with the copies.
        self._told: dict[Path_, tuple[Origin, tuple[Origin, ...]]] = before._told if before else {}
        self._heads: dict[Path_, Head] = before._heads if before else {}  # of files alone, shared likewise
        self._overridden: set[Path_] = before._overridden.copy() if before else set()
        self._whole: set[Path_] = before._whole.copy() if before else set()  # those that overrides set as one value

    def copy(self) -> History:
        """A history that goes its own way from here."""
        return History(self)

    def add(self, items: tuple[Item, ...]) -> None:
        """Appends what one layer sets."""
        self._count += 1
        self._told, self._heads = {}, {}
        for path, kind, origin in items:
            entry = (self._count, kind, origin)
            self._entries[path] = (*self._entries.get(path, ()), entry)

    def override(self, config: DictConfig, key: str, value: Any, text: str, number: int, delete: bool) -> None:
        """Appends an override, already applied to `config`.

        Args:
            config: The config, to see which part of the key lies inside a list.
            key: The key as written.
            value: Its parsed value.
            text: The whole override.
            number: Which override it is, from 1.
            delete: Whether it deletes.
        """
        path = tuple(split_key(key))
        if path[0] == HYDRA and not self.hydra:
            return
        origin = Origin(node="override", line=number, text=text)
        unit = _outside_lists(config, path)
        if delete and unit == path:
            self._entries = {known: entry for known, entry in self._entries.items() if known[: len(path)] != path}
            self._heads = {}
            return
        items: list[Item] = [(path[:depth], Kind.MAPPING, origin) for depth in range(1, len(unit))]
        if unit == path and isinstance(value, dict):
            layer = OmegaConf.create(value)
            items.append((path, _kind(layer), origin))
            items += [((*path, *below), kind, where) for below, kind, where in items_of(layer, lambda _: origin)]
        else:
            items.append((unit, Kind.VALUE, origin))
        told, heads = self._told, self._heads
        self.add(tuple(items))
        self._told, self._heads = told, heads  # of other keys these still hold
        self._overridden.update(here for here, _, _ in items)
        self._whole.update(here for here, kind, _ in items if kind is Kind.VALUE)

    def of(self, path: Path_) -> tuple[Origin, tuple[Origin, ...]]:
        """Who set a leaf of the final config, and whom that shadowed, in merge order."""
        if path in self._overridden or any(path[: len(above)] == above for above in self._whole):
            return self._find(path)
        if path not in self._told:
            self._told[path] = self._find(path)
        return self._told[path]

    def _find(self, path: Path_) -> tuple[Origin, tuple[Origin, ...]]:
        own = [entry for entry in self._entries.get(path, ()) if entry[1] is not Kind.MISSING]
        own = own or list(self._entries.get(path, ()))
        above = list(self._values_above(path))
        values = [entry for entry in own if entry[1] is not Kind.MAPPING] or own
        candidates = values or above
        if not candidates:
            return Origin(node=""), ()
        winner = candidates[-1]
        losers = sorted((entry for entry in (*own, *above) if entry[0] < winner[0]), key=lambda entry: entry[0])
        return winner[2], tuple(entry[2] for entry in losers)

    def heads(self, included: Callable[[], Included]) -> tuple[Head, ...]:
        """Who made each mapping.

        An override that sets something in a mapping does not make it, unless nobody else does.

        Args:
            included: Tells how each file is included.
        """
        if not self._heads:
            entries = included()
            for path, held in self._entries.items():
                if origins := _makers(path, [entry for entry in held if entry[2].file], entries):
                    self._heads[path] = _head(path, origins)
        added = sorted(self._overridden - self._heads.keys())
        made = ((path, self._entries.get(path, ())) for path in added)
        return (
            *self._heads.values(),
            *(_head(path, origins) for path, held in made if (origins := _makers(path, held, {}))),
        )

    def clash(self) -> tuple[Path_, Origin] | None:
        """Where the last layer puts a list upon a mapping, or a mapping upon a list."""
        for path, entries in self._entries.items():
            if len(entries) > 1 and entries[-1][0] == self._count:
                (_, before, earlier), (_, after, last) = entries[-2:]
                one, other = (earlier, before), (last, after)
                for (origin, kind), (_, opposite) in ((one, other), (other, one)):
                    is_list = kind is Kind.VALUE and origin.text.startswith(("[", "-"))
                    if is_list and opposite in (Kind.MAPPING, Kind.EMPTY):
                        return path, last
        return None

    def _values_above(self, path: Path_) -> Iterator[_Entry]:
        for depth in range(1, len(path)):
            yield from (entry for entry in self._entries.get(path[:depth], ()) if entry[1] is Kind.VALUE)


def _makers(path: Path_, entries: Sequence[_Entry], included: Included) -> list[Origin]:
    """The places that make a mapping, each once, in merge order; none where the key holds a value.

    Of a file that was included at or inside of it, that is the entry that leads there from outside.
    """
    found: dict[tuple[str, int], Origin] = {}
    for _, kind, origin in entries:
        if kind is Kind.VALUE:  # what was there before is gone
            found.clear()
        elif kind is not Kind.MISSING:
            place, at = origin, (origin.node, origin.package)
            for _ in included:  # no further than there are entries: files may name each other in a circle
                include = included.get(at)
                if include is None or tuple(split_key(at[1]))[: len(path)] != path:
                    break
                place, at = include.origin, include.holder or ("", "")
            found.pop((place.file, place.line), None)
            found[place.file, place.line] = Origin(place.node, place.file, place.line, place.package)
    return list(found.values())


def _head(path: Path_, origins: list[Origin]) -> Head:
    return Head(".".join(path), tuple(origins[-MOST:]), max(0, len(origins) - MOST))


def _kind(node: Node) -> Kind:
    if node._is_missing():
        return Kind.MISSING
    if is_branch(node):
        return Kind.MAPPING
    if isinstance(node, DictConfig) and isinstance(node._content, dict):
        return Kind.EMPTY
    return Kind.VALUE


def reaches_into_lists(key: str) -> bool:
    """Whether a key may name an item of a list: only numbers do, in whatever way the list itself is named."""
    return any(part.strip().lstrip("+-").replace("_", "").isdecimal() for part in split_key(key))


def _outside_lists(config: DictConfig, path: Path_) -> Path_:
    node: Any = config
    for depth, key in enumerate(path):
        if isinstance(node, ListConfig):
            return path[:depth]
        node = {str(name): child for name, child in children(node)}.get(key)
    return path
