"""Copies a growing stream beside the experiment, for readers on other machines.

Buckets cannot append, so that the copy is made of immutable parts named by the number of their first row. A reader
lists the parts after the last one that it knows and drops rows that it has seen. A failed upload is tried again with
the next one; it never stops the training.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from niceml_engine.errors import StoreError, os_reason
from niceml_engine.runs.blocks import blocks_of
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import STATE
from niceml_engine.values import RunState

SECONDS = 2.0
WHOLE = "events.jsonl"  #: the stream in one piece, once it has ended
COLUMNS = "events.columns"  #: its blocks, if it was long enough for one


class Mirror:
    """A background thread that uploads what has been added to a stream.

    Args:
        stream: The stream on this machine's disk.
        experiment: Where the parts go, into `events/`.
    """

    def __init__(self, stream: Path, experiment: ExperimentFolder) -> None:
        self.problem = ""  #: why the last upload failed; empty when it did not
        self._stream = stream
        self._experiment = experiment
        self._offset = 0
        self._row = 1
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mirror", daemon=True)
        self._thread.start()

    def close(self, state: RunState) -> None:
        """Puts the whole stream in place of its parts, adds the run's final state, and ends the thread."""
        self._done.set()
        self._thread.join(timeout=60)
        try:
            finish(self._stream, self._experiment, state)
        except StoreError as error:
            self.problem = error.message

    def _work(self) -> None:
        while not self._done.wait(SECONDS):
            self._upload()
        self._upload()

    def _upload(self) -> None:
        try:
            with self._stream.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError as error:  # somebody has deleted the folder of the run; the parts are what is left
            self.problem = f"cannot read {self._stream}: {os_reason(error)}"
            return
        part = data[: data.rfind(b"\n") + 1]
        if not part:
            return
        try:
            self._experiment.write(f"events/{self._row:010d}.jsonl", part)
        except StoreError as error:
            self.problem = error.message
            return
        self.problem = ""
        self._offset += len(part)
        self._row += part.count(b"\n")


def finish(stream: Path, experiment: ExperimentFolder, state: RunState) -> None:
    """Leaves with an experiment what a run that has ended amounts to; of a stream that is gone, its parts remain.

    Raises:
        StoreError: The experiment cannot be written.
    """
    if stream.exists():
        experiment.upload(stream, WHOLE)
        if blocks_of(stream).exists():
            experiment.upload(blocks_of(stream), COLUMNS)
        experiment.delete("events")
    experiment.write(STATE, msgspec.json.encode(state))
