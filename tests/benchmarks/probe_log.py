"""A hundred thousand lines of a log, filtered key by key: in our pane, or in a plain text widget."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from niceml_engine.events import Level
from niceml_gui.theme import style
from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.runs.journal import LinesPane
from niceml_gui.workspaces.runs.lines import Line
from niceml_gui.workspaces.runs.record import OpState, RunRecord
from tests.benchmarks.watching import AfterPaint, Probe, memory

COUNT = 100_000
TYPED = ("epoch 17", "val_loss 0.3", "checkpoint", "zzz")  #: what is typed, and taken back, letter by letter
OPS = ("experiment", "train", "prediction", "analysis")
SIZE = (1000, 260)  #: pixels: about what the log has of a large window


def lines() -> list[Line]:
    """Lines as trainings write them."""
    dice, found = random.Random(1), []
    levels: tuple[Level, ...] = ("debug", "info", "info", "info", "warning", "error")
    for number in range(COUNT):
        text = (
            f"checkpoint models/model-{number:06}.keras  (1.2 MB, {dice.randrange(9, 30)} ms)"
            if number % 50 == 0
            else f"epoch {number // 100}/1000  step {number}  loss {dice.random():.4f}  val_loss {dice.random():.4f}"
        )
        op = OPS[number % len(OPS)]
        found.append(Line(number + 1, 1.7e9 + number / 100, op, dice.choice(levels), text))
    return found


def keys() -> list[str]:
    """What stands in the filter after each key."""
    typed = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
    return [*typed, *reversed([text[:end] for text in TYPED[:1] for end in range(len(TYPED[0]))])]


def main() -> int:
    """Filters, and writes down how long each key took until it was painted."""
    probe = Probe.from_command_line()
    app = QApplication([])
    style.install(app)
    source = lines()
    before = memory()
    widget, viewport, opened, filters = _ours(source) if probe.arguments[0] == "ours" else _plain(source)
    widget.resize(*SIZE)
    painted: list[bool] = []
    AfterPaint(viewport, lambda: painted.append(True))

    def until_painted(change: Callable[[], object]) -> float:
        painted.clear()
        begin = time.perf_counter()
        change()
        viewport.update()
        while not painted:
            app.processEvents()
        return (time.perf_counter() - begin) * 1000.0

    widget.show()
    found = {"opened": until_painted(opened)}
    for name, steps in filters.items():
        found[name] = [until_painted(step) for step in steps]
    probe.write({**found, "memory": memory() - before})
    widget.close()
    return 0


def _ours(source: list[Line]) -> tuple[QWidget, QWidget, Callable[[], object], dict[str, list[Callable[[], object]]]]:
    pane = LinesPane("Log", Empty(), ops=True)
    record = RunRecord("a", log=source, ops={name: OpState(name) for name in OPS})

    def typed(text: str) -> Callable[[], object]:
        return lambda: pane.bar.search.setText(text)

    def chosen(level: int, op: int) -> Callable[[], object]:
        return lambda: (pane.level.setCurrentIndex(level), pane.op.setCurrentIndex(op))

    filters = {
        "text": [typed(text) for text in keys()],
        "boxes": [chosen(level, op) for level in (3, 2, 0, 1) for op in (1, 2, 0)],
    }
    return pane, pane.view.viewport(), lambda: pane.show_record(record), filters


def _plain(source: list[Line]) -> tuple[QWidget, QWidget, Callable[[], object], dict[str, list[Callable[[], object]]]]:
    edit = QPlainTextEdit()
    edit.setReadOnly(True)
    edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def show(text: str = "") -> None:
        edit.setPlainText("\n".join(line.text for line in source if text in line.text.casefold()))
        edit.verticalScrollBar().setValue(edit.verticalScrollBar().maximum())

    def typed(text: str) -> Callable[[], object]:
        return lambda: show(text)

    return edit, edit.viewport(), show, {"text": [typed(text) for text in keys()]}


if __name__ == "__main__":
    sys.exit(main())
