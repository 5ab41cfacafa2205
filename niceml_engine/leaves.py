"""The values of many configs, of which most are alike: a table that only grows, and travels in parts.

Each key and each distinct value is held once; a run is a row of small numbers, four bytes for each key. So the configs
of thousands of runs fit into some megabytes, and what differs between them is found without looking at a value.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import ne
from typing import Any

import msgspec

_CUT = re.compile(r"… [0-9a-f]{8}$")
LONGEST = 300  #: characters of a value that are kept; of a longer one, its beginning and a mark that tells it apart
_ABSENT = object()


class LeavesPart(msgspec.Struct, frozen=True):
    """What has been added to a table since it had so many keys, values and rows.

    Attributes:
        stamp: Of the table; one with another stamp is another table.
        keys: Of the configs.
        values: Distinct ones, unlike in type or value.
        rows: By run, for each key one more than the place of its value, as int32; 0, and what is left out at the end,
            stands for none.
    """

    stamp: str = ""
    keys: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    rows: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Distinction:
    """What tells some configs apart.

    Attributes:
        keys: They have the same value in each config, as one does that refers to another; the shortest way first.
        holders: How many of the configs have it.
        varies: Whether those that have it have different values.
    """

    keys: tuple[str, ...]
    holders: int
    varies: bool


class Leaves:
    """A table of configs.

    Args:
        stamp: What tells it from other tables.
    """

    def __init__(self, stamp: str = "") -> None:
        self.stamp = stamp
        self.keys: list[str] = []
        self.values: list[Any] = []
        self.rows: dict[str, array[int]] = {}
        self._places: dict[str, int] = {}
        self._tokens: dict[str, int] = {}
        self._ends: dict[str, tuple[int, list[int]]] = {}

    def __contains__(self, run: object) -> bool:
        return run in self.rows

    def add(self, run: str, leaves: Mapping[str, Any]) -> None:
        """Adds the config of a run, or of anything else that has a name."""
        self.rows[run] = self.row(leaves)

    def row(self, leaves: Mapping[str, Any]) -> array[int]:
        """A config as a row of this table, which gets what it lacks."""
        row = array("i", bytes(4 * len(self.keys)))
        for key, value in leaves.items():
            place = self._places.get(key)
            if place is None:
                place = self._places[key] = len(self.keys)
                self.keys.append(key)
                row.append(0)
            row[place] = self._number(value) + 1
        return row

    def _number(self, value: Any) -> int:
        value, name = kept(value)
        number = self._tokens.get(name)
        if number is None:
            number = self._tokens[name] = len(self.values)
            self.values.append(value)
        return number

    # ------------------------------------------------------------------------------------------ travelling

    def part(self, stamp: str = "", keys: int = 0, values: int = 0, rows: int = 0) -> LeavesPart:
        """What somebody lacks who has so much of the table with a stamp; all of it, if that is another one."""
        if stamp != self.stamp:
            keys = values = rows = 0
        names = list(self.rows)[rows:]
        found = {name: self.rows[name].tobytes() for name in names}
        return LeavesPart(self.stamp, tuple(self.keys[keys:]), tuple(self.values[values:]), found)

    def take(self, part: LeavesPart) -> None:
        """Adds what another table has more than this one, which has been like it so far."""
        for key in part.keys:
            self._places[key] = len(self.keys)
            self.keys.append(key)
        for value in part.values:
            self._tokens[token(value)] = len(self.values)
            self.values.append(value)
        for run, row in part.rows.items():
            self.rows[run] = array("i", row)

    # ------------------------------------------------------------------------------------------ asking

    def get(self, run: str, key: str, default: Any = None) -> Any:
        """The value of a key in the config of a run."""
        row, place = self.rows.get(run), self._places.get(key, -1)
        if row is None or not 0 <= place < len(row) or not row[place]:
            return default
        return self.values[row[place] - 1]

    def of(self, run: str) -> Iterator[tuple[str, Any]]:
        """The whole config of a run."""
        for place, number in enumerate(self.rows.get(run, ())):
            if number:
                yield self.keys[place], self.values[number - 1]

    def ending(self, run: str, end: str) -> list[Any]:
        """The values of a run's config whose keys end with some parts of a key, or are it."""
        row = self.rows.get(run)
        if row is None:
            return []
        return [self.values[row[place] - 1] for place in self._ending(end) if place < len(row) and row[place]]

    def distinct(self, end: str) -> list[Any]:
        """The different values of all keys that end with some parts, the latest first."""
        numbers: dict[int, None] = {}
        for place in self._ending(end):
            numbers |= dict.fromkeys(row[place] for row in reversed(self.rows.values()) if place < len(row))
        return [self.values[number - 1] for number in numbers if number]

    def keys_ending(self, end: str) -> list[str]:
        """All keys that end with some parts, or the one that is just that."""
        return [self.keys[place] for place in self._ending(end)]

    def _ending(self, end: str) -> list[int]:
        known = self._ends.get(end)
        if known is not None and known[0] == len(self.keys):
            return known[1]
        whole = self._places.get(end)
        tail = f".{end}"
        found = [whole] if whole is not None else [at for at, key in enumerate(self.keys) if key.endswith(tail)]
        self._ends[end] = (len(self.keys), found)
        return found

    def differing(self, runs: Iterable[str]) -> list[str]:
        """The keys whose values are not the same in all of some configs, in order."""
        rows = [self.rows[run] for run in runs if run in self.rows]
        if len(rows) < 2:
            return []
        width = max(map(len, rows))
        first, *others = (_wide(row, width) for row in rows)
        found: set[int] = set()
        for other in others:
            if other != first:
                found.update(place for place, differs in enumerate(map(ne, first, other)) if differs)
        return [self.keys[place] for place in sorted(found)]

    def distinctions(self, runs: Collection[str]) -> list[Distinction]:
        """What tells some configs apart, in the order of the keys; those that are alike stand together.

        A mapping among the values stands for another one, whose parts have keys of their own: it says nothing new.
        """
        found: dict[tuple[int, ...], list[str]] = {}
        rows = [self.rows[run] for run in runs if run in self.rows]
        for key in self.differing(runs):
            place = self._places[key]
            found.setdefault(tuple(row[place] if place < len(row) else 0 for row in rows), []).append(key)
        return [
            Distinction(
                tuple(sorted(keys, key=lambda key: key.count("."))),
                holders=sum(map(bool, numbers)),
                varies=len({number for number in numbers if number}) > 1,
            )
            for numbers, keys in found.items()
            if not self._is_told(numbers, found)
        ]

    def _is_told(self, numbers: tuple[int, ...], others: Collection[tuple[int, ...]]) -> bool:
        """Whether mappings differ only in what other rows of values tell; of long ones that is taken for granted."""
        if not self._are_mappings(numbers):
            return False
        values = [self._value(number) or {} for number in numbers]
        if any(map(is_cut, values)):
            return not all(map(self._are_mappings, others))
        inner = [dict(_inner(value)) for value in values]
        rows = (tuple(self._known(one, name) for one in inner) for name in dict.fromkeys(chain(*inner)))
        return all(row in others for row in rows if len(set(row)) > 1)

    def _are_mappings(self, numbers: tuple[int, ...]) -> bool:
        values = [self._value(number) for number in numbers if number]
        return all(isinstance(value, dict) or (is_cut(value) and value.startswith("{")) for value in values)

    def _known(self, values: Mapping[str, Any], name: str) -> int | str:
        """The number of one of some values in a row of the table; its token, if it stands nowhere there."""
        if name not in values:
            return 0
        _, name = kept(values[name])
        return self._tokens[name] + 1 if name in self._tokens else name

    def distance(self, row: array[int], run: str) -> int:
        """In how many values a row and the config of a run differ."""
        other = self.rows[run]
        width = max(len(row), len(other))
        return sum(map(ne, _wide(row, width), _wide(other, width)))

    def differences(self, row: array[int], run: str) -> list[tuple[str, Any, Any]]:
        """The keys in which the config of a run and a row differ, with both values; `None` where there is none."""
        other = self.rows[run]
        width = max(len(row), len(other))
        pairs = zip(_wide(other, width), _wide(row, width), strict=True)
        return [
            (self.keys[place], self._value(before), self._value(now))
            for place, (before, now) in enumerate(pairs)
            if before != now
        ]

    def _value(self, number: int) -> Any:
        return self.values[number - 1] if number else None


def grown(leaves: Leaves, part: LeavesPart) -> Leaves:
    """A table with a part added to it; a new one, if the part is of another."""
    if part.stamp != leaves.stamp:
        leaves = Leaves(part.stamp)
    leaves.take(part)
    return leaves


def _inner(value: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """What lies in a mapping, as leaves."""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _inner(item, f"{above}{key}.")
        else:
            yield f"{above}{key}", item


def _wide(row: array[int], width: int) -> array[int]:
    return row if len(row) == width else row + array("i", bytes(4 * (width - len(row))))


def kept(value: Any) -> tuple[Any, str]:
    """A value as it is kept, and its token."""
    name = token(value)
    if len(name) <= LONGEST:
        return value, name
    mark = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]
    short = f"{name[: LONGEST - 20]}… {mark}"
    return short, token(short)


def is_cut(value: Any) -> bool:
    """Whether only the beginning of a value has been kept."""
    return isinstance(value, str) and _CUT.search(value) is not None


def token(value: Any) -> str:
    """A text that two values share if, and only if, they are equal in type too; the order of keys does not count."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{token(key)}:{token(item)}" for key, item in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(token, value)) + "]"
    return repr(value)
