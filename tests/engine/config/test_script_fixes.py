"""What Hydra warns a script of is mended in the call that starts it, with what Hydra does now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from niceml_engine.config.checking.fixes import changes_of
from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.checking.script_fixes import arguments, with_argument
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.world import advice
from niceml_engine.config.projects.project import primary_of, read_layout
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.values import Problem, Program, Selection
from tests.engine.config.reference import write

DONE = 'version_base="1.1"'
CALLS = {
    "@hydra.main()": f"@hydra.main({DONE})",
    "@hydra.main( )": f"@hydra.main({DONE} )",
    "@hydra.main(  # none\n)": f"@hydra.main({DONE}  # none\n)",
    "@hydra.main('conf', 'ü')": f"@hydra.main('conf', 'ü', {DONE})",
    "@hydra.main(config_name='a',)": f"@hydra.main(config_name='a', {DONE})",
    "@hydra.main(config_name=('a'))": f"@hydra.main(config_name=('a'), {DONE})",
    "@hydra.main(**WORDS)": f"@hydra.main(**WORDS, {DONE})",
    "@hydra.main(\n    config_path='conf',  # (here\n    config_name='a',  # this, too)\n)": (
        f"@hydra.main(\n    config_path='conf',  # (here\n    config_name='a',  # this, too)\n    {DONE},\n)"
    ),
    "@hydra.main(\n\tconfig_path='conf',\n\tconfig_name='a'  # no comma\n)": (
        f"@hydra.main(\n\tconfig_path='conf',\n\tconfig_name='a', {DONE}  # no comma\n)"
    ),
    "@hydra.main(config_name='a',\n            )": f"@hydra.main(config_name='a',\n    {DONE},\n            )",
    "@entry(config_name='a')": f"@entry(config_name='a', {DONE})",
    "@hydra.main(config_name='''\na''')": f"@hydra.main(config_name='''\na''', {DONE})",
}
HEAD = (
    "# -*- coding: utf-8 -*-\nimport hydra, functools  # ☃\nWORDS = {'config_name': 'a'}\n"
    "entry = functools.partial(hydra.main)\n"
)
TAIL = "\ndef main(cfg):\n    print( cfg )\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("call", CALLS)
def test_an_argument_is_written_behind_the_others_and_nothing_else_changes(call: str, end: str, mark: str) -> None:
    before, after = (mark + (HEAD + one + TAIL).replace("\n", end) for one in (call, CALLS[call]))
    assert with_argument(before, 5, "version_base", '"1.1"') == after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import hydra\n\n\n\nprint(1)\n", "by hand"),
        ("import hydra\n\n\n\nhydra.main('a')(f)(); hydra.main('b')(g)()\n", "by hand"),
        ("import hydra\n\n\n\n@hydra.main(version_base='1.2')\ndef f(c): ...\n", "already"),
        ("import hydra\n\n\n\n@hydra.main(\n", "Python cannot read"),
        ("\n\n\n\n@hydra_runner(config_path='a', config_name='b')\ndef f(c): ...\n", "by hand"),
    ],
)
def test_a_call_that_is_not_there_or_not_hydras_own_is_left_alone(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        with_argument(text, 5, "version_base", '"1.1"')


def told(root: Path) -> tuple[Composer, Selection, list[Problem]]:
    layout = read_layout(root / "app.py")
    composer, selection = Composer(layout.setting), Selection(primary_of(layout))
    found = [one for one in check_all(composer.compose(selection), composer) if one.code == "hydra"]
    return composer, selection, [one for one in found if "not specified" in one.message]


def warned_by_hydra(root: Path) -> str:
    words = [sys.executable, "app.py", "hydra.run.dir=.", "hydra.output_subdir=null"]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=True).stderr


MAIN = "import hydra\n\n@hydra.main(config_name='job')\ndef main(cfg): ...\n\nif __name__ == '__main__':\n    main()\n"
COMPOSED = "import hydra\n\nwith hydra.initialize():\n    hydra.compose('job')\n"


@pytest.mark.parametrize("text", [MAIN, COMPOSED], ids=["main", "compose"])
def test_what_hydra_warns_a_script_of_is_told_and_mended_until_hydra_is_silent(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"app.py": text, "job.yaml": "a: 1\n", ".git/HEAD": ""})
    composer, selection, problems = told(root)
    digest = composer.compose(selection).digest
    said = warned_by_hydra(root)
    starts = "@hydra.main()" if text == MAIN else "hydra.initialize()"
    assert {one.message.partition(". ")[0].rstrip(".") for one in problems} == {
        "The version_base parameter is not specified",
        f"config_path is not specified in {starts}",
    }
    for one in problems:
        assert one.message.partition(". ")[0] in said
        assert (one.file, one.line) == (str(root / "app.py"), 3)
    path, base = sorted(problems, key=lambda one: "version_base" in one.message)
    assert [fix.title for fix in path.fixes] == ['keep what is: write config_path="." into app.py']
    assert base.fixes[0].title == 'keep what is: write version_base="1.1" into app.py'
    write_all(changes_of(path.fixes[0].edits))
    composer, selection, (base,) = told(root)
    write_all(changes_of(base.fixes[0].edits))
    composer, selection, left = told(root)
    assert (left, composer.compose(selection).digest) == ([], digest)
    assert "not specified" not in warned_by_hydra(root)
    written = ('config_path=".", version_base="1.1")', "config_name='job', " if text == MAIN else "")
    assert (root / "app.py").read_text().splitlines()[2].rstrip(":").endswith(written[1] + written[0])


def test_under_a_version_of_its_own_a_script_need_not_name_a_path(tmp_path: Path) -> None:
    text = MAIN.replace("'job'", "'job', version_base='1.1'")
    root = write(tmp_path, {"app.py": text, "job.yaml": "a: 1\n", ".git/HEAD": ""})
    assert told(root)[2] == []
    assert "not specified" not in warned_by_hydra(root)


@pytest.mark.parametrize(("job", "values"), [("app.py", ['"."', "None"]), ("job.yaml", ['"."'])])
def test_a_script_whose_config_is_made_in_python_may_look_for_no_files(job: str, values: list[str]) -> None:
    (said,) = [one for one in advice(Program("app.py", 3, unversioned=True, pathless=True)) if "config_path" in one]
    assert [value for _, _, value in arguments(said, Program("app.py", 3, job=job))] == values


def test_that_hydras_warnings_are_errors_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, {"app.py": MAIN, "job.yaml": "a: 1\n", ".git/HEAD": ""})
    expected = {one.message for one in told(root)[2]}
    monkeypatch.setenv("HYDRA_DEPRECATION_WARNINGS_AS_ERRORS", "1")
    assert {one.message for one in told(root)[2]} == expected
