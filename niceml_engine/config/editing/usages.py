"""Who names a config file: the entries of all defaults lists of a project, whether a job includes them or not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from niceml_engine.config.composed.graph import stem
from niceml_engine.config.editing.entries import Include, includes, undecided
from niceml_engine.config.projects import scan
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import YamlFile, parse, read_text
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import Usage
from niceml_engine.values import Option, Project

SUFFIXES = (".yaml", ".yml")
_OPEN = re.compile(r"^\s*-.*\$\{", re.MULTILINE)  #: an item that holds an interpolation


@dataclass(frozen=True)
class Reading:
    """One way in which Hydra may read a file.

    Attributes:
        base: The group that the file is in, to which its relative entries are relative.
        sources: The folders in which configs are looked up, in order.
    """

    base: str
    sources: tuple[str, ...]

    def find(self, config: str) -> str:
        """The file of a config path; empty if there is none."""
        for source in self.sources:
            for suffix in SUFFIXES:
                file = os.path.join(source, config + suffix)
                if os.path.isfile(file):
                    return file
        return ""

    def path_of(self, file: str) -> str:
        """The path by which a file, which need not exist, is found as a config; empty if it is not."""
        return next((stem(os.path.relpath(file, source)) for source in self.sources if _below(file, source)), "")


@dataclass(frozen=True)
class Tree:
    """The config files of a project.

    Attributes:
        roots: The folders of configs.
        jobs: The primaries.
        options: All configs, primaries too.
        setting: Says in which folder Hydra looks for what a primary includes, before it looks into the roots.
    """

    roots: tuple[str, ...]
    jobs: tuple[str, ...]
    options: tuple[Option, ...] = field(repr=False)
    setting: Setting

    @classmethod
    def of(cls, project: Project, setting: Setting) -> Tree:
        """The configs of an opened project."""
        jobs = tuple(job.file for job in project.tree.jobs)
        return cls(tuple(map(os.path.normpath, project.config_dirs)), jobs, project.tree.options, setting)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All YAML files."""
        return tuple(dict.fromkeys(file for root in self.roots for file in scan.yaml_files(root)))

    def file(self, name: str) -> str:
        """The file of an option that is given by its id or its path.

        Raises:
            ConfigError: There is none, or it is no config of this project.
        """
        known = next((option.file for option in self.options if option.id == stem(name)), "")
        file = known or os.path.abspath(os.path.expanduser(name))
        if not os.path.isfile(file):
            raise ConfigError("there is no such option; name a file, or an id as in ops/train/op_train_base", file=name)
        if not self.holds(file):
            folders = " or ".join(self.roots)
            raise ConfigError(f"the file is no config of this project; those lie in {folders}", file=file)
        return file

    def holds(self, file: str) -> bool:
        """Whether a file, which need not exist, lies in one of the folders of configs."""
        return any(_below(file, root) for root in self.roots)

    def id_of(self, file: str) -> str:
        """The id of a config file."""
        return Reading("", self.roots).path_of(file) or stem(file)

    @cached_property
    def _mains(self) -> tuple[str, ...]:
        mains = (self.setting.primary(job)[0] for job in self.jobs)
        return tuple(dict.fromkeys(main for main in mains if main))

    def readings(self, file: str) -> tuple[Reading, ...]:
        """The ways in which Hydra may read a file, as part of whatever primary, chosen by its own group and name."""
        found = []
        for main in ("", *self._mains):
            sources = (main, *self.roots) if main else self.roots
            for source in sources:
                if _below(file, source):
                    base = os.path.relpath(os.path.dirname(file), source)
                    found.append(Reading("" if base == "." else base.replace(os.sep, "/"), sources))
        return tuple(dict.fromkeys(found))

    def resolve(self, include: Include, file: str) -> tuple[str, Reading] | None:
        """The file that an entry of a file names, and in which reading; `None` if it names none."""
        return next(self._resolved(include, file), None)

    def users(self, file: str) -> Iterator[tuple[YamlFile, Include, Reading]]:
        """All entries that name a file; files that are no YAML are passed over, since nobody can include them."""
        for parsed, include in self._includes(_name(file)):
            if _name(include.name) == _name(file):
                for goal, reading in self._resolved(include, parsed.path):
                    if goal == file:
                        yield parsed, include, reading
                        break

    def _named(self, config: str) -> Iterator[tuple[YamlFile, Include]]:
        """All entries that name a config by its path, wherever that is."""
        for parsed, include in self._includes(_name(config)):
            if any(include.config(one.base) == config for one in self.readings(parsed.path)):
                yield parsed, include

    def _resolved(self, include: Include, file: str) -> Iterator[tuple[str, Reading]]:
        """The files that an entry may name, depending on the primary.

        A file that was chosen as `group: folder/name` looks from that group: where nothing is found from the file's
        own folder, the folders above it are tried.
        """
        readings = self.readings(file)
        while readings:
            found = [(goal, one) for one in readings if (goal := one.find(include.config(one.base)))]
            if found:
                yield from found
                return
            readings = tuple(Reading(os.path.dirname(one.base), one.sources) for one in readings if one.base)

    def broken(self, file: str) -> tuple[Usage, ...]:
        """The files that hold the name of a file, but cannot be parsed, so that nobody knows what they mean by it."""
        found = []
        for other, text in self._texts.items():
            if _name(file) in text:
                try:
                    parse(text, other)
                except ConfigError as error:
                    words = f"{_name(file)}, perhaps: {error.message}"
                    found.append(Usage(self.id_of(other), other, error.line, words))
        return tuple(found)

    def jobs_with(self, files: Iterable[str]) -> tuple[str, ...]:
        """The jobs that may include any of some files, or of those that include them in turn.

        Entries that decide later (`${…}`) may name anything.
        """
        found = {file for file, text in self._texts.items() if _OPEN.search(text)}
        found.update(files)
        todo, sources = list(found), (*self.roots, *self._mains)
        while todo:
            file = todo.pop()
            named = self._includes(_name(file))
            new = {parsed.path for parsed, include in named if include.may_name(file, parsed.path, sources)}
            todo += new - found
            found |= new
        return tuple(job for job in self.jobs if job in found)

    def overriding(self, group: str) -> Iterator[tuple[YamlFile, Include]]:
        """The entries that override a choice of a group, also those by which nothing is chosen."""
        for parsed, include in self._includes("override", undecided):
            bases = [one.base for one in self.readings(parsed.path)] if include.override else []
            groups = {include.group_path(base) for base in bases}
            if include.name:
                groups |= {os.path.dirname(include.config(base)) for base in bases}
            if group in groups:
                yield parsed, include

    def _includes(
        self, word: str, *more: Callable[[YamlFile], Iterator[Include]]
    ) -> Iterator[tuple[YamlFile, Include]]:
        """All entries of the files that hold a word, since parsing is what takes time; more of them as asked for."""
        for file, text in self._texts.items():
            if word in text:
                with suppress(ConfigError):
                    parsed = parse(text, file)
                    yield from ((parsed, include) for read in (includes, *more) for include in read(parsed))

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The files that have a defaults list, as far as they can be read."""
        texts = {}
        for file in self.files:
            with suppress(ConfigError):
                text = read_text(file)
                if "defaults" in text:
                    texts[file] = text
        return texts

    def usages(self, file: str) -> tuple[Usage, ...]:
        """All entries of defaults lists that name a file, by file and line, and the programs that start with it.

        Args:
            file: The file; or the path of a config that is none of the project's, such as `hydra/launcher/basic`.
        """
        named = (
            ((parsed, include) for parsed, include, _ in self.users(file)) if os.path.isabs(file) else self._named(file)
        )
        found = [
            Usage(self.id_of(parsed.path), parsed.path, include.line, str(include), include.override)
            for parsed, include in named
        ]
        started = (one for one in self.setting.programs if str(self.setting.root / one.job) == file)
        programs = (one for one in started if one.config_name)
        found += [Usage(stem(one.file), one.file, one.line, f"config_name={one.config_name}") for one in programs]
        return tuple(sorted(found, key=lambda usage: (usage.node, usage.line)))


def _name(file: str) -> str:
    return stem(os.path.basename(file))


def _below(file: str, folder: str) -> bool:
    return file.startswith(folder.rstrip(os.sep) + os.sep)
