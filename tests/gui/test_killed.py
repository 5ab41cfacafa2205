"""The window dies; the run does not, and is found again."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
from pytestqt.qtbot import QtBot

from niceml_engine.runs.folder import all_runs
from niceml_gui.session import Session
from tests.engine.projects import ENDLESS, GENERATION, copy_project
from tests.waiting import wait_until


def test_a_run_goes_on_after_its_window_was_killed(clean: None, tmp_path: Path, qtbot: QtBot) -> None:
    project = tmp_path / "scenes"
    project.mkdir()
    copy_project(project)
    small = project / "configs" / "ops" / "data_generation" / "op_data_printed.yaml"
    wanted = dict(override.removeprefix("ops.data_generation.config.generator.").split("=") for override in ENDLESS)
    lines = small.read_text().splitlines()
    for number, line in enumerate(lines):
        key = line.strip().partition(":")[0]
        if key in wanted:
            lines[number] = f"  {key}: {wanted[key]}"
    small.write_text("\n".join(lines) + "\n")
    window = subprocess.Popen(
        [sys.executable, "-m", "niceml_gui.app", str(project), "--job", str(project / GENERATION), "--run"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: bool(all_runs(project)) and all_runs(project)[0].state().status == "running", 60)
    (run,) = all_runs(project)
    worker = run.worker()
    assert worker is not None
    service = [child for child in psutil.Process(window.pid).children() if child.pid != worker.pid]
    window.kill()
    window.wait()
    _, alive = psutil.wait_procs(service, timeout=10)
    services_left = [process for process in alive if process.pid != worker.pid]
    assert not services_left
    assert run.is_alive()

    session = Session()
    session.engine.start()
    session.open(str(project), str(project / GENERATION))
    qtbot.waitUntil(lambda: run.id in session.runs.states, timeout=20_000)
    assert session.runs.states[run.id].status == "running"
    session.runs.watch(run.id)
    with qtbot.waitSignal(session.runs.rows, timeout=20_000):
        pass
    session.runs.stop(run.id)
    qtbot.waitUntil(lambda: session.runs.states[run.id].status == "stopped", timeout=30_000)
    wait_until(lambda: not run.is_alive(), 20)
    session.close()
    session.deleteLater()
