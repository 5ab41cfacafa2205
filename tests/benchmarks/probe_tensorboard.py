"""TensorBoard's own reader loads what one of our runs measured, from its own files and without its sampling."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from niceml_engine.events import Metrics
from niceml_engine.runs.stream import StreamReader
from tests.benchmarks.watching import Probe


def main() -> int:
    """Writes the files, and reads them."""
    probe = Probe.from_command_line()
    stream, folder = probe.arguments
    writer = EventFileWriter(folder)
    reader = StreamReader(Path(stream))
    while rows := reader.read():
        for row in rows:
            if isinstance(row, Metrics):
                values = [Summary.Value(tag=tag, simple_value=value) for tag, value in row.values.items()]
                writer.add_event(Event(wall_time=row.time, step=row.step, summary=Summary(value=values)))
    writer.close()
    begin = time.perf_counter()
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
    accumulator.Reload()
    points = sum(len(accumulator.Scalars(tag)) for tag in accumulator.Tags()["scalars"])
    probe.write({"read": time.perf_counter() - begin, "points": points})
    return 0


if __name__ == "__main__":
    sys.exit(main())
