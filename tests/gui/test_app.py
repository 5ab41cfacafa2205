from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from niceml_engine.events import Analysis
from niceml_gui.app import choose_platform, parse
from niceml_gui.tour import table


def test_the_command_line() -> None:
    arguments = parse(["configs", "--job", "a.yaml", "--run"])
    assert (arguments.project, arguments.job, arguments.run, arguments.offscreen_tour) == (
        "configs",
        "a.yaml",
        True,
        "",
    )


@pytest.mark.parametrize(("display", "chosen"), [("", "offscreen"), (":0", None)])
def test_without_a_display_the_window_is_drawn_into_memory(
    monkeypatch: pytest.MonkeyPatch, display: str, chosen: str | None
) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(sys, "platform", "linux")
    choose_platform(tour=False)
    assert os.environ.get("QT_QPA_PLATFORM") == chosen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_and_its_service(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import sys, psutil; from PySide6.QtCore import QTimer; from niceml_gui import app, engine\n"
        "engine.Engine.__init__.__defaults__ = ((sys.executable, '-c', 'import sys; sys.stdin.read()'), None)\n"
        "def ready(): print(psutil.Process().children()[0].pid, flush=True)\n"
        "from niceml_gui.welcome import Welcome\n"
        "shown = Welcome.showEvent\n"
        "Welcome.showEvent = lambda self, event: (shown(self, event), QTimer.singleShot(0, ready))\n"
        "sys.exit(app.main([]))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "NICEML_STATE_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        service = int(process.stdout.readline())
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(service, 0)


def test_the_table_has_a_column_for_each_subset() -> None:
    found = [Analysis(subset="test", metrics={"f1": 0.5}), Analysis(subset="train", metrics={"f1": None, "auc": 1.0})]
    assert table(found) == "metric    test   train\nf1      0.5000       -\nauc          -  1.0000"
    assert table([]) == "no metrics were analysed"
