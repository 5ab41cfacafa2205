"""Plots of results as pictures and as tables: into files, and onto the clipboard."""

from __future__ import annotations

import csv
import io
from abc import abstractmethod
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QToolButton, QWidget

from niceml_gui.theme import style, theme
from niceml_gui.theme.tokens import LIGHT, Tokens
from niceml_gui.widgets.basics import icon_button
from niceml_gui.widgets.saving import ask_file

PAD, HEAD = 12, 34  #: pixels around what is painted, and above it for the title
SHARP = 2.0  #: pixels of a picture for one on the screen


class Exportable(QWidget):
    """A widget that paints itself anywhere, and knows its values as a table."""

    @abstractmethod
    def draw(self, painter: QPainter, size: QSizeF, *, pointed: bool = True) -> None:
        """Paints everything, as large as is wanted; with `pointed` also what is only for who looks at it now."""

    @abstractmethod
    def table(self) -> list[list[str]]:
        """Its values, a row for each, below a row of headings."""


def csv_text(rows: list[list[str]]) -> str:
    """A table as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


class Export:
    """Saves and copies what one widget shows.

    Args:
        widget: The widget.
        title: What stands above it.
    """

    def __init__(self, widget: Exportable, title: str) -> None:
        self._widget, self._title = widget, title

    def image(self) -> QImage:
        """The picture, twice as fine as on the screen."""
        size = self._size()
        image = QImage(size * SHARP, QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(SHARP)
        painter = QPainter(image)
        self._paint(painter, size)
        painter.end()
        return image

    def save(self, file: Path) -> None:
        """Saves it as `.svg`, `.csv` or, by any other ending, as a picture of pixels.

        Raises:
            OSError: The file cannot be written.
        """
        if file.suffix == ".csv":
            file.write_text(csv_text(self._widget.table()), encoding="utf-8")
        elif not (self._save_svg(file) if file.suffix == ".svg" else self.image().save(str(file))):
            raise OSError("the folder cannot be written")

    def copy(self) -> None:
        """Copies picture and table."""
        data = QMimeData()
        data.setImageData(self.image())
        data.setText(csv_text(self._widget.table()))
        QApplication.clipboard().setMimeData(data)

    def menu(self, parent: QWidget) -> QMenu:
        """What can be done with it."""
        menu = QMenu(parent)
        for ending in ("png", "svg", "csv"):
            menu.addAction(f"Save as {ending.upper()}…").triggered.connect(lambda _=False, e=ending: self.ask(e))
        menu.addAction("Copy picture and table").triggered.connect(self.copy)
        return menu

    def ask(self, ending: str) -> None:
        """Asks for a file, and saves into it."""
        proposed = self._title.lower().replace("–", "-").replace(" ", "_")
        path = ask_file(self._widget, f"Save {self._title}", proposed, ending)
        if path is None:
            return
        try:
            self.save(path)
        except OSError as error:
            why = f"{path} was not saved: {error.strerror or error}"
            QMessageBox.warning(self._widget, f"Save {self._title}", why)

    def _size(self) -> QSize:
        return QSize(self._widget.width() + 2 * PAD, self._widget.height() + HEAD + PAD)

    def _paint(self, painter: QPainter, size: QSize) -> None:
        with theme().lent(LIGHT):  # as paper is
            self._paint_whole(painter, size, LIGHT)

    def _paint_whole(self, painter: QPainter, size: QSize, tokens: Tokens) -> None:
        painter.fillRect(QRect(QPoint(0, 0), size), QColor(tokens.panel))
        painter.setFont(style.font(weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(tokens.text))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(PAD, 0, size.width() - 2 * PAD, HEAD), middle, self._title)
        painter.translate(PAD, HEAD)
        self._widget.draw(painter, QSizeF(self._widget.size()), pointed=False)

    def _save_svg(self, file: Path) -> bool:
        size = self._size()
        generator = QSvgGenerator()
        generator.setFileName(str(file))
        generator.setResolution(self._widget.logicalDpiX())  # else text is scaled as if for a printer
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(0, 0), size))
        generator.setTitle(self._title)
        painter = QPainter()
        if not painter.begin(generator):
            return False
        self._paint(painter, size)
        painter.end()
        return True


def export_button(widget: Exportable, title: str) -> QToolButton:
    """A button with a menu that saves and copies what a widget shows."""
    made = icon_button("more", f"Export {title}", tip="Save or copy")
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setFixedWidth(26)
    made.setMenu(Export(widget, title).menu(made))
    return made
