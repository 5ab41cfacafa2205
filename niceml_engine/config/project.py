"""What a project is: a root, where its configs lie, and what else decides what composes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from niceml_engine.config import scan
from niceml_engine.errors import ConfigError, ProjectError
from niceml_engine.values import Project

CONFIG_FOLDERS = ("configs", "config", "conf")
_SEARCH_PATH = re.compile(r"^\s*-\s*[\"']?file://([^\"'\s#]+)", re.MULTILINE)
_VERSION = re.compile(r"1\.[123](\.\d+)?")
_LOOKED_AT = 200  #: files that are opened at most to find a search path


@dataclass(frozen=True)
class Setting:
    """What decides, besides files and overrides, what a job composes to.

    Attributes:
        root: The project root.
        python_path: Where packages that `pkg://` names lie, before the interpreter's own path.
        version_base: Hydra's `version_base`; `1.1` is what Hydra assumes of a program that names none.
        working_dir: What relative `file://` paths mean; the root if not given.
        config_dir: The primary source, in which a job is a name; the job file's own folder if not given.
    """

    root: Path
    python_path: tuple[Path, ...] = ()
    version_base: str | None = "1.1"
    working_dir: Path | None = None
    config_dir: Path | None = None

    def __post_init__(self) -> None:
        """Refuses what Hydra cannot be set to.

        Raises:
            ProjectError: `version_base` is none of Hydra's.
        """
        if self.version_base is not None and not _VERSION.fullmatch(self.version_base):
            raise ProjectError(f"there is no version_base `{self.version_base}`; Hydra has 1.1, 1.2 and 1.3")


def find_root(start: Path, here: Path | None = None) -> Path:
    """Finds the project root of a file or folder.

    The nearest parent that holds `.niceml/`, else the folder in which the `file://` entries of the job's search path
    exist, else the git root. A file that belongs to no project, such as the config in a copied experiment, is taken
    into the one that the person stands in, or else into its own folder.

    Args:
        start: The file or folder.
        here: Where the person stands, if that is known.
    """
    start = start.absolute()
    folder = start if start.is_dir() else start.parent
    parents = (folder, *folder.parents)
    for parent in parents:
        if (parent / ".niceml").is_dir():
            return parent
    for entries in _search_paths(start):
        for parent in parents:
            if all((parent / entry).is_dir() for entry in entries):
                return parent
    for parent in parents:
        if (parent / ".git").exists():
            return parent
    return find_root(here) if here is not None else folder


def load_env(root: Path) -> None:
    """Reads `.env` beside the project into the environment; what is set already stays."""
    from dotenv import load_dotenv

    file = root / ".env"
    if file.is_file():
        load_dotenv(file, override=False)


def open_project(path: Path) -> Project:
    """Opens a folder or a job file.

    Raises:
        ProjectError: There is no such path, nothing to compose in it, or the job file cannot be read.
    """
    path = path.expanduser().absolute()
    if not path.exists():
        kind = "file" if path.suffix in (".yaml", ".yml") else "folder"
        raise ProjectError(f"there is no such {kind}; choose a folder of Hydra configs or a job file", file=str(path))
    job = ""
    if path.is_file():
        job = str(_checked_job(path))
    root = find_root(path)
    folders = _config_dirs(path, root)
    tree = scan.scan(folders)
    if not tree.options and not tree.jobs:
        raise ProjectError(
            "the folder holds no configs; choose one with YAML files, or with `configs/` in it", file=str(path)
        )
    return Project(
        root=str(root),
        name=root.name or str(root),
        config_dirs=tuple(map(str, folders)),
        tree=tree,
        job=job or scan.first_job(tree),
        python=interpreter(root),
    )


def _checked_job(path: Path) -> Path:
    from niceml_engine.config.files import read

    if path.suffix not in (".yaml", ".yml"):
        raise ProjectError("a job file is a YAML file; choose one, or a folder of configs", file=str(path))
    try:
        parsed = read(str(path))
    except ConfigError as error:
        raise ProjectError(error.message, file=error.file, line=error.line, details=error.details) from error
    if parsed.data is None:
        raise ProjectError("the file is empty; a job file needs a defaults list or values", file=str(path))
    if not isinstance(parsed.data, dict):
        raise ProjectError("the file is no job: its content must be keys with values", file=str(path), line=1)
    return path


def _config_dirs(path: Path, root: Path) -> tuple[Path, ...]:
    """The folders whose files are configs, outermost only."""
    found: list[Path] = []
    if path.is_file():
        found += [root / entry for entries in _search_paths(path) for entry in entries if (root / entry).is_dir()]
        if not any(path.is_relative_to(folder) for folder in found):
            found.append(path.parent)
    else:
        found += _named_folders(path)
        if not found:
            inside = [parent for parent in (path, *path.parents) if parent.name in CONFIG_FOLDERS and parent != root]
            found.append(inside[0] if inside and inside[0].is_relative_to(root) else path)
    unique = [folder.resolve() if folder.is_symlink() else folder for folder in dict.fromkeys(found)]
    return tuple(f for f in unique if not any(f != other and f.is_relative_to(other) for other in unique))


def _named_folders(folder: Path) -> list[Path]:
    """`configs/` and its like: in the folder, else in the Python packages below it."""
    for pattern in ("{}", "*/{}", "src/*/{}"):
        found = [p for name in CONFIG_FOLDERS for p in sorted(folder.glob(pattern.format(name))) if p.is_dir()]
        found = [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
        found = [p for p in found if scan.holds_configs(p)]
        if found:
            return found
    return []


def _search_paths(start: Path) -> Iterator[tuple[str, ...]]:
    """The relative `file://` entries of each search path in a job file, or in the job files below a folder."""
    files = [start] if start.is_file() else list(scan.yaml_files(start, limit=_LOOKED_AT))
    for file in files:
        try:
            with open(file, encoding="utf-8", errors="replace") as handle:
                text = handle.read(64 * 1024)
        except OSError:
            continue
        if "searchpath" in text:
            entries = tuple(entry for entry in _SEARCH_PATH.findall(text) if not os.path.isabs(entry))
            if entries:
                yield entries


def interpreter(root: Path) -> str:
    """The interpreter that the project names in `.niceml/python`; empty: ours."""
    try:
        return (root / ".niceml" / "python").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
