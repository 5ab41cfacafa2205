"""How two configs differ, leaf by leaf: added, removed, changed and moved values, and whose file set them.

Values are compared with their types: `1`, `"1"` and `1.0` are three values, and NaN equals itself. Lists that hold
mappings are compared item by item, where items that name the same `_target_` belong together; other lists are one
value. A value that is gone from one key and new at another with the same last part has moved.

With what has run, values are compared as they came out: what is written the same differs where the environment gave it
another value, and what is written in another way does not where it comes to the same.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import msgspec

from niceml_engine import secrets
from niceml_engine.config.composed.graph import stem
from niceml_engine.config.text.literals import leaves_below, leaves_in
from niceml_engine.errors import ConfigError
from niceml_engine.leaves import kept, token
from niceml_engine.protocol.comparing import Change
from niceml_engine.values import Composed, Leaf, Origin, Selection

MAX_PAIRS = 250_000  #: pairs of list items that are looked at to find which belong together
MAX_CANDIDATES = 40  #: places that are looked at to find where a value has gone
_PARTS = re.compile(r"[^.\[\]]+|\[\d+\]")
_ENVIRONMENT = "oc.env:"  #: in the text of what the environment has a say in
_UNKNOWN = object()
_NOTHING: Mapping[str, Any] = {}
_PLAIN_VALUES = (None, True, False, 0, 1, "", "???")


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf of one of two configs.

    Attributes:
        value: Unresolved plain data.
        origin: Who set it, as far as that is known.
        resolved: What it came to, as far as that is known and was asked for.
    """

    value: Any
    origin: Origin | None = None
    resolved: Any = _UNKNOWN

    @property
    def shown(self) -> Any:
        """What it came to; where that is not known, what is written."""
        return self.value if self.resolved is _UNKNOWN else self.resolved


Side = Mapping[str, Entry]  #: the leaves of a config by key, in order


def need_composed(other: Composed) -> Composed:
    """What a config is compared with, if it composes.

    Raises:
        ConfigError: It does not, and why.
    """
    error = other.error
    if error is None:
        return other
    message = f"what it is compared with, {os.path.basename(other.selection.job)}, does not compose: {error.message}"
    raise ConfigError(message, file=error.file, line=error.line, key=error.key, details=error.details)


def as_saved(compose: Callable[[Selection], Composed], selection: Selection) -> Composed:
    """What the job of a selection is without its overrides; those choices stay that the job leaves open by `???`.

    Args:
        compose: Composes a selection.
        selection: The selection.
    """
    needed: tuple[str, ...] = ()
    while True:
        saved = compose(Selection(selection.job, needed))
        if saved.error is None or saved.error.code != "missing-choice":
            return saved
        open_ = {choice.key for choice in saved.choices if choice.missing}
        more = tuple(text for text in selection.overrides if text in needed or text.partition("=")[0] in open_)
        if more == needed:
            return saved
        needed = more


def side_of(composed: Composed) -> Side:
    """The leaves of a composed config, to be compared as they are written."""
    return {leaf.key: Entry(leaf.value, leaf.origin) for leaf in composed.leaves}


def resolved_side_of(composed: Composed) -> Side:
    """The leaves of a composed config, which is compared by values with what has run, and by text with all else."""

    def resolved(leaf: Leaf) -> Any:
        return _UNKNOWN if leaf.reason or leaf.secret else kept(leaf.resolved)[0]

    return {leaf.key: Entry(leaf.value, leaf.origin, resolved(leaf)) for leaf in composed.leaves}


def past_side(
    text: str,
    places: Mapping[str, str],
    overrides: Iterable[str],
    root: str | Path,
    resolved: Mapping[str, Any] = _NOTHING,
) -> Side:
    """The leaves of a config that was stored as text.

    Args:
        text: Unresolved YAML.
        places: `file:line` of leaves that files set, relative to the project.
        overrides: What set the others.
        root: The project.
        resolved: What the leaves came to, as far as that was stored.

    Raises:
        ConfigError: The text is no YAML.
    """
    given = {text.lstrip("+~").partition("=")[0]: (number, text) for number, text in enumerate(overrides, 1)}

    def origin(key: str) -> Origin | None:
        file, _, line = places.get(key, "").rpartition(":")
        if file:
            return Origin(stem(file), str(Path(root) / file), int(line) if line.isdigit() else 0)
        known = next((given[part] for part in _above(key) if part in given), None)
        if known is None:
            return None
        secret = secrets.is_secret(tuple(key.split(".")))
        return Origin("override", line=known[0], text=secrets.mask_text(known[1]) if secret else known[1])

    def entry(key: str, value: Any) -> Entry:
        return Entry(value, origin(key), resolved.get(key, _UNKNOWN))

    return {key: entry(key, value) for key, value in leaves_in(text).items()}


def _from_environment(value: Any) -> bool:
    return isinstance(value, str | list | dict) and _ENVIRONMENT in token(value)


def difference(before: Side, after: Side) -> tuple[Change, ...]:
    """Lists in which values one config differs from an earlier one, in the order of its keys."""
    before, after = _folded(before, after), _folded(after, before)
    return tuple(map(_masked, _with_moves(list(_changes(before, after)))))


# ------------------------------------------------------------------------------------------------- leaves


def _above(key: str) -> Iterator[str]:
    while key:
        yield key
        key = key.rpartition(".")[0]


def _folded(side: Side, other: Side) -> Side:
    """The leaves, those below a key that is itself a leaf on the other side put together as one mapping."""
    found: dict[str, Entry] = {}
    for key, entry in side.items():
        above = "" if key in other else next((part for part in _above(key.rpartition(".")[0]) if part in other), "")
        if not above:
            found[key] = entry
            continue
        whole = found.setdefault(above, Entry({}, entry.origin)).value
        *parents, last = key[len(above) + 1 :].split(".")
        for part in parents:
            whole = whole.setdefault(part, {})
        whole[last] = entry.value
    return found


def _changes(before: Side, after: Side) -> Iterator[Change]:
    for key in _ordered(before, after):
        old, new = before.get(key), after.get(key)
        if old is None and new is not None:
            yield Change("added", key, None, new.value, origin=new.origin)
        elif old is not None and new is None:
            yield Change("removed", key, old.value, before_origin=old.origin)
        elif old is not None and new is not None:
            yield from _changed_at_all(key, old, new)


def _changed_at_all(key: str, old: Entry, new: Entry) -> Iterator[Change]:
    known = old.resolved is not _UNKNOWN and new.resolved is not _UNKNOWN
    is_equal = known and token(old.resolved) == token(new.resolved)
    if token(old.value) != token(new.value):
        if not is_equal:
            yield from _changed(key, key, old, new)
    elif known and not is_equal and _from_environment(new.value):
        yield Change("changed", key, old.resolved, new.resolved, "", old.origin, new.origin, outside=True)


def _ordered(before: Side, after: Side) -> Iterator[str]:
    """All keys in the order of `after`; what it lacks stands behind what it stood behind."""
    follow: dict[str, list[str]] = defaultdict(list)
    last = ""
    for key in before:
        if key in after:
            last = key
        else:
            follow[last].append(key)
    yield from follow[""]
    for key in after:
        yield key
        yield from follow.get(key, ())


def _changed(key: str, before_key: str, old: Entry, new: Entry) -> Iterator[Change]:
    one, other = old.value, new.value
    if isinstance(one, list) and isinstance(other, list) and _has_mappings(one) and _has_mappings(other):
        pairs = _paired(one, other)
        if pairs is not None:
            yield from _items(key, before_key, old, new, pairs)
            return
    was = before_key if before_key != key else ""
    yield Change("changed", key, one, other, was, old.origin, new.origin)


# ------------------------------------------------------------------------------------------------- lists

Pair = tuple[int | None, int | None]  #: places of an item in the old and in the new list


def _has_mappings(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _identity(item: Any) -> str:
    """What an item is: two items with one identity are the same thing with other values."""
    if isinstance(item, dict):
        named = [f"{name}={token(item[name])}" for name in ("_target_", "name", "id") if name in item]
        return " ".join(named) or f"mapping {','.join(map(str, item))}"
    return token(item)


def _paired(one: list[Any], other: list[Any]) -> list[Pair] | None:
    """Which items belong together; `None` for lists that are too long to tell."""
    if len(one) * len(other) > MAX_PAIRS:
        return None
    names, others = list(map(_identity, one)), list(map(_identity, other))
    pairs: list[Pair] = []
    for kind, start, end, there, until in SequenceMatcher(None, names, others, autojunk=False).get_opcodes():
        common = min(end - start, until - there) if kind in ("equal", "replace") else 0
        pairs += [(start + at, there + at) for at in range(common)]
        pairs += [(at, None) for at in range(start + common, end)]
        pairs += [(None, at) for at in range(there + common, until)]
    return _rejoined(pairs, names, others)


def _rejoined(pairs: list[Pair], names: list[str], others: list[str]) -> list[Pair]:
    """Brings together what was taken out at one place and put in at another."""
    out = {names[was]: was for was, now in pairs if now is None and was is not None}
    back = {now: out.pop(others[now]) for was, now in pairs if was is None and now is not None and others[now] in out}
    taken = set(back.values())
    moved = [(back.get(now) if was is None and now is not None else was, now) for was, now in pairs]
    return [(was, now) for was, now in moved if now is not None or was not in taken]


def _out_of_order(pairs: list[Pair]) -> set[Pair]:
    """The pairs whose old place is behind that of an item that they now stand before."""
    found: set[Pair] = set()
    least: int | None = None
    for was, now in reversed(pairs):
        if was is not None and now is not None:
            if least is not None and was > least:
                found.add((was, now))
            least = was if least is None else min(least, was)
    return found


def _items(key: str, before_key: str, old: Entry, new: Entry, pairs: list[Pair]) -> Iterator[Change]:
    moved = _out_of_order(pairs)
    for was, now in pairs:
        if now is None:
            yield Change("removed", f"{before_key}[{was}]", old.value[was], before_origin=old.origin)
        elif was is None:
            yield Change("added", f"{key}[{now}]", None, new.value[now], origin=new.origin)
        elif token(old.value[was]) == token(new.value[now]):
            if (was, now) in moved:
                origins = (old.origin, new.origin)
                yield Change("moved", f"{key}[{now}]", old.value[was], new.value[now], f"{before_key}[{was}]", *origins)
        else:
            yield from _item(
                f"{key}[{now}]",
                f"{before_key}[{was}]",
                Entry(old.value[was], old.origin),
                Entry(new.value[now], new.origin),
            )


def _item(key: str, before_key: str, old: Entry, new: Entry) -> Iterator[Change]:
    """What differs between two items that belong together."""
    if not (isinstance(old.value, dict) and isinstance(new.value, dict)):
        yield from _changed(key, before_key, old, new)
        return
    before = {name: Entry(value, old.origin) for name, value in leaves_below(old.value, "")}
    after = {name: Entry(value, new.origin) for name, value in leaves_below(new.value, "")}
    for name in _ordered(before, after):
        if name not in before:
            yield Change("added", f"{key}.{name}", None, after[name].value, origin=new.origin)
        elif name not in after:
            yield Change("removed", f"{before_key}.{name}", before[name].value, before_origin=old.origin)
        elif token(before[name].value) != token(after[name].value):
            yield from _changed(f"{key}.{name}", f"{before_key}.{name}", before[name], after[name])


# ------------------------------------------------------------------------------------------------- moves


def _with_moves(changes: list[Change]) -> list[Change]:
    """Makes one move of a removed and an added value where they are the same and their keys end alike."""
    added: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, change in enumerate(changes):
        if change.kind == "added":
            added[(_tail(change.key), token(change.after))].append(place)
    gone: set[int] = set()
    moves: dict[int, Change] = {}
    for place, change in enumerate(changes):
        if change.kind != "removed":
            continue
        known = added.get((_tail(change.key), token(change.before)), [])
        target = _target_of(change, [changes[at] for at in known[:MAX_CANDIDATES]])
        if target is None:
            continue
        at = known.pop(target)
        new = changes[at]
        moves[at] = Change("moved", new.key, change.before, new.after, change.key, change.before_origin, new.origin)
        gone.add(place)
    return [moves.get(place, change) for place, change in enumerate(changes) if place not in gone]


def _target_of(removed: Change, candidates: list[Change]) -> int | None:
    """Which of some added values a removed one has become: the one whose key ends most alike."""
    if not candidates:
        return None
    shared = [_shared_tail(removed.key, one.key) for one in candidates]
    best = max(shared)
    # A `null` or `true` may be anywhere: it only moves where nothing else can be meant.
    if best < 2 and len(candidates) > 1 and any(removed.before is plain for plain in _PLAIN_VALUES):
        return None
    return shared.index(best)


def _tail(key: str) -> str:
    """The last part of a key; of an item of a list, the list's."""
    return next((part for part in reversed(_PARTS.findall(key)) if part[0] != "["), key)


def _shared_tail(one: str, other: str) -> int:
    count = 0
    for left, right in zip(reversed(_PARTS.findall(one)), reversed(_PARTS.findall(other)), strict=False):
        if left != right:
            break
        count += 1
    return count


def _masked(change: Change) -> Change:
    keys = [key for key in (change.key, change.before_key) if key]
    if not any(secrets.is_secret(tuple(_PARTS.findall(key))) for key in keys):
        hide = secrets.hide
        before, after = hide(change.before, frozenset()), hide(change.after, frozenset())
    else:
        before, after = secrets.mask(change.before), secrets.mask(change.after)
    return msgspec.structs.replace(change, before=before, after=after)
