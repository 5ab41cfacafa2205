"""What a project is: a root, where its configs lie, and what else decides what composes."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from pathlib import Path

from msgspec import structs

from niceml_engine.config.projects import project_file, scan
from niceml_engine.config.projects.layout import CONFIG_FOLDERS, Layout, search_paths
from niceml_engine.config.projects.primaries import likely
from niceml_engine.config.projects.scripts import read_script
from niceml_engine.config.projects.setting import Setting as Setting
from niceml_engine.errors import ConfigError, ProjectError, no_file_reason
from niceml_engine.jobs.declaration import job_of
from niceml_engine.values import FULL_DISK, OPS_PATH, ConfigTree, Job, Option, Project, ProjectSetting

PACKAGED = ("pyproject.toml", "setup.py", "setup.cfg")  #: what a Python project is built from


def find_root(start: Path, here: Path | None = None) -> Path:
    """Finds the project root of a file or folder.

    The nearest parent that holds `.niceml/`, else the folder in which the `file://` entries of the job's search path
    exist, else the git root, else what is packaged as a Python project, else for a script the folder that holds it and
    its configs, and for a config in `conf/` or the like the folder that holds that; where that lies in a Python
    package, what holds the package. A file that belongs to no project, such as the config in a copied experiment, is
    taken into the one that the person stands in, or else into its own folder.

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
    for entries in search_paths(start):
        local = [path for scheme, path in entries if scheme == "file"]
        for parent in parents:
            if local and all((parent / path).is_dir() for path in local):
                return parent
    for parent in parents:
        if (parent / ".git").exists():
            return parent
    nobodys = (Path.home(), Path(folder.anchor))
    for parent in parents:
        if parent not in nobodys and any((parent / mark).is_file() for mark in PACKAGED):
            return parent
    if start.suffix == ".py" and start.is_file():
        return _around(start)
    named = next((one for one in parents if one.name in CONFIG_FOLDERS), None) if start.is_file() else None
    if named is not None and named.parent not in nobodys:
        return _unpackaged(named.parent)
    return find_root(here) if here is not None else folder


def open_project(path: Path) -> Project:
    """Opens a folder, a config or a script.

    Raises:
        ProjectError: There is no such path, nothing to compose in it, or what it names cannot be read.
    """
    layout = read_layout(path)
    check_start(layout)
    return project_of(layout)


def read_layout(path: Path, here: Path | None = None) -> Layout:
    """Reads what decides how a project composes.

    Args:
        path: A folder in it, a config, or a script that starts Hydra.
        here: Where the person stands, if that is known; see `find_root`.

    Raises:
        ProjectError: There is no such path, or the project's file is wrong.
    """
    path = path.expanduser().absolute()
    if not path.is_dir() and (reason := no_file_reason(str(path))):
        raise ProjectError(f"the file cannot be read: {reason}", file=str(path))
    if not path.exists():
        kind = "file" if path.suffix in (".yaml", ".yml", ".py") else "folder"
        raise ProjectError(f"there is no such {kind}; choose a folder of Hydra configs or a job file", file=str(path))
    return Layout.read(find_root(path, here), path)


def check_start(layout: Layout) -> None:
    """Makes sure that what was opened can be: a folder, a job file, or a script that starts Hydra.

    Raises:
        ProjectError: It cannot, and why.
    """
    if layout.start.is_file():
        (_check_script if layout.start.suffix == ".py" else _check_job)(layout)


def project_of(layout: Layout) -> Project:
    """What there is in a project.

    Raises:
        ProjectError: There is nothing to compose.
    """
    tree = _tree(layout)
    if not tree.options and not tree.jobs:
        raise ProjectError(
            "the folder holds no configs; choose one with YAML files, or with `configs/` in it", file=str(layout.start)
        )
    job = _first_job(layout, tree)
    return Project(
        root=str(layout.root),
        name=layout.root.name or str(layout.root),
        config_dirs=tuple(map(str, (*layout.config_dirs, *layout.searched))),
        tree=tree,
        job=job,
        python=layout.python,
        ops_path=layout.setting.ops_path,
        settings=tuple(map(partial(_with_primary, layout, job), layout.settings)),
        programs=layout.programs,
        problems=layout.code.problems,
    )


def primary_of(layout: Layout) -> str:
    """The job of what was opened: a config itself, or what a script starts Hydra with; empty for a folder."""
    file = str(layout.start)
    return _job_of(layout, file) if layout.start.is_file() else ""


def interpreter(root: Path) -> str:
    """The interpreter that the project names; empty: ours.

    Raises:
        ProjectError: The project's file is wrong.
    """
    return project_file.load(root).python


def log_to(root: Path) -> tuple[str, ...]:
    """Who reads along with the runs of a project.

    Raises:
        ProjectError: The project's file is wrong.
    """
    return project_file.load(root).texts.get("log_to", ())


def full_disk(root: Path) -> str:
    """What a run of a project does that cannot write down what it measures.

    Raises:
        ProjectError: The project's file is wrong.
    """
    return project_file.load(root).text("full_disk") or FULL_DISK[0]


def ops_path(root: Path) -> str:
    """Where a project keeps the configs of ops in a composed config.

    Raises:
        ProjectError: The project's file is wrong.
    """
    return project_file.load(root).text("ops_path") or OPS_PATH


def _with_primary(layout: Layout, job: str, setting: ProjectSetting) -> ProjectSetting:
    if setting.name != "primary" or setting.source == "set" or not job:
        return setting
    return structs.replace(setting, values=(layout.short(job),), source="guessed", why="the first to train, or to open")


def _check_job(layout: Layout) -> None:
    from niceml_engine.config.text.files import read

    path = layout.start
    if path.suffix not in (".yaml", ".yml"):
        raise ProjectError("a job file is a YAML file; choose one, or a folder of configs", file=str(path))
    try:
        parsed = read(str(path))
    except ConfigError as error:
        raise ProjectError(error.message, file=error.file, line=error.line, details=error.details) from error
    if not isinstance(parsed.data, dict | None):
        raise ProjectError("the file is no job: its content must be keys with values", file=str(path), line=1)


def _check_script(layout: Layout) -> None:
    file = str(layout.start)
    own = [program for program in layout.programs if program.file == file]
    if any(program.job for program in own):
        return
    for problem in read_script(file, str(layout.root)).problems:
        raise ProjectError(problem.message, file=file, line=problem.line)
    for program in own:
        why = program.problem or "it names no config; give it a config_name, or open a folder of configs"
        raise ProjectError(why, file=file, line=program.line)
    raise ProjectError("the script does not start Hydra; open one that does, or a folder of configs", file=file)


def _around(script: Path) -> Path:
    """The folder that holds a script and what it looks into."""
    folders = [program.config_dir for program in read_script(str(script)).programs if os.path.isabs(program.config_dir)]
    around = Path(os.path.commonpath([str(script.parent), *folders[:1]]))
    return _unpackaged(around if len(around.parts) > 1 else script.parent)


def _unpackaged(folder: Path) -> Path:
    """What holds the Python package in which a folder lies, since from there it can be imported; else the folder."""
    holder = next(one for one in (folder, *folder.parents) if not (one / "__init__.py").is_file())
    return folder if holder in (Path.home(), Path(folder.anchor)) else holder


def _tree(layout: Layout) -> ConfigTree:
    tree = layout.tree
    there = {option.id for option in tree.options}
    options = (*tree.options, *(option for option in layout.setting.stores if option.id not in there))
    scripts = {program.job: program.file for program in reversed(layout.programs) if program.job}
    jobs = [structs.replace(job, script=scripts.get(job.file, "")) for job in tree.jobs]
    listed = {job.file for job in jobs}
    ids = {option.file: option.id for option in tree.options}
    for file, script in scripts.items():
        if file not in listed:
            name = ids.get(file) or os.path.splitext(os.path.relpath(file, layout.root))[0]
            jobs.append(Job(name, file, job_of(name, ()), script))
    named = {str(layout.root / program.job) for program in layout.by_name}
    also = [one for one in tree.options if one.file in named - {job.file for job in jobs}]
    jobs = _told_apart(layout, [*jobs, *map(_job, also)]) or list(map(_job, likely(tree.options)))
    return ConfigTree(
        tuple(sorted(options, key=lambda option: option.id)), tuple(sorted(jobs, key=lambda job: (job.id, job.file)))
    )


def _job(option: Option) -> Job:
    return Job(option.id, option.file, job_of(option.id, ()))


def _told_apart(layout: Layout, jobs: list[Job]) -> list[Job]:
    """The jobs; of those that folders of configs call alike, each by its path in the project."""
    folders = [folder for folder in layout.config_dirs if any(Path(job.file).parent == folder for job in jobs)]
    alike = Counter(Path(job.file).stem for job in jobs if Path(job.file).parent in folders)
    found = []
    for job in jobs:
        path = Path(job.file)
        same = path.parent in folders and alike[path.stem] > 1
        named = os.path.splitext(os.path.relpath(path, layout.root))[0]
        found.append(structs.replace(job, id=named) if same else job)
    return found


def _first_job(layout: Layout, tree: ConfigTree) -> str:
    """What was opened, else what the person named, else the training of a program, else the first training."""
    named = next(map(str, layout.file.paths("primary")), "")
    chosen = primary_of(layout) or (_job_of(layout, named) if named else "")
    if chosen:
        return chosen
    jobs = {job.file for job in tree.jobs}
    started = [program.job for program in layout.programs if program.kind == "main" and program.job in jobs]
    training = next((job for job in started if "train" in Path(job).stem), "")
    return training or next(iter(started), "") or scan.first_job(tree)


def _job_of(layout: Layout, file: str) -> str:
    if not file.endswith(".py"):
        return file
    return next((program.job for program in layout.programs if program.file == file and program.job), "")
