"""The disk is full while a run goes on: it stops or continues, as the project says, and the queue is as it was."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from rich.console import Console
from typer.testing import CliRunner

from niceml_engine.cli import app, runs
from niceml_engine.errors import ProjectError
from niceml_engine.events import Event, Log, Metrics, Missing, RunEnded, RunStarted, Unsaved
from niceml_engine.protocol.frames import News
from niceml_engine.protocol.runs import RunChanged
from niceml_engine.runs.fold import fold
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import end_of, state_of, wait_for_exit
from niceml_engine.runs.queue import Queue, read_settings, write_settings
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.service.watcher import Watcher
from niceml_engine.short import missing, named
from niceml_engine.values import QueueSettings, RunState
from tests.engine.projects import CURVE, dead_run, enqueue_job, write_curve, write_own
from tests.engine.runs.test_leftovers import QUICK
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

#: Twelve steps; from the fifth on the stream lies on a device that is full, until there is room again.
FILLS = """\
import os

from lib.curve import Curve


class Own(Curve):
    def __init__(self, steps: int, pause: float) -> None:
        super().__init__(12, 0.0)

    def files(self, index: int) -> dict[str, bytes]:
        if index == 4:
            (self.stream,) = (fd for fd in range(3, 256) if path_of(fd).endswith("events.jsonl"))
            self.room = os.dup(self.stream)
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, self.stream)
            os.close(full)
        if index == AGAIN:
            os.dup2(self.room, self.stream)
        return super().files(index)


def path_of(fd: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""
"""


FULL = "the disk is full; make room, or choose another place"


def run_on_full_disk(root: Path, wish: str, again: int | None = None) -> RunFolder:
    """Runs until it ends; there is room once more from a step on, counted from 0, or never."""
    write_own(root, FILLS.replace("AGAIN", repr(again)))
    if wish:
        (root / ".niceml" / "project.yaml").write_text(f"full_disk: {wish}\n")
    run, queue = enqueue_job(root, CURVE), Queue(root)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    return run


def steps(run: RunFolder) -> list[int]:
    return [row.step for row in StreamReader(run.stream).read() if isinstance(row, Metrics)]


def test_a_run_stops_with_a_clear_error_once_it_cannot_write_what_it_measures(tmp_path: Path) -> None:
    run = run_on_full_disk(tmp_path, "")
    state = run.state()
    assert state.status == "failed"
    # Whether the op is named is up to who comes first, it or the row that tells what the process takes.
    said = state.message.removeprefix("data_generation: ")
    assert said == f"cannot write {run.stream}: the disk is full; make room, or choose another place"
    assert steps(run) == [1, 2, 3, 4]
    assert dagster_status(tmp_path, run) == "FAILURE"


def test_a_run_continues_where_the_project_says_so_and_tells_how_many_rows_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_on_full_disk(tmp_path, "continue", again=8)
    assert run.state().status == "succeeded", run.state().message
    assert steps(run) == [1, 2, 3, 4, 9, 10, 11, 12]
    rows = StreamReader(run.stream).read()
    (said,) = (row for row in rows if isinstance(row, Missing))
    assert said.in_words() == f"the disk was full; {said.rows} rows of this run are missing here"
    assert run.state().missing == said.rows >= 4
    monkeypatch.chdir(tmp_path)
    listed = CliRunner().invoke(app, ["runs", "list"]).stdout
    assert listed.endswith(f"  {said.rows} rows are missing\n")
    assert isinstance(rows[-1], RunEnded)
    assert "rows are lost from here on" in run.output(4000)[1]


def test_checkpoints_for_which_there_was_no_room_are_named_in_the_stream_once_there_is(tmp_path: Path) -> None:
    own: list[Event] = []
    with closing(StreamWriter(tmp_path / "s", own.append, lossy=True)) as writer:
        state = fold(RunState("r", "", "running", ""), [writer.emit(RunStarted(pid=1))])
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            lost = [Log(text="lost"), Unsaved(epoch=2, why=FULL), Unsaved(epoch=3, why=FULL), Log(text="lost")]
            state = fold(state, [writer.emit(event) for event in lost])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        state = fold(state, [writer.emit(RunEnded(status="succeeded")), *own])
    rows = StreamReader(tmp_path / "s").read()
    assert [type(row) for row in rows] == [RunStarted, Missing, Unsaved, Unsaved, RunEnded]
    assert [row.in_words() for row in rows if isinstance(row, Unsaved | Missing)] == [
        "the disk was full; 4 rows of this run are missing here",
        f"the checkpoint of epoch 2 is not saved: {FULL}",
        f"the checkpoint of epoch 3 is not saved: {FULL}",
    ]
    assert (state.unsaved, state.missing) == ((2, 3), 4)
    assert fold(RunState("r", "", "running", ""), rows).unsaved == (2, 3)


@pytest.mark.parametrize(
    ("rows", "epochs", "said"),
    [
        (0, (), ""),
        (1, (), "1 row is missing"),
        (1200, (), "1,200 rows are missing"),
        (0, (4,), "the checkpoint of epoch 4 is missing"),
        (138, (2, 3, 4), "138 rows and the checkpoints of epochs 2, 3 and 4 are missing"),
    ],
)
def test_what_is_missing_is_named(rows: int, epochs: tuple[int, ...], said: str) -> None:
    assert missing(RunState("r", "", "succeeded", "", missing=rows, unsaved=epochs)) == said


@pytest.mark.parametrize(("mode", "loses"), [("continue", True), ("stop", False)])
def test_a_run_that_goes_on_without_room_is_told_of_while_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, loses: bool
) -> None:
    write_curve(tmp_path)
    (tmp_path / ".niceml" / "project.yaml").write_text(f"full_disk: {mode}\n")
    run = enqueue_job(tmp_path, CURVE)
    run.claim()
    run.set_worker(os.getpid())
    told: list[bool] = []

    def note(news: News) -> None:
        if isinstance(news, RunChanged):
            told.append(news.state.no_room)

    with closing(StreamWriter(run.stream)) as writer, closing(Watcher(tmp_path, (), note, {}, still=True)) as watcher:
        writer.emit(RunStarted(pid=1))
        assert not watcher.look(run).no_room
        with monkeypatch.context() as full:
            full.setattr(shutil, "disk_usage", lambda _: Mock(free=0))
            assert watcher.look(run).no_room == loses
        assert not watcher.look(run).no_room
    assert told == ([False, True, False] if loses else [False])


def test_who_follows_is_told_that_the_disk_is_full_while_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_curve(tmp_path)
    (tmp_path / ".niceml" / "project.yaml").write_text("full_disk: continue\n")
    run = enqueue_job(tmp_path, CURVE)
    run.claim()
    run.set_worker(os.getpid())
    writer, free = StreamWriter(run.stream), iter([1 << 30, 0, 0, 1 << 30])

    def room(_: Path) -> Mock:
        left = next(free, None)
        if left is None and run.final_state() is None:
            writer.emit(Unsaved(epoch=2, why=FULL))
            writer.emit(RunEnded(status="succeeded"))
            run.write_final_state(run.state())
        return Mock(free=1 << 30 if left is None else left)

    monkeypatch.setattr(shutil, "disk_usage", room)
    monkeypatch.setattr(runs, "wait_for_exit", lambda _: None)
    with closing(writer):
        assert runs.follow(run, Queue(tmp_path), Console(width=500)) == "succeeded"
    assert [line.strip() for line in capsys.readouterr().out.splitlines()][1:5] == [
        "warning: the disk is full; the run goes on, and what it measures and saves is lost until there is room",
        "there is room on the disk again",
        f"warning: the checkpoint of epoch 2 is not saved: {FULL}",
        "warning: the checkpoint of epoch 2 is missing",
    ]


def test_another_wish_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(
        ProjectError, match=r"project.yaml:1: full_disk: it cannot be wait; it is one of stop, continue"
    ):
        run_on_full_disk(tmp_path, "wait")


NO_ROOM = """\
import resource, sys
from niceml_engine.errors import RunError
from niceml_engine.runs.queue import write_settings
from niceml_engine.values import QueueSettings
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))  # what a full disk does, without one
try:
    write_settings(sys.argv[1], QueueSettings(limit=7, paused=True))
except RunError as error:
    print(error)
"""


def test_settings_of_the_queue_that_cannot_be_written_are_said_and_those_before_stay(tmp_path: Path) -> None:
    write_settings(tmp_path, QueueSettings(limit=3))
    said = subprocess.run([sys.executable, "-c", NO_ROOM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "cannot write" in said.stdout
    assert "queue.json" in said.stdout
    assert read_settings(tmp_path) == QueueSettings(limit=3)


FOLLOW = """\
import resource, sys
from rich.console import Console
from niceml_engine.cli.runs import follow
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.queue import Queue
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
print(follow(RunFolder(sys.argv[2]), Queue(sys.argv[1]), Console(width=500)))
"""


def test_a_run_whose_worker_could_not_even_note_its_end_has_failed_for_whoever_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_curve(tmp_path))
    run, pid = dead_run(tmp_path)
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=pid))
    (run.path / "stderr.log").write_text(f"cannot write {run.stream}: {FULL}\n")

    command = [sys.executable, "-c", FOLLOW, str(tmp_path), str(run.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "failed"
    reason = f"the disk is full: cannot write {run.stream}"
    assert said.stderr.startswith(f"error: {reason}; this cannot be noted: ")
    assert said.stderr.splitlines()[1].startswith("  what to try: make room, or choose another place: runs lie in ")
    assert run.final_state() is None
    told = state_of(run)
    assert told.status == "failed"
    advice = (
        "make room, or choose another place: runs lie in their project, experiments where "
        f"`globals.experiment_location` says; the disk is that of {run.path.parent}"
    )
    assert told.advice.startswith(f"{advice}; ")
    assert told.advice.endswith(" MB of it are free")
    assert told.ended >= told.created > 0
    listed = CliRunner().invoke(app, ["runs", "list"]).stdout
    assert " failed " in listed
    assert listed.endswith(f"  {reason}\n")

    (run.path / "stderr.log").write_text("")  # for which there was no room either
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: Mock(free=0))
        end = end_of(run)
        assert state_of(run).advice == f"{advice}; 0.0 MB of it are free"
    assert end.message == "the disk is full, and the worker ended without a word"
    assert end.advice == advice, "what is written down does not say what was free then"
    (run.path / "stderr.log").write_text(f"cannot write {run.stream}: {FULL}\n")

    Queue(tmp_path).advance()  # there is room again
    assert (run.state().status, run.state().message) == ("failed", reason)
    assert CliRunner().invoke(app, ["runs", "delete", run.id]).exit_code == 0
    assert not run.path.exists()


def test_the_end_of_a_run_is_when_its_worker_died_however_late_that_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_own(tmp_path, QUICK))
    run, pid = dead_run(tmp_path)
    died = run.spec().created - 3600
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=pid, time=died - 20))
    (run.path / "stderr.log").write_text(f"cannot write {run.stream}: {FULL}\n")
    for name in ("events.jsonl", "stderr.log"):
        os.utime(run.path / name, (died, died))
    os.utime(run.path / "stderr.log", (died + 9, died + 9))

    assert state_of(run).ended == pytest.approx(died + 9)
    command = [sys.executable, "-m", "niceml_engine", "run", CURVE]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.stderr == ""
    assert said.returncode == 0
    assert "running" not in said.stdout.splitlines()[0]
    assert f"as {named(run.state())}: failed" in said.stdout.splitlines()[0]
    assert "waits for" not in said.stdout
    state = run.final_state()
    assert state is not None
    assert (state.ended, state.lasted(time.time())) == (pytest.approx(died + 9), pytest.approx(29))
    assert "MB" not in StreamReader(run.stream).read()[-1].advice


def test_an_end_that_is_noted_when_there_is_room_again_is_that_which_was_found_before(tmp_path: Path) -> None:
    write_curve(tmp_path)
    run, pid = dead_run(tmp_path)
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=pid))
    (run.path / "stderr.log").write_text(f"cannot write {run.stream}: {FULL}\n")
    queue = Queue(tmp_path)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert [one.id for one in queue.advance()] == [run.id]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert (run.final_state(), list(queue.unwritten)) == (None, [run.id])
    (run.path / "stderr.log").write_text("")
    assert [one.id for one in queue.advance()] == [run.id]
    state = run.final_state()
    assert state is not None
    assert state.message == f"the disk is full: cannot write {run.stream}"
    assert not queue.unwritten
    wait_for_exit(run)
