"""Saving and copying charts, with a question for the file and a word on what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QApplication

from niceml_gui.theme import theme
from niceml_gui.theme.tokens import LIGHT
from niceml_gui.widgets.saving import ask_file
from niceml_gui.workspaces.runs.charts.export import Writing, table
from niceml_gui.workspaces.runs.charts.sheet import Sheet, image_of, save_picture

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.charts.pane import ChartsPane

Say = Callable[[str, bool], object]  #: a line, and whether it is an error


class Saving(QObject):
    """Saves and copies charts of a pane.

    Args:
        pane: The pane.
        say: Told what came of it.
    """

    def __init__(self, pane: ChartsPane, say: Say) -> None:
        super().__init__(pane)
        self._pane = pane
        self._say = say
        self._writing: Writing | None = None

    def close(self) -> None:
        """Gives up what is not yet written."""
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    def save(self, metrics: Sequence[str], ending: str) -> None:
        """Asks for a file, and saves charts as `png`, `svg` or `csv`."""
        name = metrics[0].replace(" ", "_").replace("/", "_") if len(metrics) == 1 else "charts"
        path = ask_file(self._pane, "Save charts", name, ending)
        if path is not None:
            self.save_to(metrics, path)

    def save_to(self, metrics: Sequence[str], path: Path) -> None:
        """Saves charts as what the ending of a file says."""
        if path.suffix.lower() == ".csv":
            self._write(metrics, path, lambda _: self._say(f"Saved {path}", False))
            return
        ratio = max(self._pane.devicePixelRatioF(), 2.0)  # so that it is crisp on paper, too
        if save_picture(self.sheet(metrics), str(path), ratio):
            self._say(f"Saved {path}", False)
        else:
            self._say(f"{path} was not saved: the folder cannot be written", True)

    def sheet(self, metrics: Sequence[str]) -> Sheet:
        """Some charts as they are saved: on light ground, as paper is, unless that is not wanted."""
        pane = self._pane
        if len(metrics) == 1:
            chart = pane.charts[metrics[0]]
            placed, size = [(chart, chart.rect())], chart.size()
        else:
            placed, size = pane.placed(metrics)
        tokens = LIGHT if pane.layout_of_charts.paper else theme().tokens
        return Sheet.of(placed, size, pane.shown, pane.title, tokens)

    def copy_picture(self, metrics: Sequence[str]) -> None:
        """Copies charts as a picture."""
        data = QMimeData()
        data.setImageData(image_of(self.sheet(metrics), max(self._pane.devicePixelRatioF(), 2.0)))
        QApplication.clipboard().setMimeData(data)
        self._say(f"Copied {_words(metrics)} as a picture", False)

    def copy_table(self, metrics: Sequence[str]) -> None:
        """Copies what charts show as a table."""

        def copy(text: str) -> None:
            QApplication.clipboard().setText(text)
            self._say(f"Copied {_words(metrics)} as a table", False)

        self._write(metrics, None, copy)

    def _write(self, metrics: Sequence[str], path: Path | None, then: Callable[[str], object]) -> None:
        self.close()

        def done(text: str, why: str) -> None:
            self._writing = None
            if why:
                self._say(why, True)
            else:
                then(text)

        writing = Writing(table(self._pane.shown, metrics), done, path, self)
        if writing.busy:
            self._writing = writing
            self._say(f"Writing {_words(metrics)}…", False)


def _words(metrics: Sequence[str]) -> str:
    return metrics[0] if len(metrics) == 1 else f"{len(metrics)} charts"
