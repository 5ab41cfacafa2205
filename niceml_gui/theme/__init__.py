"""One place for how everything looks; `theme()` is the current theme and says when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PySide6.QtCore import QObject, Signal

from niceml_gui.theme.tokens import DARK, LIGHT, Tokens


class Theme(QObject):
    """The current tokens; widgets that paint themselves read `tokens` and repaint on `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = DARK

    def set_dark(self, dark: bool) -> None:
        """Switches between dark and light."""
        tokens = DARK if dark else LIGHT
        if tokens is not self.tokens:
            self.tokens = tokens
            self.changed.emit()

    @contextmanager
    def lent(self, tokens: Tokens) -> Iterator[None]:
        """Has what is painted meanwhile be in other colours, such as for paper; nothing on screen hears of it."""
        own, self.tokens = self.tokens, tokens
        try:
            yield
        finally:
            self.tokens = own


@cache
def theme() -> Theme:
    """The theme of this process."""
    return Theme()
