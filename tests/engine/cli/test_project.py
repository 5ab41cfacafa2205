"""`niceml-engine project`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from tests.engine.config.reference import write

FILES = {
    "train.py": "import hydra\n@hydra.main('conf', 'train', version_base='1.2')\ndef main(cfg): ...\n",
    "lost.py": "import hydra\n@hydra.main('conf', 'lost', version_base='1.2')\ndef main(cfg): ...\n",
    "store.py": "from hydra.core.config_store import ConfigStore\nConfigStore.instance().store('big', Big, 'db')\n",
    "conf/train.yaml": "defaults:\n  - db: a\nkey: ${oc.env:NICEML_TEST_KEY,none}\nuri: ${oc.env:NICEML_TEST_URI}\n",
    "conf/db/a.yaml": "x: 1\n",
    ".env": "NICEML_TEST_KEY=me\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write(tmp_path, FILES))
    return tmp_path


def run(*words: str, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["project", *words])
    assert result.exit_code == status, result.output
    return result.output


def test_a_project_is_told_in_words(here: Path) -> None:
    lines = [" ".join(line.split()) for line in run().splitlines()]
    assert lines[0] == f"{here.name} {here}"
    assert "primary conf/train.yaml (guessed: the first to train, or to open)" in lines
    assert "version_base 1.2 (guessed: train.py starts Hydra with it)" in lines
    assert "train train.py" in lines
    assert "lost.py:2 there is no config lost in conf" in lines
    assert "db/big store.py:2" in lines
    assert "NICEML_TEST_KEY me (.env) conf/train.yaml:3" in lines
    assert "NICEML_TEST_URI must be set conf/train.yaml:4" in lines


def test_a_project_is_told_as_json(here: Path) -> None:
    data = json.loads(run("conf", "--format", "json"))
    assert data["project"]["job"] == str(here / "conf/train.yaml")
    assert {one["name"] for one in data["environment"]["variables"]} == {"NICEML_TEST_KEY", "NICEML_TEST_URI"}


def test_a_setting_that_is_wrong_is_one_line(here: Path) -> None:
    write(here, {".niceml/project.yaml": "version_bas: 1.2\n"})
    output = run(status=2)
    place = here / ".niceml/project.yaml"
    assert output == f"error: {place}:1: there is no setting `version_bas`; did you mean `version_base`?\n"


def test_a_job_composes_under_what_the_project_says_unless_words_say_otherwise(here: Path) -> None:
    write(here, {"conf/plain.yaml": "x: 1\n"})
    write(here, {"conf/train.yaml": "defaults:\n  - db: a\n    optional: true\n"})  # an error from 1.2 on
    for words, status in (
        (["train.py"], 2),
        (["conf/train.yaml"], 2),
        (["conf/train.yaml", "--version-base", "1.1"], 0),
        (["train", "--config-dir", "conf", "--version-base", "1.3"], 2),
        (["conf/plain.yaml", "--version-base", "null"], 0),
        (["conf/plain.yaml", "--version-base", "None"], 0),  # as scripts write it
    ):
        assert CliRunner().invoke(app, ["compose", *words]).exit_code == status, words


@pytest.mark.parametrize("text", ["python: nope", "code_location: nope", 'version_base: "9.9"'])
def test_a_setting_that_leads_nowhere_is_told_by_project_check_and_compose(here: Path, text: str) -> None:
    write(here, {".niceml/project.yaml": f"{text}\n"})
    key, place = text.partition(":")[0], ".niceml/project.yaml:1"
    (line,) = [line for line in run().splitlines() if line.startswith(f"  {place}")]
    _, _, message = line.partition(f"{place}  ")
    assert message.startswith(f"{key}: ") or key in message
    checked = CliRunner().invoke(app, ["check", "train.py"])
    assert f"{place}: {message}" in " ".join(checked.output.split())
    composed = CliRunner().invoke(app, ["compose", "train.py"])
    assert (composed.exit_code, composed.stderr) == (0, f"warning: {place}: {message}\n")
