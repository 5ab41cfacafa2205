"""Trials as real worker processes: what they say, and that nothing is left of them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError, TrustError
from niceml_engine.events import Tried
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.trial import Attempt
from niceml_engine.runs.trust import set_trust
from niceml_engine.values import RunSettings, RunState, Selection, Trial
from tests.engine.projects import GENERATION, SMALL, compose, copy_project
from tests.waiting import wait_until


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, with a folder of its own for what is temporary."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "project").mkdir()
    return copy_project(tmp_path / "project")


def attempt(project: Path, text: str, *keys: str) -> Attempt:
    """Tries parts of a config."""
    file = project / "configs" / "mine.yaml"
    file.write_text(text)
    composed = Composer(Setting(project)).compose(Selection(str(file)))
    return Attempt(project, composed, Trial("mine", keys), RunSettings())


def ended(trial: Attempt) -> tuple[list[Tried], RunState]:
    """What a trial says, and how it ended."""
    tried: list[Tried] = []
    state: list[RunState] = []

    def look() -> bool:
        events, end = trial.look()
        tried.extend(event for event in events if isinstance(event, Tried))
        state.extend([end] if end is not None else [])
        return end is not None

    wait_until(look, 120)
    trial.end()
    return tried, state[0]


def test_what_hydra_would_say_of_a_running_program_is_known(project: Path) -> None:
    text = "it:\n  _target_: collections.OrderedDict\n  out: ${hydra:runtime.output_dir}\n  cwd: ${hydra:runtime.cwd}\n"
    trial = attempt(project, text, "it")
    folder = trial.run.path
    tried, state = ended(trial)
    assert state.status == "succeeded", [one.message for one in tried]
    trial = attempt(project, "it:\n  _target_: collections.OrderedDict\n  n: ${hydra:sweep.dir}\n", "it")
    tried, state = ended(trial)
    assert state.status == "failed"
    assert any("hydra.sweep.dir is only there in a program that Hydra starts" in one.message for one in tried)
    assert not folder.exists()


def test_a_job_is_tried_on_one_batch_and_leaves_nothing_behind(project: Path, tmp_path: Path) -> None:
    before = sorted(str(path) for path in project.rglob("*"))
    tried, state = ended(Attempt(project, compose(project, GENERATION, *SMALL), Trial("mine"), RunSettings()))
    assert state.status == "succeeded", state.message
    assert [(one.name, one.status) for one in tried] == [
        ("data_generation", "succeeded"),
        ("data_split", "succeeded"),
        ("data_crop", "succeeded"),
    ]
    assert tried[0].found == ("10 samples written to numbers",)
    assert sorted(str(path) for path in project.rglob("*")) == before
    assert all_runs(project) == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_one_part_that_fails_stops_no_other_and_names_its_leaf(project: Path) -> None:
    text = (
        "good: {_target_: fractions.Fraction, numerator: 3, denominator: 4}\n"
        "home: nowhere\n"
        "bad:\n  _target_: fractions.Fraction\n  denominator: ${no.such.key}\n"
        "worse:\n  inner: {_target_: fractions.Fraction, denominator: 0}\n"
        "named:\n  _target_: fractions.Fraction\n  numerator: 1\n  numeratr: 2\n"
    )
    tried, state = ended(attempt(project, text, ""))
    assert state.status == "failed"
    parts = {one.name: one for one in tried}
    assert list(parts) == ["import", "good", "bad", "worse.inner", "named"]
    assert parts["good"].made == "fractions.Fraction"
    assert parts["good"].found == ("Fraction(3, 4)",)
    assert (parts["bad"].status, parts["bad"].key) == ("failed", "bad.denominator")
    assert parts["bad"].place == "configs/mine.yaml:5"
    assert "no.such.key" in parts["bad"].message
    assert "ZeroDivisionError" in parts["worse.inner"].message
    assert parts["worse.inner"].place == "configs/mine.yaml:7"
    assert (parts["named"].key, parts["named"].place) == ("named.numeratr", "configs/mine.yaml:11")


def test_values_without_an_object_are_resolved(project: Path) -> None:
    (good,), _ = ended(attempt(project, "a: {b: 1, c: '${a.b}'}\n", "a"))
    assert (good.name, good.status) == ("a", "succeeded")
    (bad,), _ = ended(attempt(project, "a:\n  b: ['${nope}']\n", "a"))
    assert (bad.status, bad.key, bad.place) == ("failed", "a.b[0]", "configs/mine.yaml:2")


def test_resolvers_of_the_projects_own_are_registered_first(project: Path) -> None:
    lib = project / "lib.py"
    lib.write_text("from omegaconf import OmegaConf\nOmegaConf.register_new_resolver('mine.twice', lambda x: 2 * x)\n")
    text = "a: {_target_: fractions.Fraction, numerator: '${mine.twice:3}'}\n"
    tried, state = ended(attempt(project, text, "a"))
    assert state.status == "succeeded", state.message
    assert tried[-1].found == ("Fraction(6, 1)",)
    lib.write_text(lib.read_text() + "raise ValueError('too early')\n")
    tried, state = ended(attempt(project, text, "a"))
    assert tried == []
    assert state.message == "the project's lib cannot be imported: ValueError: too early"


def test_what_a_dying_worker_said_is_told(project: Path) -> None:
    (project / "bad.py").write_text("import os, sys\nprint('last words', file=sys.stderr, flush=True)\nos._exit(7)\n")
    tried, state = ended(attempt(project, "a: {_target_: bad.Maker}\n", "a"))
    assert tried == []
    assert state.status == "failed"
    assert "last words" in state.message


SLEEP = "a: {_target_: time.sleep, _args_: [600]}\n"


def imported(trial: Attempt) -> bool:
    return any(isinstance(event, Tried) for event in trial.look()[0])


def test_a_trial_is_ended_at_once_and_leaves_nothing_behind(project: Path, tmp_path: Path) -> None:
    trial = attempt(project, SLEEP, "a")
    wait_until(lambda: imported(trial))
    worker = trial.run.worker()
    assert worker is not None
    trial.end()
    assert not psutil.pid_exists(worker.pid)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_trial_ends_with_whoever_began_it(project: Path, tmp_path: Path) -> None:
    (project / "configs" / "mine.yaml").write_text(SLEEP)
    code = (
        "import os, sys, tempfile, pathlib; tempfile.tempdir = sys.argv[2]\n"
        "from niceml_engine.config.compose import Composer\n"
        "from niceml_engine.config.projects.project import Setting\n"
        "from niceml_engine.runs.trial import Attempt\n"
        "from niceml_engine.values import RunSettings, Selection, Trial\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "composed = Composer(Setting(root)).compose(Selection(str(root / 'configs' / 'mine.yaml')))\n"
        "print(Attempt(root, composed, Trial('mine', ('a',)), RunSettings()).run.path, flush=True)\n"
        "sys.stdin.read(); os._exit(0)\n"
    )
    temporary = tmp_path / "temporary"
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(project), str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    run = RunFolder(starter.stdout.readline().strip())
    wait_until(run.stream.exists)
    worker = run.worker()
    assert worker is not None
    starter.communicate("")
    wait_until(lambda: not list(temporary.iterdir()))
    wait_until(lambda: not psutil.pid_exists(worker.pid))


def test_nothing_is_tried_in_a_project_that_is_not_trusted(project: Path, tmp_path: Path) -> None:
    set_trust(project, False)
    with pytest.raises(TrustError, match=r"fractions\.Fraction"):
        attempt(project, "a: {_target_: fractions.Fraction}\n", "a")
    with pytest.raises(ConfigError):
        attempt(project, "defaults:\n  - nope\n", "a")
    assert list((tmp_path / "temporary").iterdir()) == []
