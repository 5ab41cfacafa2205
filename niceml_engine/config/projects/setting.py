"""What decides, besides files and overrides, what a job composes to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from niceml_engine.config.projects.packages import installed
from niceml_engine.config.projects.plugins import plugin_folders
from niceml_engine.config.text.files import Signature, signature
from niceml_engine.errors import ProjectError
from niceml_engine.values import OPS_PATH, Option, Program

_VERSION = re.compile(r"(1\.[1-9]|[2-9])\d*(\.\d+)*")  # Hydra takes later ones than its own, too
_FROM_TOP = re.compile(r"^\s*-\s*[\"']?(?:override\s+|optional\s+)?/([\w./-]+)", re.MULTILINE)
_BESIDE = re.compile(r"^\s*-\s*[\"']?([\w.-]+)[\"']?\s*$", re.MULTILINE)
_FOLLOWED = 20  #: configs beside a job that are looked into


@dataclass(frozen=True)
class Setting:
    """What decides, besides files and overrides, what a job composes to.

    Attributes:
        root: The project root.
        python_path: The project's folders in which packages lie that `pkg://` and `_target_` name.
        version_base: Hydra's `version_base`; `1.1` is what Hydra assumes of a program that names none.
        working_dir: What relative `file://` paths mean; the root if not given.
        config_dir: The primary source, in which a job is a name; the job file's own folder if not given.
        ops_path: Where the config of an op lies in a composed config.
        programs: What starts Hydra with a job of its own; such a job composes as its program does it. Its paths are
            relative to the root where they lie in it, so that they also fit a copy of the project.
        stores: Configs that exist only in Python.
        folders: The folders of configs, relative to the root where they lie in it. A job in a folder of one of them,
            and without a program, is a name in it if its defaults list wants that; see `_wanted`.
        roots: The folders in which programs compose, likewise. A job below one, and without a program, is a name
            in it, as it is for `--config-name`, unless it brings a search path of its own.
        python: The interpreter that runs its jobs; empty: ours.
        empty: Configs, by node id or file, that count as empty ones: to see the rest of a job that Hydra refuses.
    """

    root: Path
    python_path: tuple[Path, ...] = ()
    version_base: str | None = "1.1"
    working_dir: Path | None = None
    config_dir: Path | None = None
    ops_path: str = OPS_PATH
    programs: tuple[Program, ...] = ()
    stores: tuple[Option, ...] = ()
    folders: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    python: str = ""
    empty: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuses what Hydra cannot be set to.

        Raises:
            ProjectError: `version_base` is none of Hydra's.
        """
        if self.version_base is not None:
            check_version(self.version_base)

    @property
    def package_path(self) -> tuple[Path, ...]:
        """Where packages are looked for: the project's folders first, then what its interpreter has installed."""
        return (*self.python_path, *installed(self.python))

    @property
    def plugin_path(self) -> tuple[Path, ...]:
        """Where Hydra comes upon plugins: in the project's folders, then where its interpreter sees them."""
        return (*self.python_path, *plugin_folders(self.python))

    def of(self, job: str) -> Setting:
        """The setting of one job: that of its program, if it has one."""
        program = self.program(job)
        if program is None:
            wanted = self._root_of(job) or self._wanted(job) if self.config_dir is None else None
            return replace(self, config_dir=wanted) if wanted is not None else self
        folder = self.root / program.config_dir if program.config_dir else self.config_dir
        return replace(self, version_base=program.version_base, config_dir=self.config_dir or folder)

    def program(self, job: str) -> Program | None:
        """The program that starts Hydra with a job."""
        return self._started.get(os.path.normpath(job)) if job else None

    @cached_property
    def _started(self) -> dict[str, Program]:
        """The programs by the files of their jobs; of several, the first."""
        return {os.path.normpath(self.root / program.job): program for program in reversed(self.programs)}

    def _root_of(self, job: str) -> Path | None:
        """The nearest folder above that of a job in which a program composes."""
        path = Path(job)
        above = [one for one in map(self.root.joinpath, self.roots) if one != path.parent and path.is_relative_to(one)]
        if not above or _said(job, signature(job)).searched:
            return None
        return max(above, key=lambda one: len(one.parts))

    def _wanted(self, job: str) -> Path | None:
        """The folder of configs above a job whose defaults list names something that lies there, and not beside it."""
        said = _said(job, signature(job))
        if not (said.absolute or said.beside):
            return None
        path = Path(job)
        folder = next((one for one in map(self.root.joinpath, self.folders) if path.is_relative_to(one)), path.parent)
        if folder == path.parent:
            return None
        todo, named = [path], set[str]()
        for file in islice(todo, _FOLLOWED):  # what it includes from beside it may want it, too
            said = _said(str(file), signature(str(file)))
            named |= said.absolute
            todo += [one for one in map(path.parent.joinpath, sorted(said.beside)) if one not in todo]
        there = any((folder / name).exists() and not (path.parent / name).exists() for name in named)
        return folder if there else None

    def with_version(self, version_base: str | None) -> Setting:
        """The same under another of Hydra's versions, whatever programs say."""
        programs = (structs.replace(one, version_base=version_base, unversioned=False) for one in self.programs)
        return replace(self, version_base=version_base, programs=tuple(programs))

    def primary(self, job: str) -> tuple[str | None, str]:
        """The folder that is Hydra's primary source for a job, `None` for none, and the job's name in it."""
        if job.endswith(".py"):
            program = self.program(job)
            if program is None:
                return None, ""
            return (str(self.root / program.config_dir) if program.config_dir else None), program.config_name
        path, base = Path(job), self.of(job).config_dir
        main = base if base is not None and path.is_relative_to(base) else path.parent
        name = str(path.relative_to(main))
        return str(main), name.removesuffix(".yml") if name.endswith(".yml") else name.removesuffix(".yaml")


class _Said(NamedTuple):
    """What the text of a config says of where others are looked for.

    Attributes:
        searched: It has a search path of its own, which says all.
        absolute: What its defaults list names by paths from the top.
        beside: The files beside it that its defaults list names.
    """

    searched: bool = False
    absolute: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def _said(file: str, state: Signature | None) -> _Said:
    try:
        text = Path(file).read_text("utf-8", errors="replace") if state is not None else ""
    except OSError:
        text = ""
    if "searchpath" in text:
        return _Said(searched=True)
    absolute = (name for path in _FROM_TOP.findall(text) for name in (path, f"{path}.yaml"))
    beside = (f"{name.removesuffix('.yaml')}.yaml" for name in _BESIDE.findall(text))
    return _Said(absolute=frozenset(absolute), beside=frozenset(beside))


def check_version(text: str) -> None:
    """Makes sure that a text is one of Hydra's versions.

    Raises:
        ProjectError: It is none.
    """
    if not _VERSION.fullmatch(text):
        raise ProjectError(f"there is no version_base `{text}`; Hydra has 1.1, 1.2, 1.3 and later, and null")
