"""The ways in which an override may be written into config files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Override

from niceml_engine.config.compose.world import parse as parse_override
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import parse, read
from niceml_engine.errors import ConfigError
from niceml_engine.values import Choice, Composed, Leaf, Origin

Edit = Callable[[str], str]
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Way:
    """An edit of a file that may mean the same as an override."""

    file: str
    edit: Edit


@dataclass(frozen=True)
class Ways:
    """Finds the edits that may write an override, the best first; which of them is right shows when it composes.

    Attributes:
        composed: What the selection composes to.
        plain: What it composes to without the overrides that set values.
    """

    composed: Composed
    plain: Composed

    def into_job(self, file: str, override: str) -> list[Way]:
        """Into the job file, or a copy of it in another place."""
        parsed, key, choice = self._read(override)
        if self._chooses(key, choice):
            return [Way(file, way) for way in self._entries(parsed, key, choice)]
        package = next((one.package for one in self.composed.defaults if one.parent == "<root>"), "")
        return self._into_body(file, package, key, parsed)

    def into_preset(self, file: str, override: str) -> list[Way]:
        """Into a config that is merged last, at the top; it can change and add, but take no value away."""
        parsed, key, choice = self._read(override)
        if self._chooses(key, choice):
            if parsed.is_add():
                return [Way(file, partial(edit.add_default, new={f"/{key}": parsed.value()}))]
            option = None if parsed.is_delete() else parsed.value()
            new = [{f"override /{name}": option} for name in _names(key, choice)]
            return [Way(file, partial(edit.add_default, new=entry)) for entry in new]
        return [] if parsed.is_delete() else self._into_body(file, "", key, parsed)

    def into_sources(self, override: str) -> list[Way]:
        """Into the file that makes the choice or sets the value now; where none does, into the job file."""
        parsed, key, choice = self._read(override)
        job = self.into_job(self.composed.selection.job, override)
        if self._chooses(key, choice):
            name = _entry_key(choice) if choice is not None and not parsed.is_add() else ""
            if choice is None or not name:
                return job
            change = partial(_change_default, names={name}, to=None if parsed.is_delete() else parsed.value())
            ways = [Way(choice.file, partial(_remove_default, name=name))] if parsed.is_delete() else []
            return [*ways, Way(choice.file, change), *job]
        origin = self._origin(self._list_of(key))
        if origin is None:
            return job
        return [*self._into_body(origin.file, origin.package, key, parsed), *job]

    def is_choice(self, override: str) -> bool:
        """Whether an override chooses an option, be it one of Hydra's own, rather than setting a value."""
        _, key, choice = self._read(override)
        return self._chooses(key, choice)

    def means(self, override: str, other: Composed) -> bool:
        """Whether what an override decides is decided the same way in another config."""
        _, key, choice = self._read(override)
        if self._chooses(key, choice):
            chosen = next((one.chosen for one in other.choices if one.key.lstrip("+") == key), None)
            return chosen == (choice.chosen if choice is not None else None)
        wanted, found = self._below(self.composed.leaves, key), self._below(other.leaves, key)
        return {leaf.key: repr(leaf.value) for leaf in wanted} == {leaf.key: repr(leaf.value) for leaf in found}

    # ------------------------------------------------------------------------------------------- choices

    def _read(self, override: str) -> tuple[Override, str, Choice | None]:
        parsed = parse_override(override)
        key = parsed.get_key_element().lstrip("+~")
        return parsed, key, next((one for one in self.composed.choices if one.key.lstrip("+") == key), None)

    @staticmethod
    def _chooses(key: str, choice: Choice | None) -> bool:
        return choice is not None or "/" in key or "@" in key

    def _entries(self, parsed: Override, key: str, choice: Choice | None) -> Iterator[Edit]:
        option: Any = None if parsed.is_delete() else parsed.value()
        if parsed.is_add():
            yield partial(edit.add_default, new={key: option})
            yield partial(_append_default, new={key: option})
            return
        names = _names(key, choice)
        overriding = {f"override {slash}{name}" for name in names for slash in ("", "/")}
        yield partial(_change_default, names=overriding, to=option)
        own = _entry_key(choice) if choice is not None and self._is_job(choice.file) else ""
        if own and parsed.is_delete():
            yield partial(_remove_default, name=own)
        elif own:
            yield partial(_change_default, names={own}, to=option)
        else:
            for name in names:
                yield partial(edit.add_default, new={f"override /{name}": option})

    def _is_job(self, file: str) -> bool:
        return Path(file) == Path(self.composed.selection.job)

    # ------------------------------------------------------------------------------------------- values

    def _into_body(self, file: str, package: str, key: str, parsed: Override) -> list[Way]:
        """Edits of the body of a file that stands at a package; none where the package leaves the key out.

        What lies in a list is written alone where the file has that list, else the list is written whole.
        """
        if package and not key.startswith(f"{package}."):
            return []
        start = len(package) + 1 if package else 0
        whole = self._list_of(key)
        inside = tuple(int(part) if part.isdecimal() else part for part in key[len(whole) :].split(".")[1:])
        path: Path_ = tuple(whole[start:].split("."))
        if parsed.is_delete():
            return [Way(file, partial(edit.delete_value, path=(*path, *inside)))]
        alone = [Way(file, partial(edit.set_value, path=(*path, *inside), value=parsed.value()))] if inside else []
        return [*alone, Way(file, partial(edit.set_value, path=path, value=self._value(key, parsed.value())))]

    def _origin(self, key: str) -> Origin | None:
        """The file that sets a key, or the first value below it."""
        leaf = next(iter(self._below(self.plain.leaves, key)), None)
        return leaf.origin if leaf is not None and leaf.origin.file.endswith((".yaml", ".yml")) else None

    @staticmethod
    def _below(leaves: tuple[Leaf, ...], key: str) -> list[Leaf]:
        return [leaf for leaf in leaves if leaf.key == key or leaf.key.startswith((f"{key}.", f"{key}["))]

    def _list_of(self, key: str) -> str:
        """The key of the list that a key leads into; the key itself if it leads into none."""
        data, walked = self._data, []
        for part in key.split("."):
            if isinstance(data, list):
                break
            walked.append(part)
            data = data.get(part) if isinstance(data, dict) else None
        return ".".join(walked)

    def _value(self, key: str, value: Any) -> Any:
        """What to write: the mapping as given, else what the selection makes of it."""
        if isinstance(value, dict):
            return value
        data = self._data
        for part in self._list_of(key).split("."):
            if not isinstance(data, dict) or part not in data:
                return value
            data = data[part]
        return data

    @cached_property
    def _data(self) -> Any:
        return parse(self.composed.yaml).data


def _names(key: str, choice: Choice | None) -> list[str]:
    """How an entry may name a choice."""
    names = [key]
    if choice is not None:
        names += [f"{choice.group}@{choice.package}", f"{choice.group}@_global_.{choice.package}"]
    return list(dict.fromkeys(names))


def _entry_key(choice: Choice) -> str:
    """The key of the entry at which a choice is made; empty if there is none that can be read."""
    if not choice.line or not choice.file:
        return ""
    file = read(choice.file)
    entries = file.data.get("defaults", []) if isinstance(file.data, dict) else []
    index = file.entries.index(choice.line) if choice.line in file.entries else len(entries)
    entry = entries[index] if index < len(entries) else None
    return next(iter(entry), "") if isinstance(entry, dict) else ""


def _append_default(text: str, new: dict[str, Any]) -> str:
    return edit.insert_item(text, ("defaults", len(edit.defaults(text))), new)


def _change_default(text: str, names: set[str], to: Any) -> str:
    return edit.set_default(text, _index(text, names), to)


def _remove_default(text: str, name: str) -> str:
    return edit.remove_default(text, _index(text, {name}))


def _index(text: str, names: set[str]) -> int:
    for index, entry in enumerate(edit.defaults(text)):
        if isinstance(entry, dict) and names & {" ".join(str(name).split()) for name in entry}:
            return index
    raise ConfigError("the defaults list has no such entry", key="defaults")
