"""Line icons from `resources/icons`, tinted with the theme's colours and crisp at any scale."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton
from shiboken6 import isValid

from niceml_gui.paths import ICONS
from niceml_gui.theme import theme

_SIZES = (16, 20, 24, 32, 48, 64)

_tinted: dict[int, tuple[QAbstractButton | QAction, str, str]] = {}


@cache
def svg(name: str) -> str:
    """The text of an icon; `currentColor` stands where its colour goes.

    Raises:
        FileNotFoundError: There is no icon of that name.
    """
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, color: str, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture.

    Args:
        name: File name without `.svg`.
        color: `#rrggbb`.
        size: Edge length in device-independent pixels.
        ratio: Device pixels per device-independent pixel.
    """
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    data = QByteArray(svg(name).replace("currentColor", color).encode())
    QSvgRenderer(data).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, color: str | None = None) -> QIcon:
    """An icon in one colour (`#rrggbb`), by default the theme's muted text; disabled it is faint."""
    tokens = theme().tokens
    return _icon(name, color or tokens.muted, tokens.faint)


def tint(target: QAbstractButton | QAction, name: str, token: str = "muted") -> None:
    """Gives a button or an action an icon in the colour of a token, now and after each change of theme."""
    if not _tinted:
        theme().changed.connect(_tint_all)
    _tinted[id(target)] = (target, name, token)
    target.setIcon(icon(name, str(getattr(theme().tokens, token))))


def _tint_all() -> None:
    for number, (target, name, token) in list(_tinted.items()):
        if isValid(target):
            target.setIcon(icon(name, str(getattr(theme().tokens, token))))
        else:
            del _tinted[number]


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str) -> QIcon:
    result = QIcon()
    for size in _SIZES:
        result.addPixmap(pixmap(name, color, size))
        result.addPixmap(pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return result
