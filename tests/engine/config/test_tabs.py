"""Where Hydra's loader refuses a tab, it is told what the tab does there; where it takes one, nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from omegaconf._utils import get_yaml_loader

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import parse
from niceml_engine.config.text.literals import same
from niceml_engine.errors import ConfigError
from niceml_engine.values import Selection
from tests.engine.config.reference import assert_same

INDENT = "a tab stands here; indent with spaces"
COLON = "a tab stands after the colon; write a space instead"
DASH = "a tab stands after the dash; write a space instead"
KEY = "a tab stands before the colon; write a space instead"
COMMENT = "a tab stands before the comment; write a space instead"
END = "a tab ends this line; take it out"
EMPTY = "a tab stands on this empty line; take it out"
HERE = "a tab stands here; write a space instead"
TEXT = "a tab stands in this text; write a space instead, or put the text into quotes"

REFUSED = [
    ("unused:\t5\n", 1, COLON),
    ("a:\n  b: \t 5\n", 2, COLON),
    ("a: {b:\t1}\n", 1, COLON),
    ("\ufeffa:\t5\n", 1, COLON),
    ("a:\n  - 1\n  -\t2\n", 3, DASH),
    ("a:\n  -\tb: 2\n", 2, DASH),
    ("a\t: 1\n", 1, KEY),
    ("a: 5\t# five\n", 1, COMMENT),
    ("a: 5 \t # five\n", 1, COMMENT),
    ("a:\t# more\n  b: 1\n", 1, COMMENT),
    ("a: '5'\t# five\n", 1, COMMENT),
    ("a: [1,\t# one\n  2]\n", 1, COMMENT),
    ("a: |\t# text\n  x\n", 1, COMMENT),
    ("a: 1\t\nb: 2\n", 1, END),
    ("a:\t\n  b: 2\n", 1, END),
    ("a: [1]\t\r\nb: 2\r\n", 1, END),
    ("a: >-\t\n  x\n", 1, END),
    ("a: 1\n \t \nb: 2\n", 2, EMPTY),
    ("\t", 1, EMPTY),
    ("\ta: 1\n", 1, INDENT),
    ("a:\n\tb: 1\n", 2, INDENT),
    ("a:\n  b: 1\n  \tc: 2\n", 3, INDENT),
    ("a:\n\t- 1\n", 2, INDENT),
    ("a: 1\n\t# more\n", 2, INDENT),
    ("a: [1,\n\t2]\n", 2, INDENT),
    ("a: |\n\tx\n", 2, INDENT),
    ("a: x\n\ty\n", 2, INDENT),
    ("a: [1,\t2]\n", 1, HERE),
    ("a: [1\t]\n", 1, HERE),
    ("a: &x\t1\n", 1, HERE),
    ("a: !!str\t1\n", 1, HERE),
    ("a: x\ty\n", 1, TEXT),
    ("a: [x\ty]\n", 1, TEXT),
    ("a\tb: 1\n", 1, TEXT),
]
TAKEN = [
    "a: 'x\ty'\n",
    'a: "x\ty"\n',
    "a: 'x\n\ty'\n",
    "a: |\n  x\ty\n",
    "a: |\n  \tx\n",
    "a: >-\n  x\n  \ty\n",
    "a: 1 # one\ttwo\n",
    "#\tall\na: 1\n",
]


def hydras(text: str) -> object:
    return yaml.load(text, Loader=get_yaml_loader())


@pytest.mark.parametrize(("text", "line", "words"), REFUSED)
def test_a_tab_that_hydra_refuses_is_told_where_it_stands_and_what_to_do(text: str, line: int, words: str) -> None:
    with pytest.raises(yaml.YAMLError):
        hydras(text)
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.message) == (line, f"invalid YAML: {words}")


@pytest.mark.parametrize("text", TAKEN)
def test_a_tab_that_hydra_takes_stays_in_the_value(text: str, tmp_path: Path) -> None:
    assert same(parse(text).data, hydras(text))
    job = tmp_path / "job.yaml"
    job.write_text(text)
    assert_same(Composer(Setting(tmp_path)), job, [])


def test_a_tab_anywhere_is_refused_where_hydra_refuses_it() -> None:
    text = "a: &x {b: [1, 'two'], c: \"d\"}   # one\n\n# two\ne:\n  - *x\n  - !!str f g\n  - |-\n    h\n    i\n"
    refused = 0
    for at in range(len(text) + 1):
        tabbed = f"{text[:at]}\t{text[at:]}"
        try:
            wanted = hydras(tabbed)
        except yaml.YAMLError:
            refused += 1
            with pytest.raises(ConfigError) as caught:
                parse(tabbed)
            assert caught.value.line == tabbed.count("\n", 0, at) + 1, tabbed
            assert "tab" in caught.value.message, tabbed
        else:
            assert same(parse(tabbed).data, wanted), tabbed
    assert refused > len(text) / 2


def test_a_tab_in_a_file_of_a_job_is_told_with_its_line(tmp_path: Path) -> None:
    job = tmp_path / "job.yaml"
    job.write_text("a: 1\nb:\n  unused:\t5\n")
    composed = Composer(Setting(tmp_path)).compose(Selection(str(job)))
    assert composed.error is not None
    assert (composed.error.file, composed.error.line) == (str(job), 3)
    assert composed.error.message == f"invalid YAML: {COLON}"
