"""TensorBoard: event files in the run's folder, `tensorboard/train` and `tensorboard/validation`.

They are written by the tensorboard package alone; TensorFlow, whose import takes seconds, is not needed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from niceml_engine.events import Analysis, Event, Metrics
from niceml_engine.runs.folder import RunFolder
from niceml_engine.values import RunState

FOLDER = "tensorboard"  #: in the run's folder


def start(run: RunFolder) -> Board:
    """Begins the event files of a run."""
    board = Board(run.path / FOLDER)
    spec = run.spec()
    lines = "\n".join(f"    {line}" for line in spec.config.splitlines())
    board.write_text("config", f"{spec.selection.job} {' '.join(spec.selection.overrides)}\n\n{lines}")
    return board


class Board:
    """Writes what is measured as TensorBoard wants it: `batch/loss` and `epoch/loss` at their steps.

    Args:
        folder: Where the event files go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _EventFile] = {}
        self._step = 0

    def take(self, events: Sequence[Event]) -> None:
        """Writes what was measured."""
        for event in events:
            if isinstance(event, Metrics):
                self._measured(event)
            elif isinstance(event, Analysis):
                found = {f"analysis/{event.subset}/{name}": value for name, value in event.metrics.items()}
                numbers = {name: value for name, value in found.items() if value is not None}
                self._file("train").write(event.time, self._step, numbers)
        for file in self._files.values():
            file.flush()

    def end(self, state: RunState) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()

    def write_text(self, tag: str, text: str) -> None:
        """Writes a text in Markdown."""
        self._file("train").write_text(time.time(), tag, text)

    def _measured(self, event: Metrics) -> None:
        self._step = event.step
        split: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
        for name, value in event.values.items():
            kind = "validation" if name.startswith("val_") else "train"
            number = float(event.nonfinite.get(name, "nan")) if value is None else value
            split[kind][f"{event.level}/{name.removeprefix('val_')}"] = number
        for kind, values in split.items():
            if values:
                self._file(kind).write(event.time, event.step, values)

    def _file(self, split: str) -> _EventFile:
        if split not in self._files:
            self._files[split] = _EventFile(self._folder / split)
        return self._files[split]


class _EventFile:
    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event as Record
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}"
        self._record = Record
        self._writer: Any = RecordWriter((folder / name).open("wb"))
        self._add(Record(wall_time=time.time(), file_version="brain.Event:2"))

    def write(self, when: float, step: int, values: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
        self._add(self._record(wall_time=when, step=step, summary=summary))

    def write_text(self, when: float, tag: str, text: str) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING

        plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
        tensor = TensorProto(dtype=DT_STRING, string_val=[text.encode()])
        value = Summary.Value(tag=tag, metadata=plugin, tensor=tensor)
        self._add(self._record(wall_time=when, summary=Summary(value=[value])))

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    def _add(self, record: Any) -> None:
        self._writer.write(record.SerializeToString())
