"""Which classes and functions may stand as a `_target_`, found in source text, and what choosing one changes.

What is asked for is known from the declared field, from an annotation or docstring, or, where none of them tells,
from the bases of what stands there now. Classes are looked for in the project's own packages and in the library that
the wanted class lives in: first by the names after `class`, then each by following its bases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import griffe
import msgspec

from niceml_engine.config.code.describe import Slot, Walk
from niceml_engine.config.code.documented import summary
from niceml_engine.config.code.own_code import defined, own_modules, package_modules, search_path
from niceml_engine.config.code.signatures import RESERVED, Signature, Unknown
from niceml_engine.config.code.targets import Reader
from niceml_engine.config.compose.world import is_writable, parsable
from niceml_engine.config.projects.project import Setting
from niceml_engine.descriptions import Candidate, Fitting, Name
from niceml_engine.parts import plain_key
from niceml_engine.values import Composed, Selection

SECONDS = 6.0  #: spent at most on looking for candidates
_CALLABLE = {"collections.abc.Callable", "_collections_abc.Callable", "typing.Callable"}
_PLAIN = {"object", "ABC", "Generic", "Protocol", "NamedTuple", "Enum"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for.

    Attributes:
        paths: Where the classes are defined.
        current: What stands there now.
        function: Whether that is a function.
    """

    paths: frozenset[str]
    current: str
    function: bool

    @property
    def callable(self) -> bool:
        """Whether anything will do that can be called."""
        return bool(self.paths & _CALLABLE)


def fitting(compose: Callable[[Selection], Composed], setting: Setting, selection: Selection, key: str) -> Fitting:
    """Finds what may stand as the `_target_` of a mapping.

    Args:
        compose: Composes a selection.
        setting: The project.
        selection: The selection.
        key: Key of the mapping that holds the `_target_`, or of a `null` that may become one.
    """
    place = _place(compose, setting, selection, key)
    if isinstance(place, Fitting):
        return place
    walk = place.walk
    current = _current(walk, key, place.node)
    wanted = _wanted(walk, place.slot, current)
    if not wanted.paths:
        return Fitting(reason="neither a declaration, an annotation nor a base class tells what fits here")
    finder = _Finder(walk.reader, wanted, time.monotonic() + SECONDS)
    chosen = [_candidate(place, name, own) for name, own in finder.find(setting)]
    asked = finder.asked()
    home = current.partition(".")[0]

    def rank(one: Candidate) -> tuple[object, ...]:
        # What is asked for is often only a base, so it comes last; what lies beside the present one is likelier meant.
        package, _, name = one.target.rpartition(".")
        return not one.own, one.target in asked, package.partition(".")[0] != home, bool(one.needed), name.lower()

    chosen.sort(key=rank)
    return Fitting(tuple(sorted(asked)), tuple(chosen), finder.reason())


def fitting_argument(setting: Setting, walk: Walk, key: str) -> tuple[Name, ...]:
    """Finds what may be given at a place by what is asked for there alone; the project's own comes first.

    Args:
        setting: The project.
        walk: A config in which something takes it.
        key: Where it is given.
    """
    slot = next((slot for name, _, slot in walk.nodes() if name == key), Slot())
    wanted = _wanted(walk, slot, "")
    if not wanted.paths:
        return ()
    finder = _Finder(walk.reader, wanted, time.monotonic() + SECONDS)
    asked, found = finder.asked(), [(name, own, walk.signature(name)) for name, own in finder.find(setting)]
    found.sort(key=lambda one: (not one[1], one[0] in asked, one[0].lower()))
    return tuple(Name(name, summary(made.doc) if isinstance(made, Signature) else "") for name, _, made in found)


def taking(
    compose: Callable[[Selection], Composed], setting: Setting, selection: Selection, key: str, target: str
) -> Fitting:
    """Tells what one class or function changes as the `_target_` of a mapping, whether it fits there or not.

    Args:
        compose: Composes a selection.
        setting: The project.
        selection: The selection.
        key: Key of the mapping that holds the `_target_`.
        target: The class or function.
    """
    place = _place(compose, setting, selection, key)
    return place if isinstance(place, Fitting) else Fitting(candidates=(_candidate(place, target, own=False),))


@dataclass(frozen=True, slots=True)
class _Place:
    """A mapping whose `_target_` is chosen.

    Attributes:
        key: Its key as overrides write it.
        basis: The selection in which no other target was chosen.
        walk: What that composes to.
        node: The mapping.
        slot: What its place declares.
    """

    key: str
    basis: Selection
    walk: Walk
    node: Any
    slot: Slot


def _place(
    compose: Callable[[Selection], Composed], setting: Setting, selection: Selection, key: str
) -> _Place | Fitting:
    """The mapping of a key; else why nothing can be chosen there."""
    written = plain_key(key)
    if not is_writable(f"{written}._target_"):
        return Fitting(reason="Hydra's overrides cannot name it: edit its file")
    basis = _without_target(selection, written)
    composed = compose(basis)
    if composed.error is not None:
        return Fitting(reason="the job does not compose")
    walk = Walk(composed, setting)
    node, slot = next(((node, slot) for name, node, slot in walk.nodes() if name == key), (None, Slot()))
    return _Place(written, basis, walk, node, slot)


def _without_target(selection: Selection, key: str) -> Selection:
    """The selection as it was before another target was chosen: that, and what fell away with it, is undone."""
    kept = []
    for text in selection.overrides:
        parsed = next(iter(parsable((text,))), None)
        name = parsed.key_or_group if parsed is not None else ""
        inside = name.startswith(f"{key}.") and "." not in name[len(key) + 1 :]
        chosen = name == key and "{_target_:" in text.replace(" ", "")
        undone = parsed is not None and (parsed.is_delete() or (parsed.is_add() and text.endswith("=???")))
        if not (chosen or (inside and (name == f"{key}._target_" or undone))):
            kept.append(text)
    return msgspec.structs.replace(selection, overrides=tuple(kept))


def _current(walk: Walk, key: str, node: Any) -> str:
    target = node.get("_target_") if isinstance(node, dict) else None
    resolved = walk.resolved(f"{key}._target_", target)
    return resolved if isinstance(resolved, str) else ""


def _wanted(walk: Walk, slot: Slot, current: str) -> _Wanted:
    reader = walk.reader
    declared = walk.want(slot).classes
    paths = {_path(reader, name) for name in declared}
    found = reader.look(current) if current else None
    fits = isinstance(found, griffe.Class) and _fits(reader, found, paths)
    if isinstance(found, griffe.Class) and not fits and not paths & _CALLABLE:
        bases = [str(base if isinstance(base, str) else base.canonical_path) for base in found.bases]
        bases = [base.partition("[")[0] for base in bases]
        named = [base for base in bases if base.rpartition(".")[2] not in _PLAIN][:1] or [found.path]
        paths |= {_path(reader, base) for base in named}
    elif isinstance(found, griffe.Function) and not paths:
        paths = {found.path}
    return _Wanted(frozenset(paths), current, isinstance(found, griffe.Function))


def _path(reader: Reader, name: str) -> str:
    found = reader.look(name)
    return found.path if isinstance(found, griffe.Class | griffe.Function) else name


def _fits(reader: Reader, found: griffe.Class, paths: Iterable[str]) -> bool:
    wanted = set(paths)
    try:
        for owner in reader.lineage(found):
            if isinstance(owner, Unknown):
                break
            bases = {str(base if isinstance(base, str) else base.canonical_path) for base in owner.bases}
            if owner.path in wanted or bases & wanted:
                return True
    except (SyntaxError, UnicodeDecodeError, OSError):
        return False
    return False


class _Finder:
    """Looks for what fits, until its time is over."""

    def __init__(self, reader: Reader, wanted: _Wanted, deadline: float) -> None:
        self._reader, self._wanted, self._deadline = reader, wanted, deadline
        self._late = False

    def find(self, setting: Setting) -> list[tuple[str, bool]]:
        """The names at which what fits is to be called, and whether it is the project's own."""
        modules = {file: (name, True) for name, file in own_modules(setting)}
        for name, file in self._library(setting):
            modules.setdefault(file, (name, False))
        found: dict[str, tuple[str, bool]] = {}
        for module, name, own in self._named(modules):
            if self._over():
                break
            made = self._reader.look(f"{module}.{name}")
            if not isinstance(made, griffe.Class | griffe.Function) or made.path != f"{module}.{name}":
                continue
            public = self.public(made.path, self._wanted.current.rpartition(".")[0])
            if (own or not _private(public)) and self._is(made, own):
                found[made.path] = (public, own)
        return list(found.values())

    def asked(self) -> set[str]:
        """What is asked for, as a person would write it."""
        return {"Callable"} if self._wanted.callable else {self.public(path) for path in self._wanted.paths}

    def _library(self, setting: Setting) -> list[tuple[str, str]]:
        """The modules of the packages in which what is wanted, and what stands there, lives."""
        search = search_path(setting)
        if self._wanted.callable:
            home = _path(self._reader, self._wanted.current).rpartition(".")[0]
            return [one for one in package_modules(home.partition(".")[0], search) if one[0] == home]
        names = {path.partition(".")[0] for path in (*self._wanted.paths, self._wanted.current)}
        return [one for name in sorted(names) if name for one in package_modules(name, search)]

    def reason(self) -> str:
        """Why there may be more than what was found."""
        if self._late:
            return "there may be more: reading all of it would take too long"
        for name in self._wanted.paths:
            found = self._reader.look(name)
            if isinstance(found, Unknown) and not self._wanted.callable:
                return f"there may be more: {name} cannot be told by reading, {found.reason}"
        return ""

    def _over(self) -> bool:
        self._late = self._late or time.monotonic() > self._deadline
        return self._late

    def _named(self, modules: Mapping[str, tuple[str, bool]]) -> Iterator[tuple[str, str, bool]]:
        """What may fit by its own name and the names of its bases alone: module, name, whether it is the project's."""
        texts = []
        for file, (module, own) in modules.items():
            if self._over():
                break
            texts.append((module, own, defined(file)))
        names = {path.rpartition(".")[2] for path in self._wanted.paths}
        grown = True
        while grown:
            more = {name for _, _, one in texts for name, bases in one.classes if names & {*bases}} - names
            names |= more
            grown = bool(more)
        homes = {path.rpartition(".")[0] for path in self._wanted.paths}
        for module, own, one in texts:
            for name, _ in one.classes:
                if name[0] != "_" and (self._wanted.callable or name in names):
                    yield module, name, own
            if self._wanted.callable or module in homes:
                yield from ((module, name, own) for name in one.functions)

    def _is(self, made: griffe.Class | griffe.Function, own: bool) -> bool:
        if isinstance(made, griffe.Function):
            return (self._wanted.callable and own) or self._called_alike(made)
        if self._wanted.callable:
            return (own or not self._wanted.function) and self._defines(made, "__call__") and not self._abstract(made)
        return _fits(self._reader, made, self._wanted.paths) and not self._abstract(made)

    def _called_alike(self, made: griffe.Function) -> bool:
        """Whether a function must be given what the present one must be given."""
        if not self._wanted.function:
            return False
        one, other = (self._reader.signature(name) for name in (self._wanted.current, made.path))
        if not (isinstance(one, Signature) and isinstance(other, Signature)):
            return False
        return [p.name for p in one.parameters if p.required] == [p.name for p in other.parameters if p.required]

    def _defines(self, made: griffe.Class, name: str) -> bool:
        return any(isinstance(owner, griffe.Class) and name in owner.members for owner in self._reader.lineage(made))

    def _abstract(self, made: griffe.Class) -> bool:
        """Whether a method is declared that no class nearer to the end defines."""
        seen: set[str] = set()
        for owner in self._reader.lineage(made):
            if isinstance(owner, Unknown):
                return False
            for name, member in owner.members.items():
                if name not in seen and isinstance(member, griffe.Function):
                    seen.add(name)
                    if any("abstract" in str(one.callable_path) for one in member.decorators):
                        return True
                elif name not in seen and isinstance(member, griffe.Attribute):
                    seen.add(name)
                    if "abstract-method" in member.labels:
                        return True
        return False

    def public(self, path: str, beside: str = "") -> str:
        """The way a person would write a name: in the package that is named, else without private parts."""
        *parts, name = path.split(".")
        open_parts = [part for at, part in enumerate(parts) if at == 0 or not _private(f".{part}")]
        shorter = [".".join(open_parts[:depth]) for depth in range(len(open_parts), 0, -1)]
        for package in dict.fromkeys((beside, *(shorter if open_parts != parts else ()))):
            found = self._reader.look(f"{package}.{name}") if package else None
            if isinstance(found, griffe.Object) and found.path == path:
                return f"{package}.{name}"
        return path


def _private(path: str) -> bool:
    """Whether a dotted name leads through a part that its package keeps to itself."""
    return any(part.startswith("_") or part == "src" for part in path.split(".")[1:])


def _candidate(place: _Place, target: str, own: bool) -> Candidate:
    key, basis, node = place.key, place.basis, place.node
    found = place.walk.signature(target)
    given = [str(name) for name in node if name not in RESERVED] if isinstance(node, dict) else []
    partial = isinstance(node, dict) and node.get("_partial_") is True
    if isinstance(found, Unknown):
        return Candidate(target, own=own, overrides=_overrides(basis, key, node, target, (), ()))
    dropped = tuple(name for name in given if not found.accepts(name))
    ordered = node.get("_args_") if isinstance(node, dict) else None
    placed = len(ordered) if isinstance(ordered, list) else 0
    named = [one for one in found.parameters if one.kind in ("positional", "any", "keyword")][placed:]
    needed = tuple(one.name for one in named if one.required and one.name not in given and not partial)
    overrides = _overrides(basis, key, node, target, dropped, needed)
    return Candidate(target, summary(found.doc), found.file, found.line, own, dropped, needed, overrides)


def _overrides(
    basis: Selection, key: str, node: Any, target: str, dropped: tuple[str, ...], needed: tuple[str, ...]
) -> tuple[str, ...]:
    """The overrides with a target; what it needs is added as still missing, so that it is seen and asked for."""
    if not isinstance(node, dict) or "_target_" not in node:
        kept = [text for text in basis.overrides if not _speaks_of(text, key)]
        return (*kept, f"{key}={{{','.join([f'_target_:{target}', *(f'{name}:???' for name in needed)])}}}")
    gone = [f"{key}.{name}" for name in dropped]
    added = [name for name in gone if any(_speaks_of(text, name) and text.startswith("+") for text in basis.overrides)]
    kept = [text for text in basis.overrides if not any(_speaks_of(text, name) for name in gone)]
    if node["_target_"] == target:
        return basis.overrides
    missing = (f"+{key}.{name}=???" for name in needed)
    return (*kept, f"{key}._target_={target}", *(f"~{name}" for name in gone if name not in added), *missing)


def _speaks_of(text: str, key: str) -> bool:
    name = text.lstrip("+~").partition("=")[0]
    return name == key or name.startswith(f"{key}.")
