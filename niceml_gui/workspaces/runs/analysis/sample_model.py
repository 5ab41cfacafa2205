"""The samples behind a cell as a list that grows as it is scrolled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from niceml_engine.protocol.samples import ReadSamples, Sample, Samples
from niceml_engine.values import ErrorInfo
from niceml_gui import words
from niceml_gui.engine import Engine
from niceml_gui.workspaces.runs.analysis.thumbnails import TIMEOUT, Thumbnails

Index = QModelIndex | QPersistentModelIndex
SAMPLE = Qt.ItemDataRole.UserRole
PICTURE = SAMPLE + 1
PAGE = 120  #: samples that are read at once
DIGITS = (3, 4, 5)  #: of a probability: as many as tell the samples apart, if these do
_ROOT = QModelIndex()


class SampleModel(QAbstractListModel):
    """Samples as rows, with their pictures.

    Args:
        engine: Who is asked.
        parent: The Qt parent.
    """

    changed = Signal()  #: there are more of them, or there is something to say about them

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self.pictures = Thumbnails(engine, self)
        self.request: ReadSamples | None = None
        self.total = 0
        self.folder = ""  #: where the images lie
        self.problem = ""
        self.reading = False
        self._samples: list[Sample] = []
        self._digits = DIGITS[0]
        self._asked = 0
        self.pictures.arrived.connect(self._repaint)
        self.pictures.failed.connect(self._complain)

    def show(self, request: ReadSamples | None) -> None:
        """Shows other samples; none for `None`. What is asked for again is read again."""
        self._engine.forget(self._asked)
        self.beginResetModel()
        self.request, self.total, self.folder, self.problem, self.reading = request, 0, "", "", False
        self._samples = []
        self.endResetModel()
        if request is None:
            self.pictures.stop()
        else:
            self.pictures.show(request.source, request.subset)
            self._read()
        self.changed.emit()

    def sample(self, row: int) -> Sample | None:
        """The sample of a row, if it has been read."""
        return self._samples[row] if 0 <= row < len(self._samples) else None

    def path(self, sample: Sample) -> str:
        """Where the image of a sample lies; only its name where that is not known."""
        return f"{self.folder}/{sample.file}" if self.folder else sample.file

    def rowCount(self, parent: Index = _ROOT) -> int:
        """The samples that have been read."""
        return 0 if parent.isValid() else len(self._samples)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether there are more."""
        return not parent.isValid() and len(self._samples) < self.total and not self.problem

    def fetchMore(self, parent: Index) -> None:
        """Reads more."""
        if not self.reading and self.canFetchMore(parent):
            self._read()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The `Sample`, its picture, or the same in words."""
        sample = self.sample(index.row())
        if sample is None:
            return None
        if role == SAMPLE:
            return sample
        if role == PICTURE:
            return self.pictures.get(sample.file) if self.folder else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return words.number(sample.score, self._digits)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = [*in_words(sample, self._digits), self.pictures.problem(sample.file)]
            return ("\n" if role == Qt.ItemDataRole.ToolTipRole else ", ").join(part for part in parts if part)
        return None

    def _read(self) -> None:
        assert self.request is not None
        self.reading = True
        request = msgspec.structs.replace(self.request, offset=len(self._samples), count=PAGE)
        answered, refused = partial(self._answered, request), partial(self._refused, request)
        self._asked = self._engine.ask(request, answered, refused, TIMEOUT)

    def _answered(self, request: ReadSamples, answer: Samples) -> None:
        self.reading = False
        self.total, self.folder, self.problem = answer.total, answer.folder, answer.problem
        if answer.samples:
            first = len(self._samples)
            self.beginInsertRows(_ROOT, first, first + len(answer.samples) - 1)
            self._samples += answer.samples
            self._digits = _telling_apart([sample.score for sample in self._samples])
            self.endInsertRows()
            self.dataChanged.emit(self.index(0), self.index(len(self._samples) - 1))
        else:
            self.total = len(self._samples)  # fewer than there were: the predictions were written anew
        self.changed.emit()

    def _refused(self, request: ReadSamples, error: ErrorInfo) -> None:
        self.reading = False
        self._complain(error.message)

    def _complain(self, problem: str) -> None:
        self.problem = problem
        self.changed.emit()

    def _repaint(self) -> None:
        if self._samples:
            self.dataChanged.emit(self.index(0), self.index(len(self._samples) - 1), [PICTURE])


def _telling_apart(scores: Iterable[float]) -> int:
    """As many digits as it takes to see which of some scores is larger, or the most that there is room for."""
    apart = set(scores)
    enough = (digits for digits in DIGITS if len({words.number(score, digits) for score in apart}) == len(apart))
    return next(enough, DIGITS[-1])


def in_words(sample: Sample, digits: int) -> list[str]:
    """A sample in words: its file, its classes, and the probabilities that count, with so many digits."""
    foremost = [f"{name}: {words.number(value, digits)}" for name, value in list(sample.probabilities.items())[:5]]
    return [sample.file, f"true {sample.true}, predicted {sample.predicted}", *foremost]
