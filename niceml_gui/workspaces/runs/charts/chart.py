"""One chart: a card with the title, the last values and the curves of one metric."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from niceml_gui import words
from niceml_gui.theme import icons, theme
from niceml_gui.theme.tokens import MONO, Tokens
from niceml_gui.widgets.basics import FittingLabel, icon_button
from niceml_gui.workspaces.runs.charts.canvas import Canvas
from niceml_gui.workspaces.runs.charts.curve import COMPILED, Curve
from niceml_gui.workspaces.runs.charts.drawing import BRIEF, Drawing, title_of
from niceml_gui.workspaces.runs.charts.handles import Grip, Handle
from niceml_gui.workspaces.runs.charts.key import SplitsKey
from niceml_gui.workspaces.runs.charts.picture import Frame, Picture
from niceml_gui.workspaces.runs.charts.read_out import corner, read_out
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, SHORT, Shown, look_of
from niceml_gui.workspaces.runs.charts.view import Range, View

SMALLEST = (220, 150)  #: pixels


class Chart(QFrame):
    """The card of one metric.

    Args:
        metric: As in `SeriesKey`.
        parent: The Qt parent.
    """

    hovered = Signal(float)  #: the pointer is at this x; NaN: it left
    zoomed = Signal(float, float)  #: the person wants to see x from, to
    fit_wanted = Signal()
    menu_wanted = Signal(object)  #: global `QPoint`
    dragged = Signal(QPoint)  #: the title is held at this global place
    dropped = Signal(QPoint)  #: and was let go at this one
    stretched = Signal(int, int)  #: it is to be so wide and so high, in pixels
    redraw_wanted = Signal()

    def __init__(self, metric: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = metric
        self.y_range: Range | None = None  #: as the person set it; `None`: what is in view
        self.x_range: Range | None = None  #: of a chart that is zoomed alone
        self.view = View()
        self._shown: Sequence[Shown] = ()
        self._drawing = Drawing(metric)
        self._pointed = math.nan
        self._leads = False
        self.setProperty("role", "card")
        title = title_of(metric)
        self.setAccessibleName(f"Chart of {title}")
        self.setMinimumSize(*SMALLEST)

        self.pin = QLabel()
        self.pin.setToolTip("Pinned: it stays in front")
        self.pin.hide()
        self.title = Handle(title)
        tip = "Drag to move the chart"
        if metric in COMPILED:
            tip = f"The first step, also after going on, holds the compiling: neither range nor average count it. {tip}"
        self.title.setToolTip(tip)
        self.note = FittingLabel()  # what the curves do not show, where no curve can be
        self.note.setProperty("role", "muted")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the last values go first
        self.last = QLabel()
        self.last.setTextFormat(Qt.TextFormat.RichText)
        self.key = SplitsKey()
        self.more = icon_button("more", f"Menu of the chart of {title}", tip=f"Change or export the chart of {title}")
        self.more.setFixedWidth(28)
        self.more.clicked.connect(lambda: self.menu_wanted.emit(self.more.mapToGlobal(self.more.rect().bottomLeft())))
        self.canvas = Canvas(self)
        self.canvas.setAccessibleName(f"Curves of {title}")
        self._read_out = QLabel(self)
        self._read_out.setProperty("role", "card")
        self._read_out.setContentsMargins(8, 3, 8, 3)
        self._read_out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._read_out.hide()
        self.grip = Grip(self)

        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 6, 0)
        header.setSpacing(6)
        header.addWidget(self.pin)
        header.addWidget(self.title)
        header.addWidget(self.note, 1)
        header.addWidget(self.key)
        header.addSpacing(6)
        header.addWidget(self.last)
        header.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(header)
        layout.addWidget(self.canvas, 1)
        self.canvas.hovered.connect(self.hovered)
        self.canvas.zoomed.connect(self.zoomed)
        self.canvas.zoomed_y.connect(self._zoom_y)
        self.canvas.panned.connect(self._pan_y)
        self.canvas.fit_wanted.connect(self.fit_wanted)
        self.canvas.menu_wanted.connect(self.menu_wanted)
        self.title.dragged.connect(self.dragged)
        self.title.dropped.connect(self.dropped)
        self.grip.stretched.connect(self.stretched)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the grip in its corner."""
        super().resizeEvent(event)
        self.grip.move(self.width() - self.grip.width(), self.height() - self.grip.height())

    # ------------------------------------------------------------------------------------------ content

    def draw(self, shown: Sequence[Shown], view: View) -> None:
        """Draws what is in view; cheap enough to be called many times a second."""
        self._shown, self.view = shown, view
        picture = self.picture(QRectF(self.canvas.rect()), theme().tokens)
        self.canvas.show_picture(picture)
        if picture.note != self.note.full_text():
            brief = picture.note
            for note, shorter in BRIEF.items():
                brief = brief.replace(note, shorter)
            first = brief.partition(" · ")[0]
            self.note.set_texts((picture.note, brief, first, ""), picture.note)
        self._show_last()
        if not math.isnan(self._pointed):
            self.point_at(self._pointed, leads=self._leads)

    def forget(self) -> None:
        """Lets go of what it showed, as something else is to be shown."""
        self._shown, self._drawing = (), Drawing(self.quantity)
        self.point_at(math.nan)

    def picture(self, area: QRectF, tokens: Tokens) -> Picture:
        """What it shows, for an area that its plot and axes would have."""
        frame = Frame.of(area, Picture())
        return self._drawing.picture(self._shown, self.view, frame.area.size(), self.devicePixelRatioF(), tokens)

    def curves(self) -> list[Curve]:
        """The curves that it shows."""
        return self._drawing.curves(self._shown)

    def set_pinned(self, pinned: bool) -> None:
        """Shows whether the chart stays in front."""
        self.pin.setVisible(pinned)
        if pinned:
            self.pin.setPixmap(icons.pixmap("pin", theme().tokens.accent, 12, self.devicePixelRatioF()))

    def _show_last(self) -> None:
        tokens = theme().tokens
        curves = self.curves()
        alone = not curves or curves[0].shown.hue == NO_HUE
        self.key.show_splits(() if alone else {curve.key.split for curve in curves})
        if not curves or not alone:
            count = len({curve.shown.run for curve in curves})
            self.last.setText(
                f'<span style="color:{tokens.muted}">{words.counted(count, "run")}</span>' if count else ""
            )
            return
        parts = []
        for split, short in SHORT.items():
            latest = [curve.series for curve in curves if curve.key.split == split]
            if not latest:
                continue
            series = max(latest, key=lambda series: series.times[-1] if len(series) else 0.0)
            broken = next((other.broken for other in latest if other.broken), "")
            color = look_of(curves[0].shown, "train" if split == "train" else "validation", tokens).color
            value, color = (words.unbounded(broken), tokens.error) if broken else (words.number(series.last), color)
            parts.append(
                f'<span style="color:{tokens.muted}">{short}</span> '
                f'<b style="color:{color}; font-family:{MONO}">{html.escape(value)}</b>'
            )
        self.last.setText("&nbsp;&nbsp;".join(parts))

    # ------------------------------------------------------------------------------------------ pointer

    @property
    def read_out(self) -> str:
        """What the crosshair says; empty when it is hidden."""
        return self._read_out.text() if self._read_out.isVisibleTo(self) else ""

    def point_at(self, x: float, *, leads: bool = False) -> None:
        """Shows the crosshair and the nearest values at x; NaN hides them.

        Args:
            x: The place.
            leads: Whether it is this chart that a person points at: there, several runs are named.
        """
        self._pointed, self._leads = x, leads
        canvas, frame = self.canvas, self.canvas.frame
        y = frame.value_y(canvas.pointer.y()) if canvas.underMouse() else None
        curves = self.curves()
        said = ""
        if not math.isnan(x):
            said = read_out(curves, canvas.picture, self.view, x, y, frame.width, theme().tokens, named=leads)
        canvas.set_cross(x if said else math.nan)
        if not said:
            self._read_out.hide()
            return
        self._read_out.setText(said)
        self._read_out.adjustSize()
        size = self._read_out.size()
        left, top = corner(canvas.picture, frame, frame.x(x), size.width(), size.height())
        self._read_out.move(canvas.mapTo(self, QPoint(round(left), round(top))))
        self._read_out.raise_()
        self._read_out.show()

    def _zoom_y(self, bottom: float, top: float) -> None:
        if top - bottom > 1e-12 * max(abs(top), abs(bottom)):
            self.y_range = (bottom, top)
            self.redraw_wanted.emit()

    def _pan_y(self, bottom: float, top: float) -> None:
        if self.y_range is not None:
            self._zoom_y(bottom, top)
