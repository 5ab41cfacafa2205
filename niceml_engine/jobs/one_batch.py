"""A job on one batch: as configured, but so short that it takes seconds, and in a folder that is thrown away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path

from omegaconf import OmegaConf

from niceml_engine.events import Analysis, Event, Log, OpEnded, Tried
from niceml_engine.jobs.composed import op_config, parse
from niceml_engine.jobs.declaration import job, op
from niceml_engine.ops_path import op_key
from niceml_engine.values import OPS_PATH

_LOCATION = "niceml_engine.store.location.Location"
_SHORT: Mapping[str, Mapping[str, object]] = {
    "train": {"train_params.epochs": 1, "train_params.steps_per_epoch": 1},
    "experiment": {"git_version": False},
}


def one_batch(config: str, dagster_job: str, folder: Path, ops_path: str = OPS_PATH) -> str:
    """Shortens a composed config to one batch for each op.

    Args:
        config: Composed, unresolved YAML.
        dagster_job: Whose ops there are.
        folder: Gets what the ops write; nothing is written where they usually write.
        ops_path: Where the configs of ops lie in it.

    Raises:
        ConfigError: It is no YAML mapping.
    """
    data = deepcopy(parse(config))
    for name in job(dagster_job).ops:
        if op_config(data, name, ops_path) is None:
            continue
        values = {**_SHORT.get(name, {})}
        values |= {field.name: {"uri": str(folder)} for field in op(name).fields if field.expects == _LOCATION}
        for key, value in values.items():
            OmegaConf.update(data, f"{op_key(name, ops_path)}.{key}", value, merge=False, force_add=True)
    return OmegaConf.to_yaml(data)


class OpReports:
    """Passes events on, and tells after each op what came out of it.

    Args:
        emit: Takes the events.
        folder: The folder that is thrown away, which nobody wants to read of.
        ops_path: Where the configs of ops lie.
    """

    def __init__(self, emit: Callable[[Event], None], folder: Path, ops_path: str = OPS_PATH) -> None:
        self._ops_path = ops_path
        self._emit = emit
        self._folder = str(folder)
        self._op = ""
        self._found: list[str] = []

    def set_op(self, name: str) -> None:
        """Names the op that later events belong to."""
        self._op = name or self._op

    def __call__(self, event: Event) -> None:
        """Takes an event."""
        self._emit(event)
        match event:
            case Log(level="info", text=text):
                self._found.append(" ".join(text.replace(f"{self._folder}/", "").split()))
            case Analysis():
                self._found.append(" ".join(event.in_words().split()))
            case OpEnded(status=status, seconds=seconds, message=message, details=details, key=key):
                own = op_key(self._op, self._ops_path)
                found, self._found = tuple(self._found), []
                self._emit(
                    Tried(
                        key=key or own,
                        name=self._op,
                        status=status,
                        seconds=seconds,
                        found=found,
                        message=message,
                        details=details,
                    )
                )
