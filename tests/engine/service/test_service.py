"""The service as the window knows it: a process that speaks frames."""

import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from niceml_engine.events import Tried, metrics
from niceml_engine.protocol.configs import Compose, FilesChanged, ListFolder, OpenProject, ReadFile, Scan
from niceml_engine.protocol.earlier import LookBack, changes
from niceml_engine.protocol.project import ChangeSetting, ReadEnvironment
from niceml_engine.protocol.runs import (
    ChangeQueue,
    ListExperiments,
    ListRuns,
    Logger,
    ReadLoggers,
    RepeatRuns,
    RunRows,
    StartRun,
    WatchRun,
)
from niceml_engine.protocol.trials import StartTrial, StopTrial, TrialRows
from niceml_engine.protocol.trust import AskTrust, SetTrust
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.queue import write_settings
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.runs.trust import is_trusted, set_trust
from niceml_engine.values import QueueSettings, RunSpec, Selection, Trial
from tests.engine.projects import GENERATION, copy_project, enqueue_job
from tests.engine.service.client import Client, RefusedError

SEED = "ops.data_generation.config.generator.seed"
JOB = """\
# a small job
defaults:
  - db: mysql
  - _self_
epochs: 3
secret: ${oc.env:HOME}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "configs" / "db").mkdir(parents=True)
    (tmp_path / "configs" / "main.yaml").write_text(JOB)
    (tmp_path / "configs" / "db" / "mysql.yaml").write_text("name: mysql\n")
    (tmp_path / "configs" / "db" / "sqlite.yaml").write_text("name: sqlite\n")
    return tmp_path


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    assert client.close() == 0


def test_a_project_is_opened_and_composed(client: Client, project: Path) -> None:
    opened = client.ask(OpenProject(str(project)))
    assert opened.root == str(project)
    assert {option.id for option in opened.tree.options} >= {"db/mysql", "db/sqlite"}
    job = str(project / "configs" / "main.yaml")
    composed = client.ask(Compose(Selection(job, ("db=sqlite", "epochs=5"))))
    assert composed.error is None
    assert "name: sqlite" in composed.yaml
    assert {leaf.key: leaf.value for leaf in composed.leaves}["epochs"] == 5


def test_it_is_told_in_what_a_selection_differs_from_a_run(client: Client, tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_settings(project, QueueSettings(paused=True))
    run = enqueue_job(project, GENERATION, f"{SEED}=4")
    client.ask(OpenProject(str(project)))
    earlier = client.ask(LookBack(Selection(str(project / GENERATION), (f"{SEED}=7",)), run.id))
    assert (earlier.wanted.run, changes(earlier.wanted)) == (run.id, "seed 4 → 7")
    assert earlier.wanted.unlike == {SEED.split(".")[1]: SEED}
    assert client.ask(LookBack(Selection(str(project / GENERATION)))).wanted is None


def test_the_env_of_a_project_counts_in_it_and_not_in_the_next(client: Client, project: Path) -> None:
    (project / "configs" / "main.yaml").write_text("name: ${oc.env:NAME_OF_MINE,nobody}\n")
    job = str(project / "configs" / "main.yaml")
    for text, expected in (("NAME_OF_MINE=me\n", "me"), ("", "nobody")):
        (project / ".env").write_text(text)
        client.ask(OpenProject(str(project)))
        composed = client.ask(Compose(Selection(job)))
        assert composed.leaves[0].resolved == expected
        assert composed.leaves[0].value == "${oc.env:NAME_OF_MINE,nobody}"


def test_several_runs_are_run_again_as_one_sweep(client: Client, tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    client.ask(OpenProject(str(project)))
    client.ask(ChangeQueue(QueueSettings(paused=True, spare=False)))
    selections = tuple(Selection(str(project / GENERATION), (f"{SEED}={seed}",)) for seed in (3, 1))
    runs = tuple(client.ask(StartRun(one)).id for one in selections)
    first = client.ask(RepeatRuns(runs))
    states = [state for state in client.ask(ListRuns()) if state.id not in runs]
    assert {state.group for state in states} == {first.group}
    assert first.group
    assert [state.overrides for state in sorted(states, key=lambda state: state.id)] == [
        selection.overrides for selection in selections
    ]


def test_an_edited_env_counts_at_once_and_the_window_is_told(client: Client, project: Path) -> None:
    job = project / "configs" / "main.yaml"
    job.write_text("name: ${oc.env:NAME_OF_MINE,nobody}\n")
    client.ask(OpenProject(str(project)))

    def name() -> object:
        return client.ask(Compose(Selection(str(job)))).leaves[0].resolved

    assert name() == "nobody"
    env = project / ".env"
    for text, found in (("NAME_OF_MINE=me\n", "me"), ("NAME_OF_MINE=you, at last\n", "you, at last")):
        env.write_text(text)
        client.wait_for(lambda news: isinstance(news, FilesChanged) and news.files == (str(env),))
        assert name() == found
    env.unlink()
    client.wait_for(lambda news: isinstance(news, FilesChanged) and news.files == (str(env),))
    assert name() == "nobody"


def test_asking_before_opening_says_what_to_do(client: Client) -> None:
    with pytest.raises(RefusedError, match="open a folder"):
        client.ask(ListRuns())


def test_what_is_asked_while_a_project_is_being_opened_is_asked_of_it(client: Client, project: Path) -> None:
    numbers = [client.send(OpenProject(str(project))), *(client.send(ListRuns()) for _ in range(8))]
    answers = [client.answer() for _ in numbers]
    assert sorted(answer.id for answer in answers) == numbers
    assert [answer.error for answer in answers if answer.error is not None] == []


def test_the_folders_of_the_machine_are_listed_before_a_project_is_open(client: Client, project: Path) -> None:
    folder = project / "configs"
    listing = client.ask(ListFolder(str(folder)))
    assert (listing.path, listing.file, listing.exists) == (str(folder), "", True)
    assert [(entry.name, entry.folder) for entry in listing.entries] == [("db", True), ("main.yaml", False)]
    listing = client.ask(ListFolder(str(folder / "new.yaml")))
    assert (listing.path, listing.file, listing.exists) == (str(folder), "new.yaml", False)
    assert client.ask(ListFolder("~")).path == os.path.expanduser("~")
    with pytest.raises(RefusedError, match="nowhere cannot be read: it is not there"):
        client.ask(ListFolder(str(folder / "nowhere" / "x.yaml")))


def test_an_older_compose_is_superseded(client: Client, project: Path) -> None:
    job = str(project / "configs" / "main.yaml")
    client.ask(OpenProject(str(project)))
    frames = [Compose(Selection(job, (f"epochs={number}",))) for number in range(30)]
    numbers = [client.send(frame) for frame in frames]
    answers = {answer.id: answer for answer in (client.answer() for _ in numbers)}
    assert answers[numbers[-1]].error is None
    superseded = [answer for answer in answers.values() if answer.error is not None]
    assert superseded
    assert all(answer.error is not None and "superseded" in answer.error.message for answer in superseded)


def test_changed_files_are_news(client: Client, project: Path) -> None:
    client.ask(OpenProject(str(project)))
    changed = project / "configs" / "db" / "mysql.yaml"
    # The watcher of files may still be starting: write until it speaks.
    for number in range(50):
        changed.write_text(f"name: mysql{number}\n")
        try:
            news = client.wait_for(lambda news: isinstance(news, FilesChanged), timeout=1)
        except Exception:
            continue
        break
    assert isinstance(news, FilesChanged)
    assert str(changed) in news.files


def listen(client: Client, file: Path) -> None:
    """Returns when the watcher of files, which may still be starting, tells of a file that is written."""
    for number in range(50):
        file.write_text(f"{file.read_text()}# {number}\n")
        try:
            client.wait_for(lambda news: isinstance(news, FilesChanged) and str(file) in news.files, timeout=1)
        except queue.Empty:
            continue
        return


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("configs/db", "configs/database"),
        ("configs/db", "elsewhere/db"),
        ("elsewhere/more", "configs/more"),
        ("configs", "configs_"),
    ],
)
def test_folders_that_move_are_news(client: Client, project: Path, before: str, after: str) -> None:
    (project / "elsewhere" / "more").mkdir(parents=True)
    (project / "elsewhere" / "more" / "a.yaml").write_text("a: 1\n")
    client.ask(OpenProject(str(project)))
    listen(client, project / "configs" / "main.yaml")
    moved = {str(project / path) for path in (before, after)}
    for one, other in ((before, after), (after, before)):  # back again, too
        (project / one).rename(project / other)
        client.wait_for(lambda news: isinstance(news, FilesChanged) and bool(moved & {*news.files}))


def test_who_may_read_along_is_told_with_what_is_missing_once_the_project_is_trusted(
    client: Client, project: Path, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    (project / ".niceml").mkdir(exist_ok=True)
    (project / ".niceml" / "project.yaml").write_text(f"python: {python}\nlog_to: mlflow\n")
    client.ask(OpenProject(str(project)))
    assert client.ask(ReadLoggers()) == (Logger("tensorboard", False), Logger("mlflow", True))
    client.ask(SetTrust(True))
    found = client.ask(ReadLoggers())
    assert [one.problem.partition(" in ")[0] for one in found] == [
        "tensorboard is not installed",
        "mlflow is not installed",
    ]


def test_python_that_makes_configs_is_watched(client: Client, project: Path) -> None:
    code = project / "stored.py"
    store = "ConfigStore.instance().store(name='made', node={'a': 1})\n"
    code.write_text("from hydra.core.config_store import ConfigStore\n" + store)
    client.ask(OpenProject(str(project)))
    code.write_text(code.read_text().replace("1", "22"))
    news = client.wait_for(lambda news: isinstance(news, FilesChanged))
    assert isinstance(news, FilesChanged)
    assert news.files == (str(code),)


def test_python_that_comes_to_make_configs_changes_or_goes_is_noticed(client: Client, project: Path) -> None:
    def told(file: Path) -> None:
        client.wait_for(lambda news: isinstance(news, FilesChanged) and news.files == (str(file),))

    def groups() -> set[str]:
        return {option.id for option in client.ask(Scan()).options if option.python}

    package = project / "src" / "pk"
    package.mkdir(parents=True)
    (package / "plain.py").write_text("x = 1\n")
    client.ask(OpenProject(str(project)))
    new = package / "deeper" / "stored.py"
    new.parent.mkdir()
    (package / "deeper" / "other.py").write_text("y = 1\n")
    (package / "plain.py").write_text("x = 1234\n")  # of these two, nobody needs to know
    store = (
        "from hydra.core.config_store import ConfigStore\nConfigStore.instance().store(name='made', node={'a': 1})\n"
    )
    new.write_text(store)
    told(new)
    assert groups() == {"made"}
    new.write_text(store.replace("made", "another"))
    told(new)
    assert groups() == {"another"}
    (package / "plain.py").write_text(store)
    told(package / "plain.py")
    assert groups() == {"another", "made"}
    new.unlink()
    told(new)
    assert groups() == {"made"}


def test_what_python_that_makes_configs_imports_is_watched(client: Client, project: Path) -> None:
    code = "import hydra_schemas\nfrom hydra.core.config_store import ConfigStore\n"
    (project / "stored.py").write_text(code + "ConfigStore.instance().store(name='made', node=hydra_schemas.A)\n")
    schema = project / "hydra_schemas.py"
    schema.write_text("import dataclasses\n@dataclasses.dataclass\nclass A:\n    a: int = 1\n")
    client.ask(OpenProject(str(project)))
    schema.write_text(schema.read_text().replace("1", "22"))
    news = client.wait_for(lambda news: isinstance(news, FilesChanged))
    assert isinstance(news, FilesChanged)
    assert news.files == (str(schema),)


def test_a_file_is_read_with_its_digest_or_refused(client: Client, project: Path) -> None:
    client.ask(OpenProject(str(project)))
    text = client.ask(ReadFile(str(project / "configs" / "main.yaml")))
    assert text.text == JOB
    assert len(text.digest) == 64
    (project / "binary.yaml").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(RefusedError, match="not a text file"):
        client.ask(ReadFile(str(project / "binary.yaml")))
    assert client.ask(ReadFile(str(project / "none.yaml"))).gone
    with pytest.raises(RefusedError, match="cannot be read"):
        client.ask(ReadFile(str(project)))


def test_an_incomplete_config_is_not_started(client: Client, project: Path) -> None:
    (project / "configs" / "main.yaml").write_text("defaults:\n  - db: ???\n  - _self_\n")
    client.ask(OpenProject(str(project)))
    with pytest.raises(RefusedError, match="db"):
        client.ask(StartRun(Selection(str(project / "configs" / "main.yaml"))))
    assert client.ask(ListRuns()) == ()


def test_the_service_loads_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys, niceml_engine.service.server; "
        "print([name for name in ('tensorflow', 'keras', 'dagster', 'pandas', 'PySide6') if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert output.stdout.strip() == "[]"


def test_a_changed_setting_opens_the_project_again_and_counts_at_once(client: Client, project: Path) -> None:
    main = project / "configs" / "main.yaml"
    main.write_text("hydra:\n  searchpath: ['file://db_of_mine']\n" + JOB)
    (project / "more" / "db_of_mine" / "db").mkdir(parents=True)
    (project / "more" / "db_of_mine" / "db" / "lite.yaml").write_text("name: lite\n")
    client.ask(OpenProject(str(project)))
    assert client.ask(Compose(Selection(str(main), ("db=lite",)))).error is not None
    changed = client.ask(ChangeSetting("working_dir", ("more",)))
    assert {setting.name: setting.values for setting in changed.settings}["working_dir"] == ("more",)
    assert client.ask(Compose(Selection(str(main), ("db=lite",)))).error is None
    with pytest.raises(RefusedError, match="no folder nope"):
        client.ask(ChangeSetting("working_dir", ("nope",)))
    client.ask(ChangeSetting("working_dir", ()))
    assert client.ask(Compose(Selection(str(main), ("db=lite",)))).error is not None


def test_the_environment_of_a_project_is_told(client: Client, project: Path) -> None:
    (project / ".env").write_text("NAME_OF_MINE=me\n")
    client.ask(OpenProject(str(project)))
    found = {variable.name: variable for variable in client.ask(ReadEnvironment()).variables}
    assert found["NAME_OF_MINE"].source == ".env"
    assert found["HOME"].source == "shell"
    assert found["HOME"].uses[0].line == 6


def test_a_project_that_nobody_trusts_runs_no_command_for_keys_of_a_bucket(client: Client, project: Path) -> None:
    ran = project / "was_here"
    (project / "aws.cfg").write_text(f"[profile own]\ncredential_process = /bin/sh -c 'touch {ran}; false'\n")
    (project / ".env").write_text(f"AWS_CONFIG_FILE={project}/aws.cfg\nAWS_PROFILE=own\n")
    main = project / "configs" / "main.yaml"
    place = "{uri: 's3://bucket/x', credentials: {endpoint_url: 'http://127.0.0.1:9'}}"
    main.write_text(f"globals:\n  experiment_location: {place}\n")
    request = ListExperiments(Selection(str(main)))
    client.ask(OpenProject(str(project)))
    with pytest.raises(RefusedError, match=r"s3://bucket/x is no folder here; .* once this project is trusted"):
        client.ask(request)
    assert not ran.exists()
    client.ask(SetTrust(True))
    with pytest.raises(RefusedError, match="cannot list"):
        client.ask(request)
    assert ran.exists()


def test_trust_is_asked_for_given_and_withdrawn(client: Client, project: Path) -> None:
    main = project / "configs" / "main.yaml"
    main.write_text("net:\n  _target_: keras.Model\n")
    selection = Selection(str(main))
    client.ask(OpenProject(str(project)))
    asked = client.ask(AskTrust(selection))
    assert (asked.trusted, [(one.name, one.file, one.line) for one in asked.foreign]) == (
        False,
        [("keras.Model", str(main), 2), (sys.executable, "", 0)],
    )
    assert asked.foreign[-1].kind == "interpreter"
    assert client.ask(SetTrust(True)).trusted
    assert client.ask(AskTrust(selection)).foreign == ()
    assert is_trusted(project)
    client.ask(SetTrust(False))
    assert not is_trusted(project)


def trial_rows(client: Client, id: str) -> Iterator[TrialRows]:
    """The rows of a trial until it has ended."""
    while True:
        rows = client.wait_for(lambda news: isinstance(news, TrialRows) and news.id == id)
        assert isinstance(rows, TrialRows)
        yield rows
        if rows.ended is not None:
            return


def test_a_trial_tells_what_comes_out_until_it_is_ended(client: Client, project: Path) -> None:
    main = project / "configs" / "main.yaml"
    main.write_text("a: {_target_: fractions.Fraction}\nb: {_target_: time.sleep, _args_: [600]}\n")
    set_trust(project, True)
    client.ask(OpenProject(str(project)))
    selection = Selection(str(main))
    client.ask(StartTrial("one", selection, Trial("a", ("a",))))
    rows = list(trial_rows(client, "one"))
    tried = [event for row in rows for event in row.events if isinstance(event, Tried)]
    assert [(one.name, one.status) for one in tried] == [("import", "succeeded"), ("a", "succeeded")]
    assert rows[-1].ended is not None
    assert rows[-1].ended.status == "succeeded"
    client.ask(StartTrial("two", selection, Trial("b", ("b",))))
    client.ask(StopTrial("two"))
    last = list(trial_rows(client, "two"))[-1].ended
    assert last is not None
    assert last.status == "stopped"
    assert client.ask(ListRuns()) == ()
    with pytest.raises(RefusedError, match="no job fits"):
        client.ask(StartTrial("three", selection, Trial("all")))


def test_what_a_run_measured_is_sent_as_columns_once_and_then_as_it_grows(client: Client, project: Path) -> None:
    folder = RunFolder(runs_folder(project) / "20260101T000000000-long")
    folder.path.mkdir(parents=True)
    spec = RunSpec(folder.id, str(project), Selection("main.yaml"), "job_train", "", "", 1.0)
    (folder.path / "spec.json").write_bytes(msgspec.json.encode(spec))
    folder.claim()
    folder.set_worker(os.getpid())
    writer = StreamWriter(folder.stream)
    for step in range(1, 5001):  # more than a block
        writer.emit(metrics("batch", step, 1, {"loss": float(step)}))
    client.ask(OpenProject(str(project)))
    client.ask(WatchRun(folder.id))
    seen: list[int] = []

    def read_to(last: int) -> None:
        while not seen or seen[-1] < last:
            news = client.wait_for(lambda news: isinstance(news, RunRows))
            assert isinstance(news, RunRows)
            assert news.rows.events == ()
            for columns in news.rows.columns:
                seen.extend(columns.steps.cast("q"))
                assert list(columns.named["loss"].values.cast("d")) == list(columns.steps.cast("q"))

    read_to(5000)
    writer.emit(metrics("batch", 5001, 1, {"loss": 5001.0}))
    read_to(5001)
    assert seen == list(range(1, 5002))
    writer.close()
