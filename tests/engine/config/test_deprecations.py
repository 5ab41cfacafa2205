"""What Hydra calls deprecated is told whole: each at the line that it is of, none in the place of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.fixes import changes_of
from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting, read_layout
from niceml_engine.config.text.changes import write_all
from niceml_engine.values import Problem, Selection
from tests.engine.config.reference import write

JOB = """\
# of long ago

defaults:
  - db: small
  - h: a
    optional: true
  - hydra/job_logging: disabled
  - {net@_name_: wide, optional: false}
  - _self_
  - override db: big
"""
FILES = {
    "job.yaml": JOB,
    "db/small.yaml": "size: 1\n",
    "db/big.yaml": "\n#  @package  _name_\nsize: 2\n",
    "h/a.yaml": "# @package _group_._name_\nv: 1\n",
    "net/wide.yaml": "width: 3\n",
}


def told(composer: Composer, root: Path, *overrides: str) -> list[Problem]:
    composed = composer.compose(Selection(str(root / "job.yaml"), overrides))
    return [one for one in check_all(composed, composer) if one.code == "hydra"]


def of_script(root: Path, arguments: str, *overrides: str, setting: str = "") -> dict[str, Problem]:
    """What is told of a job that a script starts, by its first words, each at the script's own line."""
    script = f"import hydra\n\n\n@hydra.main({arguments})\ndef main(cfg): ...\n"
    files = {"app.py": script, "job.yaml": "a: 1\n", ".niceml/project.yaml": setting}
    found = told(Composer(read_layout(write(root, files)).setting), root, *overrides)
    assert {(Path(one.file).name, one.line) for one in found} <= {("app.py", 4)}
    return {one.message.partition(" ")[0]: one for one in found}


def places(problems: list[Problem]) -> list[tuple[str, int, str]]:
    words = ("'optional: true'", "Invalid overriding", "keyword _name_", "package header", "interpolation form")
    return [(Path(one.file).name, one.line, next(w for w in words if w in one.message)) for one in problems]


EXPECTED = [
    ("big.yaml", 2, "package header"),
    ("a.yaml", 1, "package header"),
    ("job.yaml", 5, "'optional: true'"),
    ("job.yaml", 7, "Invalid overriding"),
    ("job.yaml", 8, "'optional: true'"),
    ("job.yaml", 8, "keyword _name_"),
]


def test_each_deprecation_is_told_at_its_own_line(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    composer = Composer(Setting(root))
    assert sorted(places(told(composer, root))) == sorted(EXPECTED)


def test_what_hydra_warns_of_while_it_reads_is_told_again_with_another_choice(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    composer = Composer(Setting(root))
    told(composer, root)
    again = places(told(composer, root, "db=small"))
    assert sorted(again) == sorted(place for place in EXPECTED if place[0] != "big.yaml")


def test_an_entry_with_an_interpolation_of_old_is_told_at_its_line(tmp_path: Path) -> None:
    job = "defaults:\n  - db: small\n  - net: ${defaults.0.db}\n  - _self_\n"
    root = write(tmp_path, {**FILES, "job.yaml": job, "net/small.yaml": "width: 1\n"})
    assert places(told(Composer(Setting(root)), root)) == [("job.yaml", 3, "interpolation form")]


@pytest.mark.parametrize(
    ("words", "file", "line", "written"),
    [
        ("'optional h: a'", "job.yaml", 5, "  - optional h: a\n  - hydra/job_logging: disabled\n"),
        ("'optional net@_name_: wide'", "job.yaml", 8, "  - {net@_name_: wide}\n"),
        ("'db/big'", "db/big.yaml", 2, "\n#  @package  big\nsize: 2\n"),
        ("'h/a'", "h/a.yaml", 1, "# @package h.a\nv: 1\n"),
    ],
)
def test_what_is_deprecated_is_written_as_hydra_wants_it_now(
    tmp_path: Path, words: str, file: str, line: int, written: str
) -> None:
    root = write(tmp_path, FILES)
    composer = Composer(Setting(root))
    before = composer.compose(Selection(str(root / "job.yaml"))).digest
    found = told(composer, root)
    (problem,) = [one for one in found if words in one.message]
    (fix,) = problem.fixes
    write_all(changes_of(fix.edits))
    assert written in (root / file).read_text()
    assert composer.compose(Selection(str(root / "job.yaml"))).digest == before
    assert [one.message for one in told(composer, root)] == [one.message for one in found if one is not problem]


PATHS = 'config_path=".", config_name="job"'


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (PATHS, "The version_base parameter is not specified. Hydra will assume defaults for version 1.1."),
        (f'{PATHS}, version_base="1.1"', 'version_base="1.1" selects Hydra 1.1 compatibility behavior.'),
    ],
)
def test_what_hydra_says_of_a_version_base_is_told_of_the_script(tmp_path: Path, arguments: str, words: str) -> None:
    assert [one.message for one in of_script(tmp_path, arguments).values() if one.message.startswith(words)]


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [(f"{PATHS}, version_base=None", ""), (f'{PATHS}, version_base="1.2"', ""), (PATHS, "version_base: '1.3'\n")],
)
def test_a_script_of_today_is_warned_of_nothing(tmp_path: Path, arguments: str, setting: str) -> None:
    assert of_script(tmp_path, arguments, setting=setting) == {}


def test_that_a_program_starts_in_the_folder_of_its_run_is_told_unless_something_says_so(tmp_path: Path) -> None:
    problem = of_script(tmp_path, PATHS)["Hydra"]
    assert problem.message.endswith("; set hydra.job.chdir")
    for value in ("true", "false"):
        assert "Hydra" not in of_script(tmp_path, PATHS, f"hydra.job.chdir={value}")
    assert "Hydra" in of_script(tmp_path, PATHS, "hydra.job.chdir=null")
    override, in_file = problem.fixes
    assert override.adds == ("hydra.job.chdir=true",)
    assert changes_of(in_file.edits)[0].after == "a: 1\nhydra:\n  job:\n    chdir: true\n"


def test_code_that_only_composes_starts_nowhere_else(tmp_path: Path) -> None:
    code = "import hydra\nwith hydra.initialize('.'):\n    hydra.compose('job')\n"
    root = write(tmp_path, {"app.py": code, "job.yaml": "a: 1\n"})
    (problem,) = told(Composer(read_layout(root).setting), root)
    assert problem.message.startswith("The version_base parameter is not specified.")
    assert (Path(problem.file).name, problem.line) == ("app.py", 2)
