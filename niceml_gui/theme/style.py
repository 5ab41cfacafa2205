"""Palette, fonts and the one style sheet, made from the tokens; the theme switches live."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from niceml_gui.paths import FONTS
from niceml_gui.state import settings, state_dir
from niceml_gui.theme import theme
from niceml_gui.theme.focus import FocusRing
from niceml_gui.theme.icons import svg
from niceml_gui.theme.sheet import SHEET
from niceml_gui.theme.tokens import BODY_PX, FONT, MONO, MONO_PX, ROW, TITLE_PX, Tokens

MODES = ("light", "dark", "system")
_SHEET_ICONS = ("chevron-down", "chevron-right", "chevron-up", "check", "close", "minus")


def points(pixels: float) -> float:
    """Pixels as points, in which Qt allows halves."""
    screen = QGuiApplication.primaryScreen()
    return pixels * 72.0 / (screen.logicalDotsPerInch() if screen else 96.0)


def font(pixels: float = BODY_PX, *, mono: bool = False, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """One of the two typefaces of the program, for what paints itself."""
    result = QFont(MONO if mono else FONT)
    result.setPointSizeF(points(pixels))
    result.setWeight(weight)
    if mono:
        result.setStyleHint(QFont.StyleHint.Monospace)
    return result


def mono(pixels: float = MONO_PX) -> QFont:
    """The typeface of code and numbers."""
    return font(pixels, mono=True)


@cache
def load_fonts() -> None:
    """Makes the bundled typefaces known to Qt."""
    for file in sorted([*FONTS.glob("*.otf"), *FONTS.glob("*.ttf")]):
        QFontDatabase.addApplicationFont(str(file))


def palette(tokens: Tokens) -> QPalette:
    """The palette for what the style sheet does not reach."""
    result = QPalette()
    roles = QPalette.ColorRole
    colors = {
        roles.Window: tokens.panel,
        roles.WindowText: tokens.text,
        roles.Base: tokens.panel,
        roles.AlternateBase: tokens.raised,
        roles.Text: tokens.text,
        roles.Button: tokens.raised,
        roles.ButtonText: tokens.text,
        roles.BrightText: tokens.text,
        roles.PlaceholderText: tokens.muted,
        roles.ToolTipBase: tokens.raised,
        roles.ToolTipText: tokens.text,
        roles.Highlight: tokens.selection,
        roles.HighlightedText: tokens.text,
        roles.Accent: tokens.accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Light: tokens.raised,
        roles.Midlight: tokens.line,
        roles.Mid: tokens.line,
        roles.Dark: tokens.line,
        roles.Shadow: tokens.background,
    }
    for role, color in colors.items():
        result.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.faint))
    return result


def sheet(tokens: Tokens) -> str:
    """The style sheet of the whole program."""
    values = {name: str(getattr(tokens, name)) for name in Tokens.__dataclass_fields__}
    sizes = {"body": points(BODY_PX), "title": points(TITLE_PX), "code": points(MONO_PX), "small": points(11.5)}
    values |= {f"{name}_pt": f"{size:.3f}pt" for name, size in sizes.items()}
    values |= {f"{name.replace('-', '_')}_icon": _sheet_icon(name, tokens) for name in _SHEET_ICONS}
    return Template(SHEET).substitute(
        values,
        font=FONT,
        mono=MONO,
        row=str(ROW),
        hover=mix(tokens.raised, tokens.text, 0.06),
        accent_hover=mix(tokens.accent, tokens.text, 0.12),
        checked_icon=_sheet_icon("check", tokens, tokens.on_accent),
        chosen_icon=_sheet_icon("dot", tokens, tokens.on_accent),
    )


def mode() -> str:
    """The chosen mode: `light`, `dark` or `system`."""
    chosen = str(settings().value("theme", "system"))
    return chosen if chosen in MODES else "system"


def set_mode(chosen: str) -> None:
    """Chooses the theme, shows it at once, and remembers it.

    Raises:
        ValueError: `chosen` is none of `MODES`.
    """
    if chosen not in MODES:
        raise ValueError(f"{chosen!r} is no theme: choose one of {', '.join(MODES)}")
    settings().setValue("theme", chosen)
    theme().set_dark(_dark(chosen))


def install(app: QApplication) -> None:
    """Gives the program its looks, now and after each change of theme."""
    load_fonts()
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font())
    theme().set_dark(_dark(mode()))
    _show()
    theme().changed.connect(_show)
    app.styleHints().colorSchemeChanged.connect(_follow_system)
    FocusRing(app)


def contrast(one: str, other: str) -> float:
    """The contrast of two `#rrggbb` colours, 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(color: str, other: str, part: float) -> str:
    """A colour between two: `part` 0 is the first, 1 the second."""
    mixed = (
        round(int(color[place : place + 2], 16) * (1 - part) + int(other[place : place + 2], 16) * part)
        for place in (1, 3, 5)
    )
    return "#" + "".join(f"{value:02x}" for value in mixed)


def ink(ground: str) -> str:
    """Black or white, whichever is read better on a `#rrggbb` colour; its contrast is never below 4.5."""
    return max("#000000", "#ffffff", key=lambda one: contrast(one, ground))


def _show() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setPalette(palette(theme().tokens))
        app.setStyleSheet(sheet(theme().tokens))


def _follow_system() -> None:
    if mode() == "system":
        theme().set_dark(_dark("system"))


def _dark(chosen: str) -> bool:
    if chosen != "system":
        return chosen == "dark"
    return QGuiApplication.styleHints().colorScheme().name != "Light"


def _luminance(color: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _sheet_icon(name: str, tokens: Tokens, color: str = "") -> str:
    """A style sheet takes pictures from files only, so the tinted icon is written into the program's folder."""
    color = color or tokens.muted
    file = state_dir() / "icons" / f"{name}-{color[1:]}.svg"
    text = svg(name).replace("currentColor", color)
    with contextlib.suppress(OSError):
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            _replace(file, text)
    return f'url("{file.as_posix()}")'


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
