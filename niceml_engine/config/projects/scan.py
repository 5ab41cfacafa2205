"""Finding out what can be chosen, by looking at folders and at the heads of files: no YAML is parsed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from msgspec import structs

from niceml_engine.config.text.limits import MAX_CONFIGS, MAX_ENTRIES
from niceml_engine.errors import ProjectError
from niceml_engine.jobs.declaration import job_of
from niceml_engine.values import ConfigTree, Job, Option

JOBS = "jobs"
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
_TESTS = frozenset({"test", "tests"})
_HEAD = 4096  #: bytes of a file in which its help may stand
_DEEPEST = 24


def scan(
    folders: Iterable[Path], searched: Iterable[Path] = (), together: Callable[[Path, Path], bool] = lambda *_: True
) -> ConfigTree:
    """Lists the options and jobs in folders of configs; where two hold the same option, the first wins, as in Hydra.

    Jobs are the configs below `jobs/`, or, where there is no such group, the configs at the top.

    Args:
        folders: Where the project keeps its configs.
        searched: Where its configs say that others lie; these come after them, and hold no jobs.
        together: Whether any job looks into two of them, so that an option in one hides that in the other.

    Raises:
        ProjectError: There are more configs, or files to look through, than a project has.
    """
    options: dict[str, Option] = {}
    own: list[Option] = []
    for first, folder in [*((True, one) for one in folders), *((False, one) for one in searched)]:
        for file in yaml_files(folder):
            if len(options) >= MAX_CONFIGS:
                message = f"there are more than {MAX_CONFIGS:,} configs; open a folder that holds fewer"
                raise ProjectError(message, file=str(folder))
            group, name = os.path.split(os.path.relpath(file, folder))
            id = os.path.join(group, os.path.splitext(name)[0]).replace(os.sep, "/")
            known = options.get(id)
            if known is not None:
                hidden = known.source == str(folder) or together(Path(known.source), folder)
                more = {"hides": (*known.hides, file)} if hidden else {"apart": (*known.apart, file)}
                options[id] = structs.replace(known, **more)
                continue
            group = group.replace(os.sep, "/")
            help_text, is_global = head_comment(file)
            name = os.path.splitext(name)[0]
            option = Option(group, name, file, help_text, source=str(folder), is_global=is_global)
            options[id] = option
            if first:
                own.append(option)
    ordered = sorted(options.values(), key=lambda option: option.id)
    own.sort(key=lambda option: option.id)
    below = [option for option in own if JOBS in option.group.split("/")]
    primaries = below or [option for option in own if not option.group]
    jobs = tuple(Job(option.id, option.file, job_of(option.id, ())) for option in primaries)
    return ConfigTree(tuple(ordered), jobs)


def first_job(tree: ConfigTree) -> str:
    """The job file to open first: the first training, else the first job."""
    for job in tree.jobs:
        if "train" in job.id:
            return job.file
    return tree.jobs[0].file if tree.jobs else ""


def yaml_files(folder: Path | str, limit: int = 0) -> Iterator[str]:
    """All YAML files at or below a folder, in order; hidden folders are left out.

    Args:
        folder: Where to look.
        limit: How many at most; 0 for all.

    Raises:
        ProjectError: There are more files to look through than a project has.
    """
    files = _walk(str(folder), frozenset(), 0, _Patience(str(folder), MAX_ENTRIES))
    return islice(files, limit) if limit else files


def folders(folder: Path) -> list[Path]:
    """The folders in a folder in which a project keeps something of its own, in order."""
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if holds(entry.is_dir)]
    except OSError:
        return []
    named = [one for one in found if not one.name.startswith(".") and is_text(one.name)]
    kept = [one for one in named if one.name not in _SKIPPED | _TESTS]
    return sorted(one for one in kept if not (one / "pyvenv.cfg").is_file())


def holds_configs(folder: Path) -> bool:
    """Whether there is any YAML file at or below a folder."""
    return next(yaml_files(folder, limit=1), None) is not None


def head_comment(file: str) -> tuple[str, bool]:
    """The comment at the head of a file, without `#` and `# @package`, and whether that is `_global_`."""
    try:
        with open(file, "rb") as handle:
            head = handle.read(_HEAD).decode("utf-8", errors="replace")
    except OSError:
        return "", False
    lines: list[str] = []
    is_global = False
    for line in head.splitlines():
        text = line.strip()
        if text.startswith("#"):
            words = text.lstrip("#").strip()
            is_global |= words.split() == ["@package", "_global_"]
            if not words.startswith("@"):
                lines.append(words)
        elif text or lines:
            break
    return " ".join(line for line in lines if line), is_global


@dataclass
class _Patience:
    """How many files may still be looked at below a folder."""

    folder: str
    left: int

    def spend(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            self.left -= 1
            if self.left < 0:
                message = f"there are more than {MAX_ENTRIES:,} files to look through; open the folder of the configs"
                raise ProjectError(message, file=self.folder)
            yield entry


def identity(folder: str) -> tuple[int, int] | None:
    """What tells a folder from others, whatever links lead to it; `None` where there is nothing to look at."""
    try:
        stat = os.stat(folder)
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino)


def _walk(folder: str, parents: frozenset[tuple[int, int] | None], depth: int, patience: _Patience) -> Iterator[str]:
    own = identity(folder)
    if own in parents or depth > _DEEPEST:
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted(patience.spend(entries), key=lambda entry: entry.name)
    except OSError:
        return
    if depth and any(entry.name == "pyvenv.cfg" for entry in found):
        return
    for entry in found:
        if entry.name.startswith(".") or entry.name in _SKIPPED or not is_text(entry.name):
            continue
        if holds(entry.is_dir):
            yield from _walk(entry.path, parents | {own}, depth + 1, patience)
        elif entry.name.endswith((".yaml", ".yml")) and holds(entry.is_file):
            yield entry.path


def is_text(name: str) -> bool:
    """Whether a name on disk is text; one in another encoding cannot be shown, sent or written into a config."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def holds(question: Callable[[], bool]) -> bool:
    """What a directory entry answers; a link that leads to itself is nothing."""
    try:
        return question()
    except OSError:
        return False
