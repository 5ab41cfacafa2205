from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from niceml_gui.paths import ICONS, RESOURCES, ROOT
from niceml_gui.theme import icons, style, theme
from niceml_gui.theme.tokens import DARK, FONT, LIGHT, MONO, Tokens
from niceml_gui.widgets.basics import button

READ = ("text", "muted", "accent", "ok", "warning", "error", "shared")
OPS = ("experiment", "train", "prediction", "analysis", "exptests")
GROUNDS = ("background", "panel", "raised", "selection")


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    yield
    theme().set_dark(True)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_what_must_be_read_has_enough_contrast_on_every_ground(tokens: Tokens) -> None:
    weak = {
        (name, ground): round(style.contrast(getattr(tokens, name), getattr(tokens, ground)), 2)
        for name in READ + OPS
        for ground in GROUNDS
        if style.contrast(getattr(tokens, name), getattr(tokens, ground)) < 4.5
    }
    assert weak == {}
    assert style.contrast(tokens.on_accent, tokens.accent) >= 4.5


def test_contrast_is_that_of_the_guidelines() -> None:
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_the_sheet_is_filled_in_and_its_pictures_exist(tokens: Tokens) -> None:
    text = style.sheet(tokens)
    assert "$" not in text
    files = re.findall(r'url\("([^"]+)"\)', text)
    assert len(set(files)) >= 5
    for file in files:
        with open(file, encoding="utf-8") as opened:
            assert "currentColor" not in opened.read()


def test_the_bundled_typefaces_are_used(qapp: QApplication) -> None:
    assert qapp.font().family() == FONT
    assert {FONT, MONO} <= set(QFontDatabase.families())
    assert style.mono().pointSizeF() == pytest.approx(style.points(12.5))


def test_switching_repaints_what_is_shown(qapp: QApplication, qtbot: QtBot) -> None:
    shown = button("Run", "Run it", icon="play", role="primary", token="on_accent")
    qtbot.addWidget(shown)
    shown.resize(120, 32)
    shown.show()
    colors = {}
    for dark in (True, False):
        theme().set_dark(dark)
        tokens = DARK if dark else LIGHT
        picture = shown.grab().toImage()
        colors[dark] = picture.pixelColor(60, 3).name()
        assert colors[dark] == tokens.accent
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(tokens.panel)
        inked = shown.icon().pixmap(16).toImage().pixelColor(8, 8).name()
        assert inked == tokens.on_accent


def test_the_mode_is_remembered_and_nonsense_is_refused() -> None:
    style.set_mode("light")
    assert (style.mode(), theme().tokens) == ("light", LIGHT)
    with pytest.raises(ValueError, match="choose one of light, dark, system"):
        style.set_mode("pink")
    assert style.mode() == "light"


def test_every_icon_is_a_line_drawing_in_one_colour() -> None:
    files = sorted(ICONS.glob("*.svg"))
    assert len(files) > 40
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert 'viewBox="0 0 16 16"' in text, file.name
        assert not re.search(r"#[0-9a-f]{3,6}", text), file.name
        picture = icons.pixmap(file.stem, "#ff0000", 32).toImage()
        inked = {picture.pixelColor(x, y).name() for x in range(32) for y in range(32)} - {"#000000"}
        assert "#ff0000" in inked, file.name


def test_icons_named_in_the_code_exist() -> None:
    named = set()
    for file in (ROOT / "niceml_gui").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:icon|trailing)="([a-z-]+)"', text))
        named |= set(re.findall(r'icon_button\("([a-z-]+)"', text))
        named |= set(re.findall(r'tint\([\w.]+, "([a-z-]+)"', text))
    assert len(named) > 15
    assert {name for name in named if not (ICONS / f"{name}.svg").is_file()} == set()


def test_tinted_widgets_are_forgotten_with_their_end(qtbot: QtBot) -> None:
    made = QPushButton()
    icons.tint(made, "play")
    made.deleteLater()
    qtbot.waitUntil(lambda: not icons.isValid(made))
    theme().set_dark(False)
    assert all(icons.isValid(target) for target, _name, _token in icons._tinted.values())


def test_fonts_carry_their_licence() -> None:
    licences = {file.name for file in (RESOURCES / "fonts" / "ui").glob("*OFL.txt")}
    assert licences == {"Inter-OFL.txt", "JetBrainsMono-OFL.txt"}
