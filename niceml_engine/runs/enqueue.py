"""From a composed config to a run in the queue: the one way, for the window and for the command line."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from niceml_engine.config.project import interpreter
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.jobs.declaration import JOBS
from niceml_engine.runs.folder import RunFolder, create_run
from niceml_engine.values import Composed, RunSettings

DEVICE = re.compile(r"cpu|gpu:\d+")


def enqueue(root: str | Path, composed: Composed, settings: RunSettings, dagster_job: str = "") -> RunFolder:
    """Puts a run of a composed config into the queue.

    Args:
        root: The project.
        composed: What is to be run.
        settings: Interpreter, device and threads; without an interpreter, the one that the project names.
        dagster_job: The job; empty: the one that the config belongs to.

    Raises:
        ConfigError: The config is not complete.
        RunError: No job fits the config, a setting makes no sense, or the run cannot be written.
    """
    problem = composed.error or next((found for found in composed.problems if found.severity == "error"), None)
    if problem is not None:
        raise ConfigError.of(problem)
    job = dagster_job or composed.dagster_job
    if job and job not in [known.name for known in JOBS]:
        raise RunError(f"there is no job {job}; there are {', '.join(known.name for known in JOBS)}")
    if settings.device and not DEVICE.fullmatch(settings.device):
        raise RunError(f"there is no device {settings.device}; name cpu, or a GPU as in gpu:0")
    if settings.threads < 0:
        raise RunError(f"{settings.threads} threads cannot be; 0 lets TensorFlow choose")
    if not job:
        raise RunError("no job fits this config: put it below `jobs/<job>/`, or name one with --job")
    if not settings.python:
        settings = msgspec.structs.replace(settings, python=interpreter(Path(root)))
    return create_run(root, composed, job, settings)
