"""TensorBoard's event files, read while they are written, with TensorBoard's own reader of records.

A torn last record is read once its rest is there. What is damaged ends a file, as it does in TensorBoard.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from niceml_engine.events import Every
from niceml_engine.jobs.program.naming import Names, Row

MARK = ".tfevents."  #: in the name of every event file
PORTION = 20_000  #: records that are read at once
_EPOCH = "epoch_"  #: what Keras puts before what it measures after an epoch


class Records:
    """Follows one event file.

    Args:
        path: The file.
        names: Says what its tags are called in the stream.
        place: What tells its tags from those of other files that are called alike.
    """

    def __init__(self, path: Path, names: Names, place: str) -> None:
        self._path = path
        self._names = names
        self._place = place
        self._reader: Any = None

    def read(self, *, ended: bool = False) -> list[Row]:
        """The rows that are new; values of one step that follow each other are one row.

        Args:
            ended: Whether nobody writes any more; what is torn then stays so.
        """
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.tensorflow_stub import errors
        from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

        found: list[Row] = []
        try:
            if self._reader is None:
                self._reader = PyRecordReader_New(str(self._path))
            for _ in range(PORTION):
                self._reader.GetNext()
                self._take(Event.FromString(self._reader.record()), found)
        except (errors.OutOfRangeError, errors.DataLossError, errors.NotFoundError, OSError):
            pass  # its end, for now, or for good
        return found

    def _take(self, event: Any, found: list[Row]) -> None:
        for value in event.summary.value:
            number = _number(value)
            if number is None:
                continue
            level: Every = "epoch" if value.tag.startswith(_EPOCH) else "batch"
            name = self._names.of(value.tag.removeprefix(_EPOCH), level, self._place, self._path.parent.name)
            last = found[-1] if found else None
            if last is not None and (last.level, last.step) == (level, event.step) and name not in last.values:
                last.values[name] = number
            else:
                epoch = event.step if level == "epoch" else 0
                found.append(Row(level, event.step, epoch, {name: number}, event.wall_time))


def _number(value: Any) -> float | None:
    """A scalar, old or new style; `None` for pictures, texts and whatever else an event may hold."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind != "tensor" or value.tensor.tensor_shape.dim:
        return None
    from tensorboard.util import tensor_util

    try:
        return float(tensor_util.make_ndarray(value.tensor))
    except (TypeError, ValueError):
        return None
