"""The index of experiments: what lies at an experiment location, read from the folders themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import yaml

from niceml_engine.errors import StoreError, os_reason
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import Experiment, RunState

INFO = "experiment_info.yaml"
CONFIG = "run/config.yaml"  #: what its run composed to, unresolved
STATE = "run/state.json"  #: the final state of the run, written by its worker


def list_experiments(location: Location, threads: int = 16) -> tuple[Experiment, ...]:
    """The experiments at a location, newest first; a location that does not exist yet has none.

    Args:
        location: The folder that holds the experiment folders.
        threads: Folders that are read at the same time, which matters for buckets.

    Raises:
        StoreError: The location cannot be reached or listed.
    """
    system, base = location.open()
    try:
        entries = system.ls(base, detail=True, refresh=True)
    except FileNotFoundError:
        return ()
    except Exception as error:  # each file system passes on what its client library raises
        reason = os_reason(error) if isinstance(error, OSError) else str(error)
        raise StoreError(f"cannot list {location.uri}: {reason}", details=repr(error)) from error
    names = [entry["name"].rstrip("/").rsplit("/", 1)[-1] for entry in entries if entry["type"] == "directory"]
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda name: read_experiment(location / name), names)
        experiments = [experiment for experiment in found if experiment is not None]
    return tuple(sorted(experiments, key=lambda experiment: (-experiment.created, experiment.name)))


def read_experiment(location: Location) -> Experiment | None:
    """Reads one experiment folder; `None` if it is something else."""
    folder = ExperimentFolder(location)
    info = read_info(folder)
    if info is None:
        return None
    try:
        state = msgspec.json.decode(folder.read(STATE), type=RunState)
    except (StoreError, msgspec.DecodeError):
        state = None
    created = info.get("created")
    return Experiment(
        uri=location.uri,
        name=folder.name,
        created=created if isinstance(created, float) else 0.0,
        status=state.status if state else "",
        job=_text(info, "job"),
        digest=_text(info, "digest"),
        run_id=state.id if state else "",
        metrics=state.metrics if state else {},
        nonfinite=state.nonfinite if state else {},
        lows=state.lows if state else {},
        highs=state.highs if state else {},
    )


def read_info(folder: ExperimentFolder) -> dict[str, Any] | None:
    """What `experiment_info.yaml` says; `None` where a folder has none that can be read."""
    try:
        info = yaml.safe_load(folder.read(INFO))
    except Exception:  # PyYAML leaks errors of every kind
        return None
    return info if isinstance(info, dict) else None


def delete_experiment(location: Location) -> None:
    """Deletes an experiment with all that is in it; one that is gone already counts as deleted.

    Raises:
        StoreError: The folder is none of an experiment, or cannot be deleted.
    """
    folder = ExperimentFolder(location)
    if folder.exists("") and not folder.exists(INFO):
        raise StoreError(f"{location.uri} holds no {INFO}, so that nothing says it is an experiment; delete it by hand")
    folder.delete()


def _text(info: dict[str, Any], name: str) -> str:
    value = info.get(name)
    return value if isinstance(value, str) else ""
