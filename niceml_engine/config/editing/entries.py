"""Entries of defaults lists as they are written: which config each names, and how it would name another one.

What an entry means where it stands is asked of Hydra's own classes.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hydra.core.default_element import ConfigDefault, GroupDefault, InputDefault

from niceml_engine.config.composed.graph import stem
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import YamlFile
from niceml_engine.config.text.literals import load
from niceml_engine.config.text.spans import Path


@dataclass(frozen=True)
class Include:
    """One config that an entry of a defaults list names; an entry with a list of options names several.

    Attributes:
        path: Where its name stands in the file's data, `("defaults", 2, "override /db@x", 0)`.
        line: The entry's line.
        keywords: `override`, `optional`, as written before the group, with the space that follows.
        group: As written, `/ops/train`; empty where the entry is a config alone.
        package: As written behind `@`; `None` without one.
        name: As written, `op_x.yaml`, or the whole path where there is no group.
    """

    path: Path
    line: int
    keywords: str
    group: str
    package: str | None
    name: str

    @property
    def override(self) -> bool:
        """Whether it changes what another entry chose."""
        return "override" in self.keywords.split()

    @property
    def key(self) -> str:
        """The entry's key, `override /db@x`; empty where it has none."""
        return self.keywords + self._at(self.group) if self.group else ""

    @property
    def listed(self) -> bool:
        """Whether it is one of a list of options, which go each to the package of its own folder."""
        return bool(self.group) and isinstance(self.path[-1], int)

    @property
    def value(self) -> str:
        """What stands behind the key, or the whole entry where it has none."""
        return self.name if self.group else self._at(self.name)

    def __str__(self) -> str:
        return f"{self.key}: {self.value}" if self.group else self.value

    def config(self, base: str) -> str:
        """The path of the config that it names, without `.yaml`.

        Args:
            base: The group of the file in which it stands; empty at the top of a config root.
        """
        return posixpath.normpath(self._hydra(base).get_config_path())

    def group_path(self, base: str) -> str:
        """The path of the group that is chosen from, as `config` has it."""
        return str(self._hydra(base).get_group_path())

    def may_name(self, file: str, user: str, sources: Iterable[str]) -> bool:
        """Whether it names a file under some reading.

        Args:
            file: The file.
            user: The file in which the entry stands.
            sources: The folders in which configs may be looked up.
        """
        written = f"{self.group}/{self.name}" if self.group else self.name
        path, end = stem(file), stem(f"/{written.lstrip('/')}")
        folder = path.removesuffix(end)
        relative = not written.startswith("/") and user.startswith(f"{folder}/")
        return ".." in written or (path.endswith(end) and (folder in sources or relative))

    def from_top(self, base: str) -> Include:
        """The same entry with its group written from the top.

        Args:
            base: The group of the file in which it stands.
        """
        return replace(self, group=f"/{self.group_path(base)}")._at_package_of(self)

    def naming(
        self, config: str, base: str, *, absolute: bool = False, headed: bool = False, same_group: bool = False
    ) -> Include:
        """The entry that names another config at the same package, absolute or relative as this one is.

        Args:
            config: The config's path, without `.yaml`.
            base: The group of the file in which this entry stands.
            absolute: Whether it must not depend on the group of the file in which it stands.
            headed: Whether the config has a `# @package` line, which says where it goes unless the entry does.
            same_group: Whether to keep the group, so that a config outside of it is named as `../other/config`;
                what overrides an entry finds it by its group.
        """
        suffix = self.name[len(stem(self.name)) :]
        if not self.group:
            moved = replace(self, name=_written(config, base, absolute or self.name.startswith("/")) + suffix)
            return moved if headed else moved._at_package_of(self)
        old = self._hydra(base).get_group_path()
        group, name = posixpath.split(config)
        bound = same_group or self.override or self.listed or not group
        if bound or f"{group}/".startswith(f"{old}/"):
            group, name = old, posixpath.relpath(config, old)
        written = self.group
        if group != old or absolute:
            written = _written(group, base, absolute or self.group.startswith("/"))
        moved = replace(self, group=written, name=name + suffix)
        return moved if headed else moved._at_package_of(self)

    def write(self, text: str, new: Include) -> str:
        """Writes another entry in the place of this one.

        Raises:
            ConfigError: It is written in a way that cannot be spliced.
        """
        path = self.path
        if self.listed and new.key in load(text)["defaults"][path[1]]:  # as another one of the list was written
            path = (*path[:2], new.key, *path[3:])
        if new.value != self.value and new.value:
            text = edit.set_value(text, path, new.value)
        if self.group and new.key != path[2]:
            text = edit.rename_key(text, path[:3], new.key)
        return text

    def _hydra(self, base: str) -> InputDefault:
        default: InputDefault = ConfigDefault(path=stem(self.name))
        if self.group:
            default = GroupDefault(group=self.group, value=stem(self.name))
        default.update_parent(base, "")
        return default

    @property
    def usual_package(self) -> str:
        """Where its config goes if neither the entry nor the config says so, seen from the top."""
        default = self._hydra("")
        if self.listed:
            default = ConfigDefault(path=f"{self.group}/{stem(self.name)}")
            default.update_parent("", "")
        return str(default.get_default_package())

    def _at(self, name: str) -> str:
        return name if self.package is None else f"{name}@{self.package}"

    def _at_package_of(self, other: Include) -> Include:
        before, after = other.usual_package, self.usual_package
        if self.package is not None or before == after:
            return self
        return replace(self, package=before or "_here_")


def includes(file: YamlFile) -> Iterator[Include]:
    """All configs that a file's defaults list names; entries that decide later (`???`, `${…}`) name none yet."""
    for path, line, entry in _entries(file):
        if isinstance(entry, str):
            name, _, package = entry.partition("@")
            if _is_named(name):
                yield Include(path, line, "", "", package if "@" in entry else None, name)
            continue
        for group, value in _groups(entry, path, line):
            for number, name in enumerate(value if isinstance(value, list) else [value]):
                if _is_named(name):
                    place = (*group.path, number) if isinstance(value, list) else group.path
                    yield replace(group, path=place, name=name)


def undecided(file: YamlFile) -> Iterator[Include]:
    """The entries of a file's defaults list that name a group and no option of it: `db: ???`, `optional db: null`."""
    for path, line, entry in _entries(file):
        for group, value in _groups(entry, path, line):
            if not isinstance(value, list) and not _is_named(value):
                yield group


def _entries(file: YamlFile) -> Iterator[tuple[Path, int, Any]]:
    """What stands in a file's defaults list, with the place in its data, and the line."""
    entries = file.data.get("defaults") if isinstance(file.data, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        yield ("defaults", index), file.entries[index] if index < len(file.entries) else 0, entry


def _groups(entry: Any, path: Path, line: int) -> Iterator[tuple[Include, Any]]:
    """The groups that an entry names, each with what is chosen from it."""
    for key, value in entry.items() if isinstance(entry, dict) else ():
        if not isinstance(key, str) or (key == "optional" and len(entry) > 1):
            continue
        head, _, package = key.partition("@")
        at = head.rfind(" ") + 1
        if head[at:].strip("/"):
            yield Include((*path, key), line, head[:at], head[at:], package if "@" in key else None, ""), value


def _is_named(name: Any) -> bool:
    return (
        isinstance(name, str)
        and name not in ("", "_self_", "???")
        and "${" not in name
        and os.path.basename(name) != ""
    )


def _written(path: str, base: str, absolute: bool) -> str:
    """How a path is written in a file of the group `base`: relative only where it can be."""
    if not absolute and (not base or path.startswith(f"{base}/")):
        return path[len(base) + 1 :] if base else path
    return f"/{path}"
