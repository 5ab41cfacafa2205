"""A value that must be given, and that an option of a group gives."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Problem, Selection
from tests.engine.config.broken import look
from tests.engine.config.reference import ask_hydra, assert_same, write

OPTIONS = {"db/pg.yaml": "port: 1\n", "db/mysql.yaml": "port: 2\n"}


def missing(root: Path, *overrides: str) -> list[Problem]:
    return [one for one in look(root, *overrides) if one.code in ("missing-value", "unknown-choice")]


def test_the_options_of_the_group_are_offered_by_overrides_that_hydra_takes(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults: [_self_, other: o]\ndb: ???\n", "other/o.yaml": "n: 1\n"} | OPTIONS)
    (problem,) = missing(tmp_path)
    assert problem.message == "db: an option of the group db must be chosen here: +db=mysql, +db=pg"
    assert [fix.adds for fix in problem.fixes] == [("+db=mysql",), ("+db=pg",)]
    composer = Composer(Setting(tmp_path))
    for fix in problem.fixes:
        assert_same(composer, tmp_path / "job.yaml", list(fix.adds))
        assert missing(tmp_path, *fix.adds) == []


def test_an_option_whose_name_reads_as_a_number_is_offered_with_quotes(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "db: ???\n", "db/1.yaml": "port: 1\n"})
    (problem,) = missing(tmp_path)
    assert [fix.adds for fix in problem.fixes] == [("+db='1'",)]
    assert_same(Composer(Setting(tmp_path)), tmp_path / "job.yaml", ["+db='1'"])
    assert missing(tmp_path, "+db='1'") == []


def test_options_of_the_groups_below_count_and_a_key_inside_can_be_set_too(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "app:\n  db: ???\n"} | {f"app/{name}": text for name, text in OPTIONS.items()})
    write(tmp_path, {"app/db/far/x.yaml": "port: 3\n"})
    (problem,) = missing(tmp_path)
    ways = "+app/db=mysql, +app/db=pg, +app/db/far=x"
    assert (
        problem.message
        == f"app.db: an option of the group app/db must be chosen here: {ways}; or set it with app.db=VALUE"
    )
    assert ask_hydra(tmp_path / "job.yaml", ["+app/db=pg"], tmp_path).config == {"app": {"db": {"port": 1}}}


def test_a_value_that_a_chosen_option_leaves_open_is_not_said_to_be_set_by_what_chooses(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults: [db: open]\n", "db/open.yaml": "# @package _global_\ndb: ???\n"} | OPTIONS)
    (problem,) = missing(tmp_path)
    assert problem.message == (
        "db: a value must be given here, but db= chooses an option of the group db; "
        "write it into open.yaml, or choose an option that gives it"
    )


def test_a_choice_that_is_nowhere_is_added_at_a_click_and_cannot_be_taken_out(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "x: 1\n"} | OPTIONS)
    (problem,) = missing(tmp_path, "db=pg")
    assert problem.message == "no defaults list has a choice `db`; to add one, write +db=pg"
    assert [fix.adds for fix in problem.fixes] == [("+db=pg",)]
    for override in ("~db", "~db=pg"):
        (problem,) = missing(tmp_path, override)
        assert (problem.message, problem.fixes) == (
            "no defaults list has a choice `db`, so there is none to take out",
            (),
        )
        composed = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml"), (override,)))
        assert composed.error is not None
