"""Dagster's own web UI on the project's instance: our runs are there, with the right status, ops and events."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from niceml_engine.runs.dagster_home import home
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.trust import set_trust
from niceml_engine.values import RunSettings
from tests.engine.programs import write_program
from tests.engine.projects import ENDLESS, GENERATION, SMALL, compose, copy_project, enqueue_job
from tests.engine.runs.test_worker import begun, ended
from tests.engine.s3 import free_ports
from tests.waiting import wait_until

QUERY = """{
  runsOrError { ... on Runs { results { runId jobName status tags { key value } stepStats { stepKey status } } } }
  repositoriesOrError { ... on RepositoryConnection { nodes { jobs { name } } } }
}"""
LOG = """query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection {
  events { __typename ... on MessageEvent { message stepKey } }
} } }"""


@contextmanager
def web_ui(project: Path) -> Iterator[str]:
    """Starts Dagster's webserver on a project, and yields its address."""
    (port,) = free_ports(1)
    command = [str(Path(sys.executable).with_name("dagster-webserver")), "-m", "niceml_engine.jobs.definitions"]
    with (project / "web.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)],
            cwd=project,
            env={**os.environ, "DAGSTER_HOME": str(home(project))},
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ask(address: str, query: str, **variables: str) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def finished(project: Path, run: RunFolder) -> RunFolder:
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    return run


def stopped(project: Path) -> RunFolder:
    run, queue = enqueue_job(project, GENERATION, *ENDLESS), Queue(project)
    wait_until(lambda: begun(queue, run))
    run.ask_to_stop()
    return finished(project, run)


def killed(project: Path) -> RunFolder:
    run, queue = enqueue_job(project, GENERATION, *ENDLESS), Queue(project)
    wait_until(lambda: begun(queue, run))
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    return finished(project, run)


def test_runs_ops_events_and_jobs_are_seen_in_dagsters_web_ui(tmp_path: Path) -> None:
    root = tmp_path / "digits"
    root.mkdir()
    project = copy_project(root)
    script = write_program(tmp_path / "foreign")
    set_trust(project, True)
    done = finished(project, enqueue_job(project, GENERATION, *SMALL))
    given_up = stopped(project)
    dead = killed(project)
    program = compose(tmp_path / "foreign", "conf/config.yaml", "fails_at=1")
    failed = finished(project, enqueue(project, program, RunSettings(), script=str(script)))
    with web_ui(project) as address:
        wait_until(lambda: is_up(address), 90, "the web UI")
        data = ask(address, QUERY)
        runs = {
            tag["value"]: run
            for run in data["runsOrError"]["results"]
            for tag in run["tags"]
            if tag["key"] == "niceml/run"
        }
        events = {
            run.id: ask(address, LOG, run=runs[run.id]["runId"])["logsForRun"]["events"] for run in (done, dead, failed)
        }
    assert {run: (found["jobName"], found["status"]) for run, found in runs.items()} == {
        done.id: ("job_data_generation", "SUCCESS"),
        given_up.id: ("job_data_generation", "CANCELED"),
        dead.id: ("job_data_generation", "FAILURE"),
        failed.id: ("job_program", "FAILURE"),
    }
    steps = {run: {one["stepKey"]: one["status"] for one in found["stepStats"]} for run, found in runs.items()}
    assert steps[done.id] == dict.fromkeys(("data_generation", "data_split", "data_crop"), "SUCCESS")
    assert steps[dead.id] == {"data_generation": "FAILURE"}
    assert any("the worker died" in event.get("message", "") for event in events[dead.id])
    assert steps[failed.id] == {"program": "FAILURE"}
    kinds = [event["__typename"] for event in events[done.id]]
    assert (kinds.count("ExecutionStepSuccessEvent"), kinds[-1]) == (3, "RunSuccessEvent")
    assert any(event["__typename"] == "ExecutionStepFailureEvent" for event in events[failed.id])
    (repository,) = data["repositoriesOrError"]["nodes"]
    assert {job["name"] for job in repository["jobs"]} >= {"job_train", "job_data_generation", "job_program"}
