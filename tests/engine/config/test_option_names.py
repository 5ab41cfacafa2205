"""An option may have any name, also one that Hydra's grammar reads as a number: it is quoted then."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from niceml_engine.config.checking.checks import check
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.world import parse
from niceml_engine.config.editing.refactor import plan_move
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.changes import write_all
from niceml_engine.options import option_text, options_text
from niceml_engine.values import Selection
from tests.engine.config.reference import write
from tests.engine.config.test_refactor import tree_of

names = st.text(
    st.sampled_from("ab01.-+_eE:/@' \",[]{}()\\$~=ntrufalsiINx\t\né%*?|"), min_size=1, max_size=8
) | st.sampled_from(["1", "1.50", "-2", "1e3", "true", "Null", "nan", "-inf", "1_0", "a.yaml", "x,y", "01"])


@given(names, names)
@example("a\\'", "\\")
def test_an_option_is_read_as_it_is_called(one: str, other: str) -> None:
    assert parse(f"g={option_text(one)}").value() == one
    assert parse(f"g={options_text([one, other])}").value() == [one, other]


@pytest.mark.parametrize("name", ["1", "1.50", "true", "1e3", "null", "two"])
@pytest.mark.parametrize("override", ["log=[csv,tb]", "+log@more=csv", "log=csv.yaml"])
def test_the_open_selection_still_composes_when_an_option_gets_a_name_that_reads_as_a_number(
    tmp_path: Path, name: str, override: str
) -> None:
    conf = {"conf/job.yaml": "defaults: [log: tb]\n", "conf/log/csv.yaml": "a: 1\n", "conf/log/tb.yaml": "b: 1\n"}
    root = write(tmp_path, {".niceml/keep": "", **conf})
    composer, selection = Composer(Setting(root)), Selection(str(root / "conf/job.yaml"), (override,))
    before = composer.compose(selection)
    assert before.error is None
    plan = plan_move(
        composer, tree_of(root), str(root / "conf/log/csv.yaml"), str(root / f"conf/log/{name}"), selection
    )
    assert not plan.effects
    write_all(plan.changes)
    assert composer.compose(plan.selection).yaml == before.yaml


@pytest.mark.parametrize("entry", ["log: ???", "log: cvs"])
def test_options_that_read_as_numbers_can_be_chosen_by_a_fix(tmp_path: Path, entry: str) -> None:
    root = write(tmp_path, {"job.yaml": f"defaults:\n  - {entry}\n", "log/1.yaml": "a: 1\n", "log/null.yaml": "b: 1\n"})
    composer = Composer(Setting(root))
    (problem,) = check(composer.compose(Selection(str(root / "job.yaml"))), composer.setting)
    chosen = [fix.adds for fix in problem.fixes if fix.adds]
    assert chosen == [("log='1'",), ("log='null'",)]
    assert all(composer.compose(Selection(str(root / "job.yaml"), one)).error is None for one in chosen)
