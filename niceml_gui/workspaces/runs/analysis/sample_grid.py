"""The samples behind a cell as a grid of pictures, worst first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.samples import ReadSamples, Sample
from niceml_gui.desktop import elsewhere, is_local, open_file
from niceml_gui.session import Session
from niceml_gui.theme import icons, style, theme
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button
from niceml_gui.workspaces.runs.analysis.sample_model import PICTURE, SAMPLE, SampleModel

Index = QModelIndex | QPersistentModelIndex
FEWEST, WISHED = 3, 84  #: columns at least; pixels of a column about
CAPTION = 18  #: pixels below a picture
ROWS = 3  #: that are in view at once
CRISP = 2.0  #: from which enlargement on single pixels are shown as such
ORDERS = {"worst": "worst first", "best": "best first", "file": "by file"}


def draw_picture(painter: QPainter, area: QRectF, image: QImage, radius: float = 5.0) -> None:
    """Paints a picture into an area, as large as it fits; what is small keeps its pixels."""
    factor = min(area.width() / image.width(), area.height() / image.height())
    fitted = QRectF(0, 0, image.width() * factor, image.height() * factor)
    fitted.moveCenter(area.center())
    path = QPainterPath()
    path.addRoundedRect(fitted, radius, radius)
    painter.save()
    painter.setClipPath(path)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor < CRISP)
    painter.drawImage(fitted, image)
    painter.restore()


class SampleDelegate(QStyledItemDelegate):
    """Paints a sample: its picture, and the probability of its true class below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All samples take the same room."""
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else QSize(WISHED, WISHED + CAPTION)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints picture and caption."""
        tokens = theme().tokens
        area = QRectF(option.rect).adjusted(2, 2, -2, -2)
        square = QRectF(area.left(), area.top(), area.width(), area.height() - CAPTION).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        image = index.data(PICTURE)
        if isinstance(image, QImage) and not image.isNull():
            draw_picture(painter, square, image)
        else:
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(square, 5, 5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if image is not None:
                ratio = painter.device().devicePixelRatioF()
                mark = icons.pixmap("warning", tokens.warning, 16, ratio)
                painter.drawPixmap(square.center() - QPoint(8, 8), mark)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(QPen(QColor(tokens.accent if chosen else tokens.muted), 1.5))
            painter.drawRoundedRect(square.adjusted(-1, -1, 1, 1), 6, 6)
        sample: Sample = index.data(SAMPLE)
        painter.setFont(style.mono(11))
        painter.setPen(QColor(tokens.text if sample.true == sample.predicted else tokens.warning))
        below = QRectF(area.left(), square.bottom() + 1, area.width(), CAPTION)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"p={index.data()}")
        painter.restore()


class SampleView(QListView):
    """The grid itself."""

    wanted = Signal(int)  #: the sample of a row is to be enlarged

    def __init__(self, model: SampleModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(SampleDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setStyleSheet("QListView, QListView::item, QListView::item:hover { background: transparent; padding: 0 }")
        self.setAccessibleName("Samples")
        self.clicked.connect(lambda index: self.wanted.emit(index.row()))

    def cell(self, width: int) -> tuple[int, QSize]:
        """How many columns share a width, and how large a sample is then."""
        room = width - self.verticalScrollBar().sizeHint().width() - 2
        columns = max(FEWEST, room // WISHED)
        side = max(room // columns, 40)
        return columns, QSize(side, side + CAPTION)

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width of the columns."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as a few rows."""
        columns, cell = self.cell(width)
        rows = -(-self.model().rowCount() // columns)
        return max(1, min(rows, ROWS)) * cell.height() + 4

    def sizeHint(self) -> QSize:
        """Of a narrow pane."""
        return QSize(280, self.heightForWidth(280))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the new width among whole columns."""
        self.setGridSize(self.cell(event.size().width() + self.verticalScrollBar().width())[1])
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space enlarge."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.wanted.emit(self.currentIndex().row())
        elif event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            copy_path(self._samples(), self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def _samples(self) -> SampleModel:
        model = self.model()
        assert isinstance(model, SampleModel)
        return model


class SampleBlock(QWidget):
    """The grid with its title, its order, and what is wrong.

    Args:
        session: Whose engine is asked.
    """

    closed = Signal()
    appeared = Signal()  #: the first of the samples that were asked for are there

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = SampleModel(session.engine, self)
        self.view = SampleView(self.model)
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.order = QComboBox()
        self.order.setAccessibleName("Order of the samples")
        self.order.setToolTip("By the probability of the true class, or by file name")
        for key, text in ORDERS.items():
            self.order.addItem(text, key)
        self.order.activated.connect(self._reorder)
        close = icon_button("close", "Close the samples", tip="Close (Esc)")
        close.clicked.connect(self.closed.emit)
        self.problem = ElidedLabel()
        self.problem.setProperty("role", "warning")
        self.again = button("Try again", "Read the samples again", role="link")
        self.again.clicked.connect(self._read_again)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        head.addWidget(self.order)
        head.addWidget(close)
        trouble = QHBoxLayout()
        trouble.addWidget(self.problem, 1)
        trouble.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(trouble)
        layout.addWidget(self.view)
        self.model.changed.connect(self._refresh)
        self.view.wanted.connect(self.enlarge)
        self.view.customContextMenuRequested.connect(self._pop_up)
        theme().changed.connect(self.view.viewport().update)
        self._what = ""
        self.model.rowsInserted.connect(lambda parent, first, last: None if first else self.appeared.emit())
        self._refresh()

    def show_samples(self, request: ReadSamples, what: str) -> None:
        """Shows samples.

        Args:
            request: Which; the order is the one that is chosen here.
            what: What they are, in words.
        """
        self._what = what
        self.model.show(_ordered(request, str(self.order.currentData())))

    def clear(self) -> None:
        """Shows none."""
        self.model.show(None)

    def enlarge(self, row: int) -> None:
        """Shows a sample large, in a window of its own."""
        from niceml_gui.workspaces.runs.analysis.viewer import SampleViewer

        SampleViewer(self._session, self.model, row, self.window()).open()

    def menu_for(self, row: int) -> QMenu:
        """What can be done with a sample; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction("Enlarge\tEnter", lambda: self.enlarge(row))
        opens = menu.addAction("Open file", lambda: open_image(self._session, self.model, row))
        away = elsewhere(self._session.host)
        opens.setEnabled(is_local(self.model.folder) and not away)
        opens.setToolTip(away)
        menu.addAction("Copy path\tCtrl+C", lambda: copy_path(self.model, row))
        picture = self.model.index(row).data(PICTURE)
        if isinstance(picture, QImage):
            menu.addAction("Copy picture", lambda: QGuiApplication.clipboard().setImage(picture))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _pop_up(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if index.isValid():
            self.menu_for(index.row()).popup(self.view.viewport().mapToGlobal(place))

    def _reorder(self) -> None:
        if self.model.request is not None:
            self.model.show(_ordered(self.model.request, str(self.order.currentData())))

    def _read_again(self) -> None:
        if self.model.request is not None:
            self.model.show(self.model.request)

    def _refresh(self) -> None:
        model = self.model
        count = "…" if model.reading and not model.rowCount() else str(model.total)
        self.title.set_full_text(f"{count} × {self._what}".upper() if self._what else "")
        self.problem.set_full_text(model.problem)
        self.problem.setVisible(bool(model.problem))
        self.again.setVisible(bool(model.problem))
        self.view.setVisible(bool(model.rowCount()))
        self.view.updateGeometry()


def copy_path(model: SampleModel, row: int) -> None:
    """Copies where the image of a sample lies."""
    sample = model.sample(row)
    if sample is not None:
        QGuiApplication.clipboard().setText(model.path(sample))


def open_image(session: Session, model: SampleModel, row: int) -> None:
    """Opens the image of a sample in the program that the desktop has for it."""
    sample = model.sample(row)
    if sample is not None and (why := elsewhere(session.host) or open_file(model.path(sample))):
        session.complain(why)


def _ordered(request: ReadSamples, order: str) -> ReadSamples:
    return ReadSamples(
        request.source,
        request.subset,
        request.true,
        request.predicted,
        order="best" if order == "best" else "file" if order == "file" else "worst",
    )
