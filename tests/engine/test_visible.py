"""Names of any characters are shown so that each can be seen and the line around it stays in order."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.cli.common import print_error
from niceml_engine.visible import in_cells, visible, without_marks

APART = "\u2068{}\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("db/mysql: größer, 模型 👩\u200d🔬", "db/mysql: größer, 模型 👩\u200d🔬"),
        ("bell\x07", "bell\\x07"),
        ("rlo\u202egpj", "rlo\\u202egpj"),
        ("a\tb\nc\x1b[31m", "a\\tb\\nc\\x1b[31m"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("isolate\u2067x", "isolate\\u2067x"),
        ("דגל/עברית_2:12", f"{APART.format('דגל')}/{APART.format('עברית_2')}:12"),
        ("in شبكة عصبية is", f"in {APART.format('شبكة عصبية')} is"),
        ("\u0645\u06cc\u200c\u062e\u0648", APART.format("\u0645\u06cc\u200c\u062e\u0648")),
    ],
)
def test_what_cannot_be_seen_is_written_out_and_words_from_right_to_left_stand_apart(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


def test_lines_stay_where_there_may_be_several() -> None:
    assert visible("a\nb\r", lines=True) == "a\nb\\r"


def test_in_a_grid_each_character_keeps_its_place() -> None:
    assert in_cells("a\x07\t\u202eb\x7f דגל") == "a\u2407\t\ufffdb\u2421 דגל"


def test_a_terminal_gets_no_marks() -> None:
    assert without_marks(visible("דגל\u202e")) == "דגל\\u202e"


def test_an_error_sends_a_terminal_no_commands(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("there is no\nconfig \x1b[31mred\u202e")
    assert capsys.readouterr().err == "error: there is no config \\x1b[31mred\\u202e\n"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\u202a\u202e\u2066\u2067\u2068\u2069אבج ._-/:1"))))
def test_no_text_reaches_out_of_its_place(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    depth = 0
    for character in shown:
        depth += (character == "\u2068") - (character == "\u2069")
        assert depth in (0, 1)
        assert character in "\u2068\u2069" or unicodedata.category(character) != "Cc"
        kind = unicodedata.bidirectional(character)
        assert kind not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "B")
        assert depth or kind not in ("R", "AL")
    assert depth == 0
    if all(character in string.printable[:95] for character in text):
        assert shown == text
