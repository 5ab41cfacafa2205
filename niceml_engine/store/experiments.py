"""The index of experiments: what lies at an experiment location, read from the folders themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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
    try:
        info = yaml.safe_load(folder.read(INFO))
    except (StoreError, yaml.YAMLError):
        return None
    if not isinstance(info, dict):
        return None
    try:
        state = msgspec.json.decode(folder.read(STATE), type=RunState)
    except (StoreError, msgspec.DecodeError):
        state = None
    created = info.get("created")
    return Experiment(
        uri=location.uri,
        name=folder.name,
        created=float(created) if isinstance(created, int | float) else 0.0,
        status=state.status if state else "",
        job=str(info.get("job", "")),
        digest=str(info.get("digest", "")),
        run_id=state.id if state else "",
        metrics=state.metrics if state else {},
    )
