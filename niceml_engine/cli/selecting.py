"""From the words of a command to a selection: the job file, its project, and what composes there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import structs

from niceml_engine.cli import common
from niceml_engine.cli.trusting import Trusting
from niceml_engine.errors import ConfigError, ProjectError, no_file_reason, os_reason
from niceml_engine.values import Composed, Selection

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.projects.setting import Setting


@dataclass(frozen=True, kw_only=True)
class JobWords:
    """What every command over a job takes."""

    job: Annotated[
        str,
        typer.Argument(metavar="JOB", help="Job file, script or listed job; with --config-dir a name in that folder."),
    ]
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="OVERRIDE", help="In Hydra's grammar; may follow --. What begins with # is left out."),
    ] = None
    config_dir: Annotated[
        Path | None, typer.Option("--config-dir", metavar="DIR", help="Folder in which JOB is a name.")
    ] = None
    version_base: Annotated[
        str | None,
        typer.Option("--version-base", metavar="VERSION", help="Hydra's version_base, or null; else the project's."),
    ] = None
    working_dir: Annotated[
        Path | None,
        typer.Option("--working-dir", metavar="DIR", help="What file:// paths mean; else the project's."),
    ] = None
    python_path: Annotated[
        list[Path] | None,
        typer.Option("--python-path", metavar="DIR", help="What pkg:// paths mean; may be repeated."),
    ] = None
    trust: Trusting = False
    verbose: common.Verbose = False

    @property
    def given(self) -> tuple[str, ...]:
        """The overrides; a comment, as an export of none has one, is left out."""
        return tuple(text for text in self.overrides or () if not text.startswith("#"))

    def select(self) -> tuple[Composer, Selection]:
        """Finds the job file and its project, reads the project's `.env`, and makes what composes there.

        Raises:
            ConfigError: The job file is no YAML.
            ProjectError: There is no such job file or folder.
        """
        from niceml_engine.config.compose import Composer

        setting, job = self.setting()
        return Composer(setting), Selection(job, self.given)

    def setting(self) -> tuple[Setting, str]:
        """What the job composes under, the words going before what the project says, and the job's file."""
        from niceml_engine.cli.own_python import enter
        from niceml_engine.config.projects.env_file import load_env
        from niceml_engine.config.projects.project import check_start, primary_of, read_layout
        from niceml_engine.runs.trust import set_trust

        layout = read_layout(find_job(self.job, self.config_dir), Path.cwd())
        if layout.start.suffix == ".py":
            check_start(layout)
        if self.trust:
            set_trust(layout.root, True)
        load_env(layout.root)
        enter(layout)
        job = _unwrapped(Path(primary_of(layout)), layout.root)
        setting = layout.setting
        if self.version_base is not None:
            setting = setting.with_version(None if self.version_base in ("null", "None") else self.version_base)
        if self.working_dir is not None:
            setting = replace(setting, working_dir=_folder(self.working_dir, "--working-dir"))
        if self.python_path:
            setting = replace(setting, python_path=tuple(_folder(one, "--python-path") for one in self.python_path))
        if self.config_dir is not None:
            setting = replace(setting, config_dir=self.config_dir.absolute())
        return setting, str(job)

    def compose(self) -> tuple[Composer, Composed]:
        """Composes the selection.

        Raises:
            NicemlError: There is no such job, or it does not compose.
        """
        from niceml_engine.config.projects.unmet import unmet

        composer, selection = self.select()
        composed = composer.compose(selection)
        if composed.error is not None:
            for one in composed.problems:  # what Hydra would refuse next, beside a plugin that is missing
                if one.severity == "error" and one.code != composed.error.code:
                    common.print_error(str(ConfigError.of(one)))
            raise ConfigError.of(composed.error)
        for one in unmet(composer.setting.root, composer.setting.python_path):
            common.print_warning(str(ConfigError.of(structs.replace(one, file=common.shown(one.file)))))
        return composer, composed


def find_job(job: str, config_dir: Path | None = None) -> Path:
    """Finds a job file: by its path, or by the name that the project which one stands in lists it under.

    Raises:
        ProjectError: There is none, or several are called so.
    """
    base = _folder(config_dir, "--config-dir") if config_dir else Path.cwd()
    path = Path(os.path.normpath(base / Path(job).expanduser()))
    for candidate in (path, path.with_name(f"{path.name}.yaml"), path.with_name(f"{path.name}.yml")):
        if candidate.is_file():
            return candidate
        if (reason := no_file_reason(str(candidate))) and not candidate.is_dir():
            raise ProjectError(f"the job file cannot be read: {reason}", file=str(candidate))
    named = [] if config_dir else _listed(job, base)
    if len(named) == 1:
        return named[0]
    if named:
        raise ProjectError(f"several jobs are called {job}: {', '.join(common.shown(str(one)) for one in named)}")
    if path.is_dir():
        raise ProjectError("this is a folder; name a job file in it", file=str(path))
    parent = next(folder for folder in path.parents if folder.exists())
    if not parent.is_dir():
        raise ProjectError(f"{parent.name} is a file, not a folder; check the path", file=str(path))
    if parent != path.parent:
        missing = path.relative_to(parent).parts[0]
        raise ProjectError(f"there is no such folder as `{missing}`; check the path", file=str(path))
    near = _nearest(path)
    advice = f"did you mean {near}?" if near else "name a YAML file"
    raise ProjectError(f"there is no such job file; {advice}", file=str(path))


def _listed(name: str, base: Path) -> list[Path]:
    """The jobs of a project that go by a name: by the whole of it, else by its last part."""
    from niceml_engine.config.projects.project import open_project

    try:
        jobs = open_project(base).tree.jobs
    except ProjectError:
        return []
    whole = [Path(job.file) for job in jobs if job.id == name]
    return whole or [Path(job.file) for job in jobs if job.id.rpartition("/")[2] == name]


def _nearest(path: Path) -> str:
    import difflib

    names = [one.name for one in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
    return next(iter(difflib.get_close_matches(path.name, names, 1)), "")


def _folder(path: Path, option: str) -> Path:
    if not path.is_dir():
        raise ProjectError(f"{option} {path}: there is no such folder", file=str(path))
    return path.absolute()


def _unwrapped(file: Path, root: Path) -> Path:
    """The job file; of a Dagster run config, the composed config that it carries, as a file of the project's own."""
    from niceml_engine.config.text.files import read
    from niceml_engine.runs.files import write_atomically

    if file.suffix == ".py":
        return file
    data = read(str(file)).data
    if data is None:  # all of it may be overrides
        return file
    if not isinstance(data, dict):
        raise ConfigError("the file is no job: its content must be keys with values", file=str(file), line=1)
    text = data.get("config")
    if set(data) != {"config"} or not isinstance(text, str):
        return file
    job = root / ".niceml" / "run_configs" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.yaml"
    try:
        job.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(job, text.encode())
    except OSError as error:
        raise ConfigError(f"the config in it cannot be unpacked: {os_reason(error)}", file=str(job)) from error
    return job
