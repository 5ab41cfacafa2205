"""What short-lived workers do: they tell Dagster what it is yet to be told of runs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from niceml_engine.config.projects.env_file import load_env
from niceml_engine.runs.along.reading import end_dead
from niceml_engine.runs.dagster_home import forget_run, mark_as_dead, open_instance
from niceml_engine.runs.experiment import experiment_location
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.mirror import finish
from niceml_engine.runs.untold import note, noted
from niceml_engine.store.experiment import ExperimentFolder


def bury(run: RunFolder) -> int:
    """Tells Dagster, and the experiment, that the worker of a run is gone; Dagster later, where that fails."""
    root = run.spec().root
    load_env(Path(root))
    try:
        with open_instance(root) as instance:
            mark_as_dead(instance, run.id, stopped=run.stop_asked)
    except Exception:  # whatever Dagster, its databases or a disk may raise
        note(root, "ended", run.id)
    state = run.state()
    end_dead(run, state)
    if state.experiment:
        location = experiment_location(run.spec().config, state.experiment)
        finish(run.stream, ExperimentFolder(location), msgspec.structs.replace(state, folder=""))
    return 0


def tell(root: str | Path) -> int:
    """Tells Dagster which runs of a project have ended or were deleted, and prints what it could not be told."""
    load_env(Path(root))
    deleted, ended = noted(root, "deleted"), noted(root, "ended")
    try:
        with open_instance(root) as instance:
            for one in deleted:
                if going_on := forget_run(instance, one.name):
                    print(f"{one.name} is deleted; what was begun from it in Dagster goes on and stays: {going_on}")
                one.unlink(missing_ok=True)
            for one in ended:
                mark_as_dead(instance, one.name, stopped=_was_stopped(RunFolder(runs_folder(root) / one.name)))
                one.unlink(missing_ok=True)
    except Exception as error:  # whatever Dagster, its databases or a disk may raise
        line = next((part.strip() for part in str(error).splitlines() if part.strip()), type(error).__name__)
        if "database is locked" in line:
            line = "another process has locked its database"
        if left := ", ".join(one.name for one in deleted if one.exists()):
            print(f"{left} is deleted; Dagster's record of it stays for now: {line}")
        if left := ", ".join(one.name for one in ended if one.exists()):
            print(f"{left} has ended; Dagster's record does not say so for now: {line}")
        return 1
    return 0


def _was_stopped(run: RunFolder) -> bool:
    final = run.final_state()
    return run.stop_asked or (final is not None and final.status == "stopped")
