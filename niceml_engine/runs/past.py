"""The configs of past runs and experiments, to be compared with."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.composed.difference import Side, past_side
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.protocol.runs import RunConfig
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import CONFIG, read_info
from niceml_engine.store.location import Location


def run_side(run: RunFolder) -> Side:
    """The config that a run was started with.

    Raises:
        RunError: The folder is not a run's, or is damaged.
        ConfigError: Its config is no YAML.
    """
    spec = run.spec()
    return past_side(spec.config, spec.origins, spec.selection.overrides, spec.root, spec.leaves)


def run_config(run: RunFolder) -> RunConfig:
    """The config that a run was started with, as text, with who set what.

    Raises:
        RunError: The folder is not a run's, or is damaged.
    """
    text = run.spec().config
    keys = [""] * len(text.splitlines())
    try:
        for path, mark in parse(text).marks.items():
            keys[mark.line - 1] = ".".join(path)
        side = run_side(run)
    except ConfigError:  # it can be read all the same
        return RunConfig(text)
    origins = {key: entry.origin for key, entry in side.items() if entry.origin is not None}
    return RunConfig(text, tuple(keys), origins, {k: one.shown for k, one in side.items() if one.shown != one.value})


def experiment_side(location: Location, root: str | Path) -> Side:
    """The config that an experiment was made with; what set and gave its values is known as long as its run is.

    Args:
        location: The experiment's folder.
        root: The project.

    Raises:
        StoreError: The experiment holds no config, or cannot be read.
    """
    folder = ExperimentFolder(location)
    text = folder.read(CONFIG).decode(errors="replace")
    info = read_info(folder) or {}
    given = info.get("overrides")
    overrides = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    run = info.get("run_id")
    try:
        spec = RunFolder(runs_folder(root) / run).spec() if isinstance(run, str) and run else None
    except RunError:
        spec = None
    places, leaves = (spec.origins, spec.leaves) if spec is not None else ({}, {})
    return past_side(text, places, overrides, root, leaves)
