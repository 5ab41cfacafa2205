"""From a composed config to a run in the queue: the one way, for the window and for the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import msgspec

from niceml_engine.config.code.own_resolvers import registering
from niceml_engine.config.projects.project import full_disk, interpreter, log_to, read_layout
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.jobs.declaration import JOBS, PROGRAM
from niceml_engine.runs.continuing import continuation
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.making import create_run, new_group, origins
from niceml_engine.runs.trust import need_trust
from niceml_engine.short import short_key
from niceml_engine.values import FULL_DISK, LOGGERS, Composed, Continuation, RunSettings, Selection

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.projects.setting import Setting

DEVICE = re.compile(r"cpu|gpu:\d+")


def enqueue(
    root: str | Path,
    composed: Composed,
    settings: RunSettings,
    dagster_job: str = "",
    continues: Continuation | None = None,
    script: str = "",
) -> RunFolder:
    """Puts a run of a composed config into the queue.

    Args:
        root: The project.
        composed: What is to be run.
        settings: Interpreter, device and threads; without an interpreter, the one that the project names.
        dagster_job: The job; empty: the one that the config belongs to.
        continues: Which ops run upon which experiment, if not all of them.
        script: The Hydra program that is started where no job of ours fits.

    Raises:
        ConfigError: The config is not complete.
        RunError: No job fits the config, a setting makes no sense, or the run cannot be written.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """
    job, settings = checked(root, composed, settings, dagster_job, script)
    if continues is not None:
        continues = continuation(root, composed, job, continues)
    return create_run(root, composed, job, settings, **own_code(root, composed, job, script), continues=continues)


def enqueue_all(
    root: str | Path, composer: Composer, selection: Selection, settings: RunSettings, dagster_job: str = ""
) -> list[RunFolder]:
    """Puts every run that a selection stands for into the queue, as one group, once all of them are complete.

    Args:
        root: The project.
        composer: Composes the runs.
        selection: May hold sweeps; without one there is one run, of no group.
        settings: As for `enqueue`.
        dagster_job: As for `enqueue`.

    Raises:
        ConfigError: A config is not complete, or a sweep cannot be expanded.
        RunError: As `enqueue`.
    """
    from niceml_engine.config.compose.sweeps import expand

    expansion = expand(composer, selection)
    if not expansion.swept:
        script = script_of(composer.setting, selection.job)
        return [enqueue(root, composer.compose(selection), settings, dagster_job, script=script)]
    swept = dict.fromkeys(short_key(selection.overrides[place].partition("=")[0]) for place in expansion.swept)
    runs = [Selection(selection.job, overrides) for overrides in expansion.runs]
    return enqueue_group(root, composer, runs, ", ".join(swept), settings, dagster_job)


def enqueue_group(
    root: str | Path,
    composer: Composer,
    runs: Sequence[Selection],
    title: str,
    settings: RunSettings,
    dagster_job: str = "",
) -> list[RunFolder]:
    """Puts runs of one job file into the queue, as one group, once all of them are complete.

    Args:
        root: The project.
        composer: Composes the runs.
        runs: What they are composed of.
        title: What tells them apart, in a word or two.
        settings: As for `enqueue`.
        dagster_job: As for `enqueue`.

    Raises:
        ConfigError: A config is not complete.
        RunError: As `enqueue`.
    """
    script = script_of(composer.setting, runs[0].job)
    for one in runs:
        checked(root, composer.compose(one), settings, dagster_job, script)
    group = new_group(title)
    # Composed again rather than kept: a thousand composed configs may not fit into memory.
    made = []
    for composed in (composer.compose(one) for one in runs):
        job, there = checked(root, composed, settings, dagster_job, script)
        made.append(create_run(root, composed, job, there, group, **own_code(root, composed, job, script)))
    return made


def script_of(setting: Setting, job: str) -> str:
    """The program with `@hydra.main` that starts Hydra with a job; empty if there is none."""
    program = setting.program(job)
    return program.file if program is not None and program.kind == "main" else ""


def job_of(composed: Composed, script: str, dagster_job: str = "") -> str:
    """The Dagster job that runs a config: the one that is named, the config's own, or that of programs."""
    return dagster_job or composed.dagster_job or (PROGRAM.name if script else "")


class OwnCode(TypedDict):
    """What `create_run` needs to know of the project."""

    python_path: tuple[str, ...]
    modules: tuple[str, ...]
    ops_path: str
    script: str


def own_code(root: str | Path, composed: Composed, job: str, script: str = "") -> OwnCode:
    """Where a project keeps packages and the configs of ops, and which of its modules a worker imports first.

    Args:
        root: The project.
        composed: What is run.
        job: By which job.
        script: The Hydra program of the config, which imports for itself what it needs.
    """
    layout = read_layout(Path(root))
    own = job == PROGRAM.name
    return {
        "python_path": tuple(map(str, layout.program_path if own else layout.python_path)),
        "modules": () if own else tuple(registering(composed.yaml, layout.setting)),
        "ops_path": layout.setting.ops_path,
        "script": script if own else "",
    }


def checked(
    root: str | Path, composed: Composed, settings: RunSettings, dagster_job: str, script: str = ""
) -> tuple[str, RunSettings]:
    """The job and the settings of a run that may start; a config that fits no job of ours is run by its program.

    Raises:
        ConfigError: The config is not complete.
        RunError: No job fits the config, or a setting makes no sense.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """
    job = job_of(composed, script, dagster_job)
    # A program may set variables first, and need not ask for all that its config holds.
    told = () if job == PROGRAM.name else composed.problems
    problem = composed.error or next((found for found in told if found.severity == "error"), None)
    if problem is not None:
        raise ConfigError.of(problem)
    if job and job not in [known.name for known in (*JOBS, *([PROGRAM] if script else []))]:
        raise RunError(f"there is no job {job}; there are {', '.join(known.name for known in JOBS)}")
    if not job:
        raise RunError(
            "no job fits this config, and no script with @hydra.main starts it: "
            "put it below `jobs/<job>/`, or name a job with --job"
        )
    return job, allowed(root, composed, settings, script if job == PROGRAM.name else "")


def allowed(root: str | Path, composed: Composed, settings: RunSettings, script: str = "") -> RunSettings:
    """The settings under which a worker may be started with a config, with the interpreter that runs it.

    Raises:
        RunError: A setting makes no sense.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """
    if settings.device and not DEVICE.fullmatch(settings.device):
        raise RunError(f"there is no device {settings.device}; name cpu, or a GPU as in gpu:0")
    if settings.threads < 0:
        raise RunError(f"{settings.threads} threads cannot be; 0 lets TensorFlow choose")
    if not settings.python:
        settings = msgspec.structs.replace(settings, python=interpreter(Path(root)))
    unknown = next((name for name in settings.log_to or () if name not in LOGGERS), "")
    if unknown:
        raise RunError(f"nothing called {unknown} can read along; there are {', '.join(LOGGERS)}")
    if settings.log_to is None:
        settings = msgspec.structs.replace(settings, log_to=log_to(Path(root)))
    if not settings.full_disk:
        settings = msgspec.structs.replace(settings, full_disk=full_disk(Path(root)))
    if settings.full_disk not in FULL_DISK:
        raise RunError(f"a full disk cannot be met by {settings.full_disk}; there are {', '.join(FULL_DISK)}")
    need_trust(root, composed.yaml, origins(root, composed), settings.python, script)
    return settings
