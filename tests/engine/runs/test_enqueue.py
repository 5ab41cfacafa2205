"""What gets into the queue, and what is refused at its door."""

import subprocess
from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.runs.continuing import repeat_all
from niceml_engine.runs.enqueue import enqueue, enqueue_all
from niceml_engine.runs.folder import all_runs
from niceml_engine.runs.queue import Queue
from niceml_engine.values import RunSettings, Selection
from tests.engine.projects import GENERATION, compose, copy_project, enqueue_job


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def write(project: Path, text: str) -> Selection:
    file = project / "configs" / "jobs" / "job_train" / "mine.yaml"
    file.write_text(text)
    return Selection(str(file))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("epochs: ???\n", "epochs"),
        ("home: ${oc.env:NO_SUCH_VARIABLE_HERE}\n", "NO_SUCH_VARIABLE_HERE"),
        ("defaults:\n  - /shared/datasets: ???\nhydra:\n  searchpath: [file://configs]\n", "shared/datasets"),
        ("a: [1\n", "mine.yaml"),
    ],
)
def test_an_incomplete_config_is_refused(project: Path, text: str, says: str) -> None:
    composed = Composer(Setting(project)).compose(write(project, text))
    with pytest.raises(ConfigError, match=says):
        enqueue(project, composed, RunSettings())
    assert all_runs(project) == []


def test_a_config_of_no_job_is_refused_unless_one_is_named(project: Path) -> None:
    file = project / "other.yaml"
    file.write_text("a: 1\n")
    composed = Composer(Setting(project)).compose(Selection(str(file)))
    with pytest.raises(RunError, match="--job"):
        enqueue(project, composed, RunSettings())
    assert enqueue(project, composed, RunSettings(), "job_train").spec().dagster_job == "job_train"


def test_a_run_keeps_what_it_was_made_from(project: Path) -> None:
    composed = compose(project, GENERATION, "ops.data_generation.config.generator.seed=3")
    spec = enqueue(project, composed, RunSettings(threads=2)).spec()
    assert spec.config == composed.yaml
    assert spec.digest == composed.digest
    assert spec.selection == composed.selection
    assert spec.settings.threads == 2


def test_the_projects_own_interpreter_runs_the_worker(project: Path) -> None:
    (project / ".niceml" / "project.yaml").write_text("python: /no/such/python\n")
    run = enqueue_job(project, GENERATION)
    assert run.spec().settings.python == "/no/such/python"
    with pytest.raises(RunError, match="/no/such/python"):
        Queue(project).advance()
    assert run.state().status == "failed"
    assert "/no/such/python" in run.state().message


def test_a_project_whose_folder_cannot_be_written_says_so(project: Path) -> None:
    composed = compose(project, GENERATION)
    (project / ".niceml" / "runs").write_text("in the way")
    with pytest.raises(RunError, match="cannot write"):
        enqueue(project, composed, RunSettings())


@pytest.mark.parametrize(
    ("settings", "job", "says"),
    [
        (RunSettings(device="banana"), "", "banana"),
        (RunSettings(threads=-1), "", "threads"),
        (RunSettings(), "job_nope", "job_train"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(project: Path, settings: RunSettings, job: str, says: str) -> None:
    with pytest.raises(RunError, match=says):
        enqueue(project, compose(project, GENERATION), settings, job)
    assert all_runs(project) == []


def test_all_runs_of_a_sweep_are_queued_as_one_group_or_none(project: Path) -> None:
    composer = Composer(Setting(project))
    generator = "ops.data_generation.config.generator"
    swept = Selection(str(project / GENERATION), (f"{generator}.seed=1,2", f"{generator}.width=128"))
    runs = enqueue_all(project, composer, swept, RunSettings())
    assert [run.spec().selection.overrides for run in all_runs(project)] == [
        (f"{generator}.seed=1", f"{generator}.width=128"),
        (f"{generator}.seed=2", f"{generator}.width=128"),
    ]
    (group,) = {run.spec().group for run in runs}
    assert group.startswith("seed ")
    assert {run.first_state().group for run in runs} == {group}
    broken = Selection(swept.job, (f"{generator}.seed=1,???",))
    with pytest.raises(ConfigError, match="seed"):
        enqueue_all(project, composer, broken, RunSettings())
    assert len(all_runs(project)) == 2
    again = repeat_all([run.spec() for run in runs], RunSettings())
    assert [run.spec().selection for run in again] == [run.spec().selection for run in runs]
    (other,) = {run.spec().group for run in again}
    assert other.startswith("seed ")
    assert other != group
    (single,) = enqueue_all(project, composer, Selection(swept.job), RunSettings())
    assert single.spec().group == ""


def test_git_sees_nothing_that_runs_leave_in_a_project_but_what_a_person_says(project: Path) -> None:
    (project / ".niceml").mkdir(exist_ok=True)
    (project / ".niceml/project.yaml").write_text("version_base: '1.3'\n")
    enqueue_job(project, GENERATION)
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    words = ["git", "status", "--porcelain", "--untracked-files=all", ".niceml"]
    seen = subprocess.run(words, cwd=project, check=True, capture_output=True, text=True)
    assert seen.stdout == "?? .niceml/project.yaml\n"
