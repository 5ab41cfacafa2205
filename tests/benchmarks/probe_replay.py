"""What a run takes of the window's memory: fed row by row as it was measured and drawn all the while, or read once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import msgspec
from PySide6.QtWidgets import QApplication

from niceml_engine.columns import gather
from niceml_engine.events import Event, Log, OpStarted, Progress, metrics
from niceml_gui.theme import style
from niceml_gui.workspaces.runs.charts.pane import ChartsPane
from niceml_gui.workspaces.runs.record import RunRecord
from tests.benchmarks.watching import Probe, memory

HOURS, RATE = 8, 10  #: batches a second
EPOCH = 3000  #: batches
PORTION = 4096  #: rows that are read at once
DRAWN = 500  #: rows between two drawings while it is watched


def stream() -> Iterator[Event]:
    """Eight hours of training."""
    total = HOURS * 3600 * RATE
    yield OpStarted(op="train")
    for step in range(1, total + 1):
        values = {"loss": 1 / step, "accuracy": 1 - 1 / step, "f1": 0.5, "step_ms": 100.0}
        yield metrics("batch", step, step // EPOCH + 1, values)
        if step % RATE == 0:
            yield Progress(done=step, total=total, epoch=step // EPOCH + 1, epochs=total // EPOCH)
        if step % EPOCH == 0:
            yield metrics("epoch", step, step // EPOCH, {"loss": 1 / step, "val_loss": 2 / step})
            yield Log(text=f"epoch {step // EPOCH}")


def main() -> int:
    """Feeds the stream, and draws it."""
    probe = Probe.from_command_line()
    portion = 1 if probe.arguments == ["watched"] else PORTION
    app = QApplication([])
    style.install(app)
    pane, record = ChartsPane(), RunRecord("r")
    pane.resize(1000, 700)
    pane.show()
    pane.set_record(record, "")
    app.processEvents()
    before, fed, waiting = memory(), 0, []
    for number, event in enumerate(stream(), 1):
        waiting.append(msgspec.structs.replace(event, seq=number, time=1e9 + number / RATE))
        if len(waiting) == portion:
            record.feed(gather(waiting))
            waiting.clear()
        if portion == 1 and number // DRAWN > fed:
            fed = number // DRAWN
            _draw(pane)
    record.feed(gather(waiting))
    _draw(pane)
    waiting.clear()
    gc.collect()
    points = sum(len(series) for series in record.series.values())
    probe.write({"memory": memory() - before, "points": points})
    pane.close_plots()
    pane.close()
    return 0


def _draw(pane: ChartsPane) -> None:
    pane.refresh()
    while pane._dirty or pane._late:
        pane._draw()
    QApplication.processEvents()


if __name__ == "__main__":
    sys.exit(main())
