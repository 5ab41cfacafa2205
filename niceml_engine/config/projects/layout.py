"""What decides how a project composes: what its file says, and for the rest what its layout suggests."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import structs

from niceml_engine.config.projects import project_file, scan
from niceml_engine.config.projects.packages import find_package, installed
from niceml_engine.config.projects.primaries import started_by_name
from niceml_engine.config.projects.project_file import KEYS, NEWEST, ProjectFile
from niceml_engine.config.projects.scripts import Code, read_code, read_script
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import OPS_PATH, ConfigTree, Program, ProjectSetting

CONFIG_FOLDERS = ("configs", "config", "conf")
_DEFAULTS: Mapping[str, tuple[tuple[str, ...], Literal["default"], str]] = {
    "primary": ((), "default", ""),
    "working_dir": ((".",), "default", "the project's root"),
    "python": ((), "default", "the one that this program runs in"),
    "code_location": ((), "default", "the jobs that come with this program"),
    "ops_path": ((OPS_PATH,), "default", ""),
    "log_to": ((), "default", "nobody reads along"),
    "full_disk": (("stop",), "default", ""),
}
_LOOKED_AT = 200  #: files that are opened at most to find a search path
_SEARCHED = 500  #: folders of a level that are looked into at most for one that is called as configs are
_DEEPEST = 8  #: levels of folders that are looked through for it
_ENTRY = re.compile(r"(?:^\s*-|[\[,])\s*[\"']?(file|pkg)://([^\"'\s#,\]]+)", re.MULTILINE)


@dataclass(frozen=True)
class Layout:
    """A project as it lies on disk.

    Attributes:
        root: Its root.
        file: What a person has said.
        code: What its Python files say.
        start: What was opened: the root, another folder in it, a config or a script.
    """

    root: Path
    file: ProjectFile
    code: Code
    start: Path

    @classmethod
    def read(cls, root: Path, start: Path | None = None) -> Layout:
        """Reads a project.

        Raises:
            ProjectError: Its file is wrong.
        """
        code = read_code(root)
        if start is not None and start.suffix == ".py" and not start.is_relative_to(root):
            code = read_script(str(start), str(root))
        return cls(root, project_file.load(root), code, start or root)

    @cached_property
    def setting(self) -> Setting:
        """What its jobs compose under."""
        return Setting(
            root=self.root,
            python_path=self.python_path,
            version_base=self._version(self.version_base.values),
            working_dir=self.working_dir,
            ops_path=self.file.text("ops_path") or OPS_PATH,
            programs=tuple(
                structs.replace(program, job=self.short(program.job), config_dir=self.short(program.config_dir))
                for program in (*self.programs, *self.by_name)
                if program.job
            ),
            stores=self.code.stores,
            folders=tuple(self.short(str(folder)) for folder in self.config_dirs),
            roots=tuple(dict.fromkeys(self.short(one.config_dir) for one in self.programs if one.config_dir)),
            python=self.python,
        )

    @cached_property
    def settings(self) -> tuple[ProjectSetting, ...]:
        """All that the project's file may say, as it counts now, in the order of `KEYS`."""
        guesses = {one.name: one for one in (self._folders, self._python, self.version_base)}
        return tuple(
            self._said(name) or guesses.get(name) or ProjectSetting(name, *_DEFAULTS[name], help=key.help)
            for name, key in KEYS.items()
        )

    # ------------------------------------------------------------------------------------------- programs

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """What starts Hydra, with the file of its job; what was opened comes first."""
        said = self._said("version_base")
        found = sorted(self.code.programs, key=lambda program: program.file != str(self.start))
        programs = tuple(map(self._located, found))
        programs += tuple(self._composed_in(programs))
        if said is None:
            return programs
        base = self._version(said.values)
        return tuple(structs.replace(program, version_base=base, unversioned=False) for program in programs)

    def _composed_in(self, programs: Iterable[Program]) -> Iterator[Program]:
        """What code composes by name in a folder that other code has started Hydra with."""
        starts = {one.config_dir: one for one in programs if one.kind == "compose" and one.config_dir}
        for one in self.code.composed:
            rooted = (structs.replace(one, config_dir=folder) for folder in starts)
            found = next((there for there in map(self._located, rooted) if there.job), None)
            if found is not None:
                start = starts[found.config_dir]
                yield structs.replace(found, version_base=start.version_base)

    def _located(self, program: Program) -> Program:
        folder = program.config_dir
        if folder.startswith("pkg://"):
            name = folder.removeprefix("pkg://").replace("/", ".")
            folder = find_package(name, (*self.python_path, *self._installed)) or ""
            if not folder:
                why = f"there is no package {name}; name where it lies with `python_path` in {project_file.NAME}"
                return structs.replace(program, config_dir="", problem=why)
        program = structs.replace(program, config_dir=folder)
        if program.problem and program.config_name and not folder:
            program = self._likely(program)
            folder = program.config_dir
        if program.problem or not program.config_name:
            return program
        for ending in (".yaml", ".yml"):
            file = os.path.join(folder, program.config_name + ending)
            if folder and os.path.isfile(file):
                return structs.replace(program, job=os.path.normpath(file))
        if any(option.id == program.config_name for option in self.code.stores):
            return structs.replace(program, job=program.file)
        why = (
            f"there is no config {program.config_name} in {os.path.relpath(folder, self.root)}"
            if folder
            else (
                f"it names no config folder, and no code here stores `{program.config_name}`; where a plugin of Hydra "
                "brings that config, open its YAML file instead"
            )
        )
        return structs.replace(program, problem=why)

    def _likely(self, program: Program) -> Program:
        """A program whose folder only running it would tell, with the one folder of configs that holds its primary."""
        names = [program.config_name + ending for ending in (".yaml", ".yml")]
        found = [folder for folder in self._named if any((folder / name).is_file() for name in names)]
        return structs.replace(program, config_dir=str(found[0]), problem="") if len(found) == 1 else program

    @cached_property
    def _named(self) -> list[Path]:
        """Folders that are called as folders of configs are."""
        return _named_folders(self.root)

    @cached_property
    def by_name(self) -> tuple[Program, ...]:
        """The primaries that programs compose whose names their text does not tell, each as a program of its own."""
        roots = [one for one in self.programs if one.kind == "compose" and not one.config_name]
        known = {program.job for program in self.programs}
        found: dict[str, Program] = {}
        for program in (one for one in roots if one.config_dir and os.path.isdir(one.config_dir)):
            for option in started_by_name(program.config_dir, self.tree.options):
                if option.file not in known:
                    found.setdefault(option.file, structs.replace(program, job=option.file, problem=""))
        return tuple(found.values())

    @cached_property
    def tree(self) -> ConfigTree:
        """The configs in its folders, and those that lie where primaries do.

        Raises:
            ProjectError: There are more than a project has.
        """
        return scan.scan(self.config_dirs, self.searched, self.together)

    # ------------------------------------------------------------------------------------------- settings

    @cached_property
    def version_base(self) -> ProjectSetting:
        """Hydra's version for jobs without a program of their own: the one that all programs agree on."""
        said = self._said("version_base")
        if said is not None:
            return said
        known = {program.version_base for program in self.code.programs}
        help = KEYS["version_base"].help
        if len(known) == 1:
            first = self.code.programs[0]
            why = f"{self.short(first.file)} starts Hydra with it"
            return ProjectSetting(
                "version_base", (first.version_base or NEWEST,), "guessed", why, first.file, first.line, help
            )
        why = "its programs differ, and each job has its own" if known else "no program names one"
        return ProjectSetting("version_base", ("1.1",), "default", why, help=help)

    @cached_property
    def python_path(self) -> tuple[Path, ...]:
        """Where packages lie."""
        return self.file.paths("python_path") or tuple(
            Path(os.path.normpath(self.root / t)) for t in self._python.values
        )

    @cached_property
    def program_path(self) -> tuple[Path, ...]:
        """Where packages lie that a program of the project finds besides those beside it and those installed.

        Of a guess it gets neither the root nor a folder of programs: modules there would come before Python's own.
        """
        beside = {self.root, *(Path(program.file).parent for program in self.code.programs)}
        return self.file.paths("python_path") or tuple(path for path in self.python_path if path not in beside)

    @cached_property
    def config_dirs(self) -> tuple[Path, ...]:
        """Folders whose files are configs, outermost only."""
        said = self.file.paths("config_dirs")
        return said or tuple(project_file.place(self.root, text) for text in self._folders.values)

    @cached_property
    def searched(self) -> tuple[Path, ...]:
        """Other folders of configs, which the project's own name in a search path."""
        found = dict.fromkeys(folder for named in self._named_by.values() for folder in named)
        return tuple(one for one in found if not any(one.is_relative_to(own) for own in self.config_dirs))

    def together(self, one: Path, other: Path) -> bool:
        """Whether any job looks for configs in two folders: roots of different programs have nothing in common."""
        return any({one, other} <= {root, *named} for root, named in self._named_by.items())

    @cached_property
    def _named_by(self) -> dict[Path, tuple[Path, ...]]:
        """The folders that the search paths of configs name, by the root in which those lie."""
        found: dict[Path, dict[Path, None]] = {folder: {} for folder in self.config_dirs}
        roots = {Path(one.job): Path(one.config_dir or one.job) for one in self.programs if one.job}
        for start, root in [*zip(self.config_dirs, self.config_dirs, strict=True), *roots.items()]:
            entries = dict.fromkeys(entry for named in search_paths(start) for entry in named)
            found.setdefault(root, {}).update(dict.fromkeys(filter(None, map(self._place, entries))))
        return {root: tuple(named) for root, named in found.items()}

    def _place(self, entry: tuple[str, str]) -> Path | None:
        """The folder that an entry of a search path means, if it is there."""
        scheme, path = entry
        if scheme == "pkg":
            folder = find_package(path.replace("/", "."), (*self.python_path, *self._installed)) or ""
        else:
            folder = os.path.join(self.working_dir or self.root, path)
        place = Path(os.path.normpath(folder))
        return place if folder and place.is_dir() else None

    @cached_property
    def working_dir(self) -> Path | None:
        """What relative `file://` paths mean; the root if not given."""
        return next(iter(self.file.paths("working_dir")), None)

    @cached_property
    def python(self) -> str:
        """The interpreter that runs jobs; empty: ours."""
        return self.file.python

    @cached_property
    def _installed(self) -> tuple[Path, ...]:
        """The packages of the project's own interpreter."""
        return installed(self.python)

    @cached_property
    def _python(self) -> ProjectSetting:
        beside = [os.path.dirname(program.file) for program in self.code.programs if program.kind == "main"]
        found = [folder for folder in beside if not _in_package(folder)]
        why = ["beside its programs"] if found else []
        if _parents(self.code.folders) & {str(self.root / "src")}:
            found.append(str(self.root / "src"))
            why.append("src holds packages")
        found.append(str(self.root))
        for name in sorted(self._package_names):
            if find_package(name, tuple(map(Path, found))) is None:
                found += [parent for parent in sorted(_parents(self.code.folders)) if _holds(parent, name)][:1]
                why.append(f"pkg://{name} is there")
        values = tuple(dict.fromkeys(map(self.short, found)))
        return ProjectSetting("python_path", values, "guessed", "; ".join(why), help=KEYS["python_path"].help)

    @cached_property
    def _package_names(self) -> set[str]:
        names = {p.config_dir.removeprefix("pkg://") for p in self.code.programs if p.config_dir.startswith("pkg://")}
        entries = [entry for one in self._primaries for found in search_paths(one) for entry in found]
        names |= {path for scheme, path in entries if scheme == "pkg"}
        return {name.replace("/", ".") for name in names}

    @property
    def _primaries(self) -> list[Path]:
        """What was opened; of a script, the config that it starts with."""
        if self.start.suffix != ".py":
            return [self.start]
        own = [program for program in self.code.programs if program.file == str(self.start) and program.config_name]
        return [Path(one.config_dir, one.config_name + ending) for one in own for ending in (".yaml", ".yml")]

    @cached_property
    def _folders(self) -> ProjectSetting:
        started = [p for p in self.programs if p.config_dir and not p.problem and os.path.isdir(p.config_dir)]
        folders = [Path(program.config_dir) for program in started]
        first = next((p for p in started if p.file == str(self.start)), None)
        if self.start.is_file():
            found = self._of_file(first)
        else:
            found = list(self._named) if self.start == self.root else _named_folders(self.start)
            found += [f for f in folders if f.is_relative_to(self.start) and scan.holds_configs(f)]
            found = found or [self._around(self.start)]
        unique = [folder.resolve() if folder.is_symlink() else folder for folder in dict.fromkeys(found)]
        outer = [f for f in unique if not any(f != other and f.is_relative_to(other) for other in unique)]
        program = first or next((p for p in started if Path(p.config_dir) in outer), None)
        why, file, line = "its name says so", "", 0
        if program is not None:
            why, file, line = f"{self.short(program.file)} names it", program.file, program.line
        values = tuple(map(self.short, map(str, outer)))
        return ProjectSetting("config_dirs", values, "guessed", why, file, line, KEYS["config_dirs"].help)

    def _of_file(self, program: Program | None) -> list[Path]:
        """The folders that a config or a script looks into."""
        primary = Path(program.job) if program is not None and program.job else self.start
        entries = [path for found in search_paths(primary) for scheme, path in found if scheme == "file"]
        folders = [self.root / path for path in entries if (self.root / path).is_dir()]
        if program is not None and program.config_dir:
            folders.append(Path(program.config_dir))
        elif not any(self.start.is_relative_to(folder) for folder in folders):
            own = next((p for p in self.programs if p.job == str(self.start) and p.config_dir), None)
            folders.append(Path(own.config_dir) if own is not None else self._around(self.start.parent))
        return folders

    def _around(self, folder: Path) -> Path:
        """The folder of configs that a folder lies in: one that a program names, or that is called so; else itself."""
        named = {Path(program.config_dir) for program in self.programs if program.config_dir}
        inside = [one for one in (folder, *folder.parents) if one != self.root and one.is_relative_to(self.root)]
        return next((one for one in inside if one in named or one.name in CONFIG_FOLDERS), folder)

    def _said(self, name: str) -> ProjectSetting | None:
        if name not in self.file.texts:
            return None
        texts = self.file.texts[name]
        return ProjectSetting(
            name, texts, "set", "", str(self.file.path), self.file.lines.get(name, 0), KEYS[name].help
        )

    def short(self, path: str) -> str:
        """A path relative to the root, if it lies in it."""
        return os.path.relpath(path, self.root) if path and Path(path).is_relative_to(self.root) else path

    @staticmethod
    def _version(values: tuple[str, ...]) -> str | None:
        return None if values[0] == NEWEST else values[0]


def search_paths(start: Path) -> Iterator[tuple[tuple[str, str], ...]]:
    """The search path in a config, or in the configs below a folder: scheme and path of what is not absolute."""
    if start.is_file():
        files = [str(start)] if start.suffix in (".yaml", ".yml") else []
    else:
        files = list(scan.yaml_files(start, limit=_LOOKED_AT))
    for file in files:
        try:
            with open(file, encoding="utf-8", errors="replace") as handle:
                text = handle.read(64 * 1024)
        except OSError:
            continue
        if "searchpath" in text:
            entries = tuple((scheme, path) for scheme, path in _ENTRY.findall(text) if not os.path.isabs(path))
            if entries:
                yield entries


def _named_folders(folder: Path) -> list[Path]:
    """`configs/` and its like with configs in them: in the folder, else as near below it as there are any."""
    level = [folder]
    for _ in range(_DEEPEST):
        found = [inner / name for name in CONFIG_FOLDERS for inner in level if (inner / name).is_dir()]
        found = [one for one in found if scan.holds_configs(one)]
        if found:
            return sorted(found, key=lambda one: (CONFIG_FOLDERS.index(one.name), one))
        level = [inner for outer in level for inner in scan.folders(outer)][:_SEARCHED]
    return []


def _in_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py"))


def _parents(folders: Iterable[str]) -> set[str]:
    """Folders that hold packages without being one."""
    packages = {folder for folder in folders if _in_package(folder)}
    return {parent for parent in map(os.path.dirname, packages) if parent not in packages}


def _holds(parent: str, name: str) -> bool:
    return os.path.isdir(os.path.join(parent, *name.split(".")))
