"""What a run does with its events where none of our workers runs it, but `dagster job execute` or Dagster's web UI."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from time import time
from typing import Any

from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.projects import project_file
from niceml_engine.config.projects.env_file import load_env
from niceml_engine.events import Analysis, Artifact, Event, Log, OpEnded, OpStarted, RunEnded, RunStarted
from niceml_engine.jobs.composed import op_config
from niceml_engine.jobs.session import Hooks
from niceml_engine.runs.fold import fold
from niceml_engine.runs.mirror import Mirror
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import OPS_PATH, RunState, RunStatus


def standalone_hooks(config: DictConfig) -> Hooks:
    """Prints the log, and writes the stream beside the experiment.

    The working directory takes the place of the project: its `.env` is read, its modules can be imported, and what it
    says of where the configs of ops lie counts.
    """
    root = Path.cwd()
    load_env(root)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return _Standalone(config, project_file.load(root).text("ops_path") or OPS_PATH).hooks


class _Standalone:
    def __init__(self, config: DictConfig, ops_path: str) -> None:
        self._config, self._ops_path = config, ops_path
        self._folder = Path(tempfile.mkdtemp(prefix="niceml-"))
        self._stream = self._folder / "events.jsonl"
        self._writer = StreamWriter(self._stream)
        self._mirror: Mirror | None = None
        self._state = RunState(id="", name="", status="starting", job="", created=time())
        self.hooks = Hooks(
            emit=self._emit,
            set_op=self._set_op,
            on_run=self._begin,
            ops_path=ops_path,
            on_end=self._end,
            now=self._writer.now,
        )

    def _emit(self, event: Event) -> None:
        written = self._writer.emit(event)
        self._state = fold(self._state, [written])
        match written:
            case Log(text=text):
                print(f"{written.op:<12}{text}", flush=True)
            case Analysis():
                print(f"{written.op:<12}{written.in_words()}", flush=True)
            case OpStarted():
                print(f"{written.op:<12}started", flush=True)
            case OpEnded(status=status, seconds=seconds, message=message):
                print(f"{written.op:<12}{status} after {seconds:.1f} s {message}".rstrip(), flush=True)
            case Artifact(kind="experiment", path=uri):
                node = op_config(self._config, "experiment", self._ops_path).location
                plain: Any = OmegaConf.to_container(node, resolve=True)
                where = Location.of(plain)
                self._mirror = Mirror(self._stream, ExperimentFolder(Location(uri, where.credentials)))

    def _set_op(self, name: str) -> None:
        self._writer.op = name

    def _begin(self, dagster_run: str) -> None:
        self._state = RunState(id=dagster_run, name=dagster_run[:8], status="starting", job="", created=time())
        self._emit(RunStarted(pid=os.getpid(), dagster_run=dagster_run))

    def _end(self, status: RunStatus, message: str) -> None:
        self._emit(RunEnded(status=status, message=message))
        self._writer.close()
        if self._mirror is not None:
            self._mirror.close(self._state)
        shutil.rmtree(self._folder, ignore_errors=True)
