"""A run that is deleted is deleted in Dagster too, as soon as its database can be had, and nobody waits for that."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from dagster import DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.storage.tags import PARENT_RUN_ID_TAG
from typer.testing import CliRunner

from niceml_engine.cli import app, queue
from niceml_engine.errors import RunError
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.runs import DeleteRun, QueueChanged
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.deleting import BUSY, delete
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import WORKER, wait_for_exit
from niceml_engine.runs.untold import noted, tell
from tests.engine.projects import write_own
from tests.engine.runs.test_leftovers import QUICK, started
from tests.engine.runs.test_worker import ended
from tests.engine.service.client import Client
from tests.waiting import wait_until


def finished(project: Path) -> RunFolder:
    queue, run = started(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    return run


def known(project: Path, run: str) -> list[str]:
    """Dagster's ids of a run of ours."""
    with open_instance(project) as instance:
        return [one.run_id for one in instance.get_runs(filters=RunsFilter(tags={"niceml/run": run}))]


def test_what_dagster_has_recorded_of_a_deleted_run_goes_too(tmp_path: Path) -> None:
    project = write_own(tmp_path, QUICK)
    first, other = finished(project), finished(project)
    (recorded,) = known(project, first.id)
    files = project / ".niceml" / "dagster" / "history" / "runs"
    assert list(files.glob(f"{recorded}*"))
    begun_there = DagsterRun("job_data_generation", str(uuid4()), status=DagsterRunStatus.STARTED)
    begun_there = begun_there.with_tags({"niceml/run": first.id, PARENT_RUN_ID_TAG: recorded})
    with open_instance(project) as instance:
        instance.add_run(begun_there)

    delete(first)
    assert not first.path.exists()
    said = tell(project, 120)
    assert said == (f"{first.id} is deleted; what was begun from it in Dagster goes on and stays: {begun_there.run_id}")
    assert known(project, first.id) == [begun_there.run_id]
    assert not list(files.glob(f"{recorded}*"))
    assert len(known(project, other.id)) == 1
    assert tell(project) == ""


def test_a_database_that_another_program_holds_keeps_nobody_from_deleting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_own(tmp_path, QUICK)
    run = finished(project)
    monkeypatch.chdir(project)
    monkeypatch.setattr(queue, "FORGET_SECONDS", 0.1)
    with closing(sqlite3.connect(project / ".niceml" / "dagster" / "history" / "runs.db")) as connection:
        connection.execute("begin exclusive")
        done = CliRunner().invoke(app, ["runs", "delete", run.id])
        assert (done.exit_code, done.stderr.strip()) == (0, BUSY)
        workers = [one for one in psutil.Process().children() if WORKER[-1] in one.cmdline()]
        assert workers == [], "nobody would read what a worker said that is still at work"
        assert not run.path.exists()
        assert [note.name for note in noted(project, "deleted")] == [run.id]
    wait_until(lambda: tell(project) == "")
    assert known(project, run.id) == []


def test_a_run_that_cannot_be_deleted_stays_and_it_is_said_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_own(tmp_path, QUICK)
    run = finished(project)
    unlink = os.unlink

    def refuse(path: str, **how: int) -> None:
        if str(path).endswith("spec.json"):
            raise PermissionError(13, "Permission denied", path)
        unlink(path, **how)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        with pytest.raises(RunError, match=f"{run.id} cannot be deleted: you have no right to"):
            delete(run)
    assert run.path.exists()
    assert noted(project, "deleted") == [], "Dagster knows it as long as it is there"
    assert len(known(project, run.id)) == 1
    delete(run)
    assert not run.path.exists()


def test_the_service_says_that_dagsters_record_stays_without_calling_the_queue_stuck(tmp_path: Path) -> None:
    project = write_own(tmp_path, QUICK)
    run = finished(project)
    client = Client()
    client.ask(OpenProject(str(project)))
    with closing(sqlite3.connect(project / ".niceml" / "dagster" / "history" / "runs.db")) as connection:
        connection.execute("begin exclusive")
        client.ask(DeleteRun(run.id))
        news = client.wait_for(lambda one: isinstance(one, QueueChanged) and bool(one.queue.notice), 120)
        assert isinstance(news, QueueChanged)
        assert (news.queue.notice, news.queue.problem) == (
            f"{run.id} is deleted; Dagster's record of it stays for now: another process has locked its database",
            "",
        )
    assert client.close() == 0


def test_the_service_deletes_runs_in_dagster_too(tmp_path: Path) -> None:
    project = write_own(tmp_path, QUICK)
    runs = [finished(project), finished(project)]
    client = Client()
    client.ask(OpenProject(str(project)))
    for run in runs:
        client.ask(DeleteRun(run.id))
    wait_until(lambda: not noted(project, "deleted"))
    assert [known(project, run.id) for run in runs] == [[], []]
    assert client.close() == 0
