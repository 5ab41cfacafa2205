"""The defaults graph as a picture and as text, in files and in the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QRectF, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from niceml_engine.protocol.configs import DiagramFormat, DrawGraph, Exported
from niceml_engine.values import ErrorInfo
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import FONT, LIGHT, MONO
from niceml_gui.values import file_stem
from niceml_gui.widgets.saving import ask_file
from niceml_gui.workspaces.compose.graph.merge import Merge
from niceml_gui.workspaces.compose.graph.view import GraphView
from niceml_gui.workspaces.compose.paint import colour

_SHARP = 2.0  #: pixels of a picture for one on screen
_LARGEST = 16_000  #: pixels across or down that most programs can still open
_FONTS = {FONT: "Arial, sans-serif", MONO: "monospace"}  #: what an SVG is shown with where ours are not installed
_ENDINGS: dict[DiagramFormat, str] = {"dot": ".dot", "mermaid": ".mmd"}


def picture(view: GraphView) -> QImage:
    """The whole graph on light ground, as paper is, sharp enough to print."""
    area = view.extent
    scale = min(_SHARP, _LARGEST / max(area.width(), area.height(), 1.0))
    image = QImage((area.size() * scale).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    _paint(view, painter, QRectF(image.rect()))
    painter.end()
    return image


def save_svg(view: GraphView, file: str) -> bool:
    """Saves the same as SVG, and says whether that could be written."""
    area = view.extent
    size = QSize(round(area.width()), round(area.height()))
    written = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(written)
    generator.setResolution(view.logicalDpiX())  # else text is scaled as if for a printer
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(view.accessibleName())
    painter = QPainter(generator)
    _paint(view, painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    text = bytes(written.data().data()).decode()
    for name, others in _FONTS.items():
        text = text.replace(f'font-family="{name}"', f'font-family="{name}, {others}"')
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError:
        return False
    return True


def _paint(view: GraphView, painter: QPainter, place: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    with theme().lent(LIGHT):
        painter.fillRect(place, colour("background"))
        view.plain().render(painter, place, view.extent)


class GraphExport:
    """Saves and copies what a view shows.

    Args:
        session: Whose selection is drawn as text, and who tells what went wrong.
        view: The graph.
        merge: While it is opened, text tells the merge order, as pictures do.
    """

    def __init__(self, session: Session, view: GraphView, merge: Merge) -> None:
        self._session, self._view, self._merge = session, view, merge

    def save_picture(self, ending: str, parent: QWidget) -> None:
        """Asks for a file, and saves the picture as `.svg` or `.png`."""
        if file := self._ask(ending, parent):
            written = save_svg(self._view, file) if ending == ".svg" else picture(self._view).save(file)
            self._session.complain(f"{file} cannot be written") if not written else None

    def save_text(self, to: DiagramFormat, parent: QWidget) -> None:
        """Asks for a file, and saves the graph as text."""
        if file := self._ask(_ENDINGS[to], parent):
            self._text(to, lambda text: self._write(file, text))

    def copy_picture(self) -> None:
        """Copies the picture."""
        QGuiApplication.clipboard().setImage(picture(self._view))

    def copy_text(self, to: DiagramFormat) -> None:
        """Copies the graph as text."""
        self._text(to, QGuiApplication.clipboard().setText)

    def _text(self, to: DiagramFormat, then: Callable[[str], object]) -> None:
        def failed(error: ErrorInfo) -> None:
            self._session.complain(f"The graph cannot be drawn: {error.message}", error.details)

        def done(answer: Exported) -> None:
            then(answer.text)

        self._session.engine.ask(DrawGraph(self._session.selection, to, self._merge.opened), done, failed)

    def _write(self, file: str, text: str) -> None:
        try:
            Path(file).write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            self._session.complain(f"{file} cannot be written: {error.strerror}")

    def _ask(self, ending: str, parent: QWidget) -> str:
        name = file_stem(self._session.selection.job) or "graph"
        path = ask_file(parent, "Save graph", name, ending.removeprefix("."))
        return str(path) if path is not None else ""
