"""Dagster's own web UI on the project's instance: our runs are there, with the right status."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from niceml_engine.runs.dagster_home import home
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from tests.engine.projects import GENERATION, SMALL, copy_project, enqueue_job
from tests.engine.runs.test_worker import ended
from tests.engine.s3 import free_ports
from tests.waiting import wait_until

QUERY = """{
  runsOrError { ... on Runs { results { jobName status tags { key value } } } }
  repositoriesOrError { ... on RepositoryConnection { nodes { jobs { name } } } }
}"""


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


def test_runs_and_jobs_are_seen_in_dagsters_web_ui(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    run, queue = enqueue_job(project, GENERATION, *SMALL), Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    with web_ui(project) as address:
        wait_until(lambda: is_up(address), 90, "the web UI")
        request = urllib.request.Request(
            f"{address}/graphql", json.dumps({"query": QUERY}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = json.load(answer)["data"]
    (found,) = data["runsOrError"]["results"]
    assert found["status"] == "SUCCESS"
    assert found["jobName"] == "job_data_generation"
    assert {"key": "niceml/run", "value": run.id} in found["tags"]
    (repository,) = data["repositoriesOrError"]["nodes"]
    assert {"job_train", "job_data_generation"} <= {job["name"] for job in repository["jobs"]}
