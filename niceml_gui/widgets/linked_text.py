"""A text on as many lines as it needs, in which every `file:line` is a link."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from niceml_engine.visible import visible
from niceml_gui.theme import theme

MOST = 800  #: characters that are shown; all of them are in the tooltip
_PLACE = re.compile(r"(?P<file>[^\s`'\"(),;:]+\.(?:py|ya?ml)):(?P<line>\d+)")


class LinkedText(QLabel):
    """Shows a text, and says which of its places a person wants to see.

    Args:
        parent: The Qt parent.
    """

    opened = Signal(str, int)  #: a file as it is named in the text, and a line of it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self._open)
        theme().changed.connect(self._show)

    def set_full_text(self, text: str) -> None:
        """Shows another text."""
        self._full = text
        self._show()

    def full_text(self) -> str:
        """The whole text."""
        return self._full

    @property
    def places(self) -> list[str]:
        """The places that are links."""
        return [match[0] for match in _PLACE.finditer(self._shown)]

    @property
    def _shown(self) -> str:
        text = " ".join(self._full.split())
        return visible(text if len(text) <= MOST else f"{text[:MOST]}…")

    def _show(self) -> None:
        shown, accent = self._shown, theme().tokens.accent
        parts, last = [], 0
        for match in _PLACE.finditer(shown):
            place = html.escape(match[0])
            link = f'<a href="{place}" style="color: {accent}; text-decoration: none">{place}</a>'
            parts += [html.escape(shown[last : match.start()]), link]
            last = match.end()
        self.setText("".join((*parts, html.escape(shown[last:]))))
        self.setAccessibleName(visible(self._full, lines=True))
        self.setToolTip(html.escape(visible(self._full, lines=True)) if len(self._full) > len(shown) else "")

    def _open(self, place: str) -> None:
        file, _, line = place.rpartition(":")
        self.opened.emit(file, int(line))
