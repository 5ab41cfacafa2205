"""What happens to runs, and to whoever watches them, when their files are not as they should be."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from niceml_engine.events import DagsterEvent, Log, OpEnded, Phase, PhaseStarted, Progress, Resources, RunEnded
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.runs import ListRuns, Output, RunOutput, RunRemoved, RunRows, WatchRun
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import RowsReader, StreamReader, StreamWriter
from tests.engine.projects import CURVE, GENERATION, SMALL, copy_project, enqueue_job, write_curve
from tests.engine.service.client import Client
from tests.waiting import wait_until

LOUD = """\
import sys
from niceml_engine.data.generation import PrintedDigits


class Loud(PrintedDigits):
    def files(self, index):
        if index == 0:
            sys.stdout.write("x" * 10_000_000)  # and no end of line
            sys.stdout.flush()
        return super().files(index)
"""


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def ended(queue: Queue, run: RunFolder) -> bool:
    queue.advance()
    return run.final_state() is not None


def test_an_op_that_prints_ten_megabytes_without_an_end_of_line_goes_on_and_is_read_in_pieces(
    tmp_path: Path, client: Client
) -> None:
    project = copy_project(tmp_path)
    (project / "loud.py").write_text(LOUD)
    run = enqueue_job(project, GENERATION, *SMALL, "ops.data_generation.config.generator._target_=loud.Loud")
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    client.ask(OpenProject(str(project)))
    known, most = 0, 0
    while True:
        output = client.ask(RunOutput(run.id, known))
        assert isinstance(output, Output)
        assert output.stdout.start == known
        known += len(output.stdout.content)
        most = max(most, len(output.stdout.content))
        if known == output.stdout.size:
            break
    assert known >= 10_000_000
    assert most <= 1_000_000


def test_an_error_of_the_projects_own_code_names_its_line_its_class_and_what_to_try(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    (project / "sly.py").write_text(
        "from niceml_engine.data.generation import PrintedDigits\n\n\n"
        "class Sly(PrintedDigits):\n    def files(self, index):\n        import no_such_package\n"
    )
    run = enqueue_job(project, GENERATION, *SMALL, "ops.data_generation.config.generator._target_=sly.Sly")
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    (end,) = (row for row in StreamReader(run.stream).read() if isinstance(row, OpEnded))
    assert (end.status, end.error, end.code) == ("failed", "ModuleNotFoundError", "sly.py:6")
    assert end.key == "ops.data_generation.config.generator"  # which is set by what names its target
    assert end.override == "ops.data_generation.config.generator._target_=sly.Sly"
    assert "install no_such_package" in end.advice
    phases = [row for row in StreamReader(run.stream).read() if isinstance(row, Phase)]
    assert [(row.name, row.failed) for row in phases] == [("prepare", False), ("draw", True)]


def test_what_an_object_fails_of_is_told_with_the_override_above_it_and_its_key(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    (project / "half.py").write_text(
        "class Half:\n    def __init__(self, size):\n        self.size = size\n\n"
        "    def __len__(self):\n        return 1\n\n"
        "    def files(self, index):\n        return {'x.txt': bytes(self.size // 2)}\n"
    )
    own = "ops.data_generation.config.generator"
    run = enqueue_job(project, GENERATION, f"~{own}", f"+{own}={{_target_: half.Half, size: big}}")
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    (end,) = (row for row in StreamReader(run.stream).read() if isinstance(row, OpEnded))
    said = f"override +{own}={{…}}: {own}.size: TypeError: unsupported operand type(s) for //: 'str' and 'int'"
    assert (end.key, end.message, end.override) == (f"{own}.size", said, f"+{own}={{…}}")
    assert "of another type than the code wants" in end.advice
    assert run.state().message == f"data_generation: {said}"


def test_a_target_that_an_override_names_wrongly_is_told_with_that_override_and_the_nearest_name(
    tmp_path: Path,
) -> None:
    project = copy_project(tmp_path)
    override = "ops.data_generation.config.generator._target_=niceml_engine.data.generation.PrintedDigit"
    run = enqueue_job(project, GENERATION, *SMALL, override)
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    (end,) = (row for row in StreamReader(run.stream).read() if isinstance(row, OpEnded))
    assert (end.key, end.place, end.override) == (override.partition("=")[0], "", override)
    assert end.message == (
        f"override {override}: niceml_engine.data.generation.PrintedDigit cannot be found: "
        "niceml_engine.data.generation has no PrintedDigit"
    )
    assert (
        end.advice == "correct the name; the nearest to PrintedDigit in niceml_engine.data.generation is PrintedDigits"
    )


def test_a_worker_tells_of_phases_of_the_machine_and_of_what_dagster_noted(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    run = enqueue_job(project, GENERATION, *SMALL)
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    rows = StreamReader(run.stream).read()
    begun = [row.phase for row in rows if isinstance(row, PhaseStarted)]
    assert begun
    assert sorted(begun) == sorted(row.phase for row in rows if isinstance(row, Phase))
    assert [row.op for row in rows if isinstance(row, DagsterEvent) and row.kind == "STEP_SUCCESS"] == [
        row.op for row in rows if isinstance(row, OpEnded)
    ]
    (*_, last) = (row for row in rows if isinstance(row, Resources))
    assert last.memory > 10_000_000
    assert isinstance(rows[-1], RunEnded)


def test_a_run_whose_folder_is_deleted_while_it_is_watched_is_gone_and_all_else_goes_on(
    tmp_path: Path, client: Client
) -> None:
    project = write_curve(tmp_path)
    client.ask(OpenProject(str(project)))
    first, second = (enqueue_job(project, CURVE) for _ in range(2))
    client.ask(WatchRun(first.id))
    client.wait_for(lambda news: isinstance(news, RunRows) and bool(news.rows.columns))
    worker = first.worker()
    assert worker is not None
    wait_until(lambda: not first.path.exists() or bool(shutil.rmtree(first.path, ignore_errors=True)))
    client.wait_for(lambda news: isinstance(news, RunRemoved) and news.run == first.id)
    states = client.ask(ListRuns())
    assert [state.id for state in states] == [second.id]
    client.ask(WatchRun(second.id))
    client.wait_for(lambda news: isinstance(news, RunRows) and news.run == second.id and bool(news.rows.columns))
    wait_until(lambda: not psutil.pid_exists(worker.pid))  # nobody could stop it any more
    second.ask_to_stop()
    wait_until(lambda: second.final_state() is not None)


def test_a_stream_that_is_cut_while_it_is_read_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "s"
    writer, reader = StreamWriter(path), StreamReader(path)
    for number in range(100):
        writer.emit(Log(text=str(number)))
    assert len(reader.read()) == 100
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])  # in the middle of a line
    writer.emit(Log(text="lost with the rest of its line"))
    writer.emit(Log(text="after"))
    assert [row.text for row in reader.read() if isinstance(row, Log)] == ["after"]
    writer.close()


def test_rows_between_any_garbage_are_found_by_whoever_begins_late(tmp_path: Path) -> None:
    path, random_bytes = tmp_path / "s", random.Random(7)
    writer = StreamWriter(path)
    for number in range(6000):  # more than a block
        writer.emit(Progress(done=number))
        if number % 500 == 0:
            with path.open("ab") as file:
                file.write(random_bytes.randbytes(300) + b"\n")
    writer.close()
    reader, found = RowsReader(path), []
    while rows := reader.read():
        found += [row.done for row in rows.events if isinstance(row, Progress)]
    assert found == list(range(6000))
