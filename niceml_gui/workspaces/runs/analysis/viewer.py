"""One sample, large: its picture, what it was taken for, and where it lies."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from niceml_engine.protocol.samples import Picture, ReadPictures, Sample
from niceml_engine.values import ErrorInfo
from niceml_gui import words
from niceml_gui.desktop import elsewhere, is_local
from niceml_gui.session import Session
from niceml_gui.theme import style, theme
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, label
from niceml_gui.workspaces.runs.analysis.sample_grid import copy_path, draw_picture, open_image
from niceml_gui.workspaces.runs.analysis.sample_model import PICTURE, SampleModel
from niceml_gui.workspaces.runs.analysis.thumbnails import TIMEOUT

SIZE = 1024  #: pixels of the longer side that are asked for
BAR_ROW = 20
AHEAD = 20  #: samples that are read before they are gone to


class _Large(QWidget):
    """A picture, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self.problem = ""
        self.setMinimumSize(280, 240)
        self.setAccessibleName("Image")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the picture, or why there is none."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(tokens.background))
        if not self.image.isNull():
            draw_picture(painter, QRectF(self.rect()).adjusted(8, 8, -8, -8), self.image)
        elif self.problem:
            painter.setPen(QColor(tokens.warning))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(24, 24, -24, -24), flags, self.problem)


class _Bars(QWidget):
    """The probabilities of the classes, the true and the predicted one marked by words."""

    def __init__(self) -> None:
        super().__init__()
        self._sample: Sample | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sample(self, sample: Sample) -> None:
        """Shows the probabilities of a sample."""
        self._sample = sample
        self.setFixedHeight(BAR_ROW * len(sample.probabilities))
        self.setAccessibleName(", ".join(f"{name} {value:.3f}" for name, value in sample.probabilities.items()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a row for each class."""
        if self._sample is None:
            return
        tokens, sample = theme().tokens, self._sample
        painter = QPainter(self)
        painter.setFont(style.mono(11.5))
        metrics = QFontMetricsF(style.mono(11.5))
        side = min(max(map(metrics.horizontalAdvance, sample.probabilities)), 120.0) + 10
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, (name, value) in enumerate(sample.probabilities.items()):
            top = row * BAR_ROW
            roles = [word for word, label in (("true", sample.true), ("predicted", sample.predicted)) if label == name]
            color = tokens.ok if "true" in roles else tokens.error if roles else tokens.shared
            bar = QRectF(side, top + 4, (self.width() - side - 140) * max(0.0, min(value, 1.0)), BAR_ROW - 8)
            painter.setPen(QColor(tokens.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, side - 10)
            painter.drawText(QRectF(0, top, side - 6, BAR_ROW), middle | Qt.AlignmentFlag.AlignLeft, shown)
            painter.fillRect(bar, QColor(color))
            painter.drawText(
                QRectF(bar.right() + 6, top, 140, BAR_ROW),
                middle | Qt.AlignmentFlag.AlignLeft,
                " ".join((words.number(value, 3), *roles)),
            )


class SampleViewer(QDialog):
    """Shows the samples of a list one by one.

    Args:
        session: Whose engine is asked.
        model: The samples.
        row: The one to begin with.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, model: SampleModel, row: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Sample")
        self.setModal(True)
        self.resize(560, 620)
        self._session, self._model, self.row = session, model, -1
        self._asked = 0
        self.large = _Large()
        self.heading = label("", "heading")
        self.place = label("", "muted")
        self.bars = _Bars()
        self.path = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.path.setProperty("role", "mono")
        self.before = icon_button("chevron-left", "Previous sample", tip="Previous (←)")
        self.after = icon_button("chevron-right", "Next sample", tip="Next (→)")
        self.opens = button("Open file", "Open the image in the program that your desktop has for it", icon="external")
        self.copies = button("Copy path", "Copy where the image lies (Ctrl+C)", icon="copy")
        close = button("Close", "Close (Esc)")
        self.before.clicked.connect(lambda: self.go(-1))
        self.after.clicked.connect(lambda: self.go(1))
        self.opens.clicked.connect(lambda: open_image(self._session, self._model, self.row))
        self.copies.clicked.connect(lambda: copy_path(self._model, self.row))
        close.clicked.connect(self.reject)
        head, foot = QHBoxLayout(), QHBoxLayout()
        for widget in (self.heading, self.place):
            head.addWidget(widget, 1 if widget is self.heading else 0)
        for step in (self.before, self.after):
            foot.addWidget(step)
        foot.addStretch(1)
        for made in (self.opens, self.copies, close):
            made.setAutoDefault(False)
            foot.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.large, 1)
        layout.addWidget(self.bars)
        layout.addWidget(self.path)
        layout.addLayout(foot)
        self._model.changed.connect(self._refresh)
        self._show(row)

    def go(self, by: int) -> None:
        """Goes to another sample; more of them are read before the list ends."""
        target = self.row + by
        if self._model.sample(target) is not None:
            self._show(target)

    def done(self, result: int) -> None:
        """Closes it; a picture that is still on its way is dropped."""
        self._session.engine.forget(self._asked)
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go to the neighbours, Ctrl+C copies the path."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.go(-1 if event.key() == Qt.Key.Key_Left else 1)
        elif event.matches(QKeySequence.StandardKey.Copy):
            copy_path(self._model, self.row)
        else:
            super().keyPressEvent(event)

    def _show(self, row: int) -> None:
        sample, request = self._model.sample(row), self._model.request
        if sample is None or request is None:
            self.reject()
            return
        self.row = row
        self.heading.setText(f"true {sample.true} · predicted {sample.predicted}")
        self.path.set_full_text(self._model.path(sample))
        self.bars.show_sample(sample)
        small = self._model.index(row).data(PICTURE)
        self.large.image = small if isinstance(small, QImage) else QImage()  # until the large one is there
        self.large.problem = small if isinstance(small, str) else ""
        self.large.update()
        self._session.engine.forget(self._asked)
        if self._model.folder:
            files = ReadPictures(request.source, request.subset, (sample.file,), SIZE)
            shown = partial(self._answered, row)
            self._asked = self._session.engine.ask(files, shown, self._refused, TIMEOUT)
        if row + AHEAD > self._model.rowCount():
            self._model.fetchMore(QModelIndex())
        self.opens.setEnabled(is_local(self._model.folder) and not elsewhere(self._session.host))
        self._refresh()

    def _answered(self, row: int, pictures: tuple[Picture, ...]) -> None:
        (picture,) = pictures
        if row == self.row:
            self.large.image = QImage.fromData(picture.png) if picture.png else QImage()
            self.large.problem = picture.problem
            self.large.update()
            size = f"  ·  {picture.width}×{picture.height}" if picture.png else ""
            self.place.setText(self._counted() + size)

    def _refused(self, error: ErrorInfo) -> None:
        self.large.problem = error.message
        self.large.update()

    def _refresh(self) -> None:
        """Takes up that the list has grown, or is gone."""
        if self._model.sample(self.row) is None:
            self.reject()
            return
        self.place.setText(self._counted())
        self.before.setEnabled(self.row > 0)
        self.after.setEnabled(self.row + 1 < self._model.total)

    def _counted(self) -> str:
        return f"{self.row + 1} of {self._model.total}"
