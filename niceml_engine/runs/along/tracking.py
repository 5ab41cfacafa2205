"""MLflow: what is measured, the config as parameters, and how it ended.

The server is MLflow's own setting, `MLFLOW_TRACKING_URI`; without one, `.niceml/mlflow.db` of the project is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from omegaconf import DictConfig, OmegaConf

from niceml_engine import secrets
from niceml_engine.config.composed.resolve import Memory, data_of
from niceml_engine.events import Analysis, Artifact, Event, Metrics
from niceml_engine.runs.fold import fold
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.variables import in_words
from niceml_engine.short import named
from niceml_engine.values import RunState

URI = "MLFLOW_TRACKING_URI"
RUN = "niceml.run"  #: the tag that holds our id of a run
AT_ONCE = 1000  #: values that MLflow takes in one go, and
PARAMETERS_AT_ONCE = 100  #: parameters
LONGEST = 6000  #: characters of a parameter
_NO_NAME = re.compile(r"[^\w\-./: ]")
_STATUS = {"succeeded": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}
T = TypeVar("T")


def start(run: RunFolder) -> Tracking:
    """Begins MLflow's record of a run, in an experiment that is called like the project.

    Raises:
        Exception: Whatever MLflow raises where its server cannot be reached.
    """
    spec, state = run.spec(), run.state()  # begun before: whoever reads along is told with the first op
    client, experiment = _client(spec.root), ""
    name = Path(spec.root).name or spec.root
    known = client.get_experiment_by_name(name)
    experiment = known.experiment_id if known is not None else client.create_experiment(name)
    tags = {
        RUN: spec.id,
        "niceml.digest": spec.digest,
        "niceml.job": os.path.relpath(spec.selection.job, spec.root),
        "niceml.overrides": " ".join(spec.selection.overrides),
        "mlflow.source.name": os.path.relpath(spec.script or spec.selection.job, spec.root),
    }
    if given := in_words(spec.variables):
        tags["niceml.environment"] = given
    made = client.create_run(experiment, int(state.started * 1000) or None, tags, named(state))
    tracking = Tracking(client, made.info.run_id, run)
    tracking.write_parameters(spec.config)
    return tracking


def end_dead(run: RunFolder, state: RunState) -> None:
    """Tells MLflow how a run ended whose worker is gone."""
    client = _client(run.spec().root)
    known = client.get_experiment_by_name(Path(run.spec().root).name or run.spec().root)
    if known is not None:
        for found in client.search_runs([known.experiment_id], filter_string=f"tags.`{RUN}` = '{run.id}'"):
            if found.info.status == "RUNNING":
                Tracking(client, found.info.run_id, run).end(state)


class Tracking:
    """Passes rows of a run on to MLflow.

    Args:
        client: MLflow's.
        run: MLflow's id of the run.
        folder: The run.
    """

    def __init__(self, client: Any, run: str, folder: RunFolder) -> None:
        self._client = client
        self._run = run
        self._folder = folder
        self._step = 0

    def take(self, events: Sequence[Event]) -> None:
        """Passes on what was measured and made."""
        from mlflow.entities import Metric

        found = []
        for event in events:
            when = int(event.time * 1000)
            if isinstance(event, Metrics):
                self._step = event.step
                prefix = "batch/" if event.level == "batch" else ""
                for name, value in event.values.items():
                    number = float(event.nonfinite.get(name, "nan")) if value is None else value
                    found.append(Metric(_name(prefix + name), number, when, event.step))
            elif isinstance(event, Analysis):
                for name, value in event.metrics.items():
                    if value is not None:
                        found.append(Metric(_name(f"{event.subset}/{name}"), value, when, self._step))
            elif isinstance(event, Artifact) and event.kind in ("experiment", "output"):
                if event.kind == "experiment":  # which gives a run its name, unless a person does
                    self._client.update_run(self._run, name=named(fold(self._folder.first_state(), [event])))
                self._client.set_tag(self._run, f"niceml.{event.kind}", event.path)
                self._client.set_tag(self._run, "mlflow.note.content", f"Made by niceml; its files: `{event.path}`")
        for metrics in _portions(found, AT_ONCE):
            self._client.log_batch(self._run, metrics=metrics)

    def end(self, state: RunState) -> None:
        """Says how the run ended, and why if not well."""
        self._client.update_run(
            self._run, name=named(msgspec.structs.replace(state, name=self._folder.name() or state.name))
        )
        if state.message:
            self._client.set_tag(self._run, "niceml.message", state.message)
        self._client.set_terminated(self._run, _STATUS.get(state.status, "FAILED"), int(state.ended * 1000) or None)

    def write_parameters(self, config: str) -> None:
        """Writes the leaves of a composed config: resolved where they can be, and without secrets."""
        from mlflow.entities import Param

        found = [Param(_name(key), str(value)[:LONGEST]) for key, value in _leaves(config)]
        for params in _portions(found, PARAMETERS_AT_ONCE):
            self._client.log_batch(self._run, params=params)


def _client(root: str) -> Any:
    # It would tell its makers how it is used.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from mlflow.tracking import MlflowClient

    return MlflowClient(os.environ.get(URI) or f"sqlite:///{Path(root) / '.niceml' / 'mlflow.db'}")


def _leaves(config: str) -> Iterator[tuple[str, Any]]:
    parsed = OmegaConf.create(config)
    if not isinstance(parsed, DictConfig):
        return
    _, found = data_of(parsed, Memory())
    keyed = frozenset(
        one.value.resolved for one in found if one.secret and isinstance(one.value.resolved, str) and one.value.resolved
    )
    hidden = keyed.union(*(one.woven for one in found))
    for one in found:
        value = one.value.value if one.value.reason else one.value.resolved
        if one.secret:
            yield one.value.key, secrets.mask(value)
        else:
            yield from _flat(one.value.key, secrets.hide(value, hidden))


def _flat(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a value holds that refers to a whole part of the config, without secrets."""
    if not isinstance(value, dict) or not value:
        yield key, value
        return
    for name, item in value.items():
        if not secrets.is_secret((str(name),)):
            yield from _flat(f"{key}.{name}", item)


def _portions(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _name(text: str) -> str:
    """A name as MLflow allows it."""
    return _NO_NAME.sub("_", text)[:250]
