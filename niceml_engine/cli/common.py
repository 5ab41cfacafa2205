"""What the commands share: options, the way to a selection, errors as one line, exit status."""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from niceml_engine.errors import ConfigError, NicemlError, ProjectError
from niceml_engine.values import Problem, Selection

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer

BAD_INPUT = 2
STOPPED = 130

Job = Annotated[str, typer.Argument(metavar="JOB", help="Job file; with --config-dir a name in that folder.")]
Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[OVERRIDE]...", help="Hydra overrides; after -- if they begin with one.")
]
ConfigDir = Annotated[Path | None, typer.Option("--config-dir", help="Folder in which JOB is a name.")]
VersionBase = Annotated[str | None, typer.Option("--version-base", help="Hydra's version_base; 1.1 if not given.")]
WorkingDir = Annotated[Path | None, typer.Option("--working-dir", help="What file:// paths mean; the project root.")]
PythonPath = Annotated[list[Path] | None, typer.Option("--python-path", help="What pkg:// paths mean; repeatable.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the details of an error.")]


def make_selection(
    job: str,
    overrides: list[str],
    config_dir: Path | None = None,
    version_base: str | None = None,
    working_dir: Path | None = None,
    python_path: list[Path] | None = None,
) -> tuple[Composer, Selection]:
    """Finds the job file and its project, reads the project's `.env`, and makes what composes there.

    Args:
        job: Path of the job file, its `.yaml` may be left out; with `config_dir` a name in it.
        overrides: In Hydra's grammar.
        config_dir: Hydra's primary folder.
        version_base: Hydra's; `None` for the default.
        working_dir: What `file://` paths mean; `None` for the project root.
        python_path: What `pkg://` paths mean, before what is installed.

    Raises:
        ConfigError: The job file is empty or no YAML.
        ProjectError: There is no such job file or folder.
    """
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.project import Setting, find_root, load_env

    file = find_job(job, config_dir)
    root = find_root(file)
    load_env(root)
    file = _unwrapped(file, root)
    setting = Setting(
        root=root,
        python_path=tuple(_folder(path, "--python-path") for path in python_path or ()),
        working_dir=_folder(working_dir, "--working-dir") if working_dir else None,
        config_dir=config_dir.absolute() if config_dir else None,
    )
    if version_base is not None:
        from dataclasses import replace

        setting = replace(setting, version_base=version_base)
    return Composer(setting), Selection(str(file), tuple(overrides))


def find_job(job: str, config_dir: Path | None = None) -> Path:
    """Finds a job file.

    Raises:
        ProjectError: There is none.
    """
    base = _folder(config_dir, "--config-dir") if config_dir else Path.cwd()
    path = Path(os.path.normpath(base / Path(job).expanduser()))
    for candidate in (path, path.with_name(f"{path.name}.yaml"), path.with_name(f"{path.name}.yml")):
        if candidate.is_file():
            return candidate
    if path.is_dir():
        raise ProjectError("this is a folder; name a job file in it", file=str(path))
    parent = next(folder for folder in path.parents if folder.exists())
    reason = "there is no such job file" if parent == path.parent else f"there is no such folder in {parent}"
    near = _nearest(path)
    raise ProjectError(reason + (f"; did you mean {near}?" if near else "; name a YAML file"), file=str(path))


def _nearest(path: Path) -> str:
    import difflib

    names = [one.name for one in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
    return next(iter(difflib.get_close_matches(path.name, names, 1)), "")


def _folder(path: Path, option: str) -> Path:
    if not path.is_dir():
        raise ProjectError(f"{option}: there is no such folder", file=str(path))
    return path.absolute()


def _unwrapped(file: Path, root: Path) -> Path:
    """The job file; of a Dagster run config, the composed config that it carries, as a file of the project's own."""
    from niceml_engine.config.files import read
    from niceml_engine.runs.folder import write_atomically

    data = read(str(file)).data
    if data is None:
        raise ConfigError("the file is empty; a job file needs a defaults list or values", file=str(file))
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
        raise ConfigError(f"cannot be unpacked: {error.strerror}", file=str(job)) from error
    return job


@contextmanager
def errors(verbose: bool = False) -> Iterator[None]:
    """Turns errors into one line on stderr and an exit status.

    Args:
        verbose: Whether to print the details below that line.

    Raises:
        typer.Exit: Whatever went wrong; 2 for bad input, 130 when stopped by the keyboard.
    """
    try:
        yield
    except NicemlError as error:
        print_error(str(error))
        _details(verbose, error.details or traceback.format_exc())
        raise typer.Exit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        print_error("stopped")
        raise typer.Exit(STOPPED) from error
    except BrokenPipeError as error:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        print_error(f"unexpected {type(error).__name__}: {error}; --verbose shows where")
        _details(verbose, traceback.format_exc())
        raise typer.Exit(BAD_INPUT) from error


def print_error(message: str) -> None:
    """Prints one line on stderr."""
    print(f"error: {' '.join(message.split())}", file=sys.stderr)


def _details(verbose: bool, details: str) -> None:
    if verbose and details:
        print(details.rstrip(), file=sys.stderr)


def raise_problem(problem: Problem | None) -> None:
    """Raises what a composed config says of why there is none.

    Raises:
        ConfigError: There is a problem.
    """
    if problem is not None:
        raise ConfigError(
            problem.message, file=problem.file, line=problem.line, key=problem.key, details=problem.details
        )


def shown(file: str) -> str:
    """A path as a person wants to read it: relative where it lies below the current folder."""
    here = os.path.relpath(file) if file else ""
    return file if here.startswith("..") else here
