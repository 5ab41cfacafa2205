"""What only code of the project can resolve, in the window: once it is trusted, and never waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.workspaces.compose.text.composed_pane import ComposedPane

RESOLVERS = """\
from omegaconf import OmegaConf
OmegaConf.register_new_resolver("mine.double", lambda number: 2 * number)
OmegaConf.register_new_resolver("mine.wrong", lambda: 1 / 0)
"""


@pytest.fixture
def files() -> dict[str, str]:
    return {
        "jobs/a.yaml": "epochs: 3\nb: ${mine.double:${epochs}}\nc: ${mine.wrong:}\nd: ${b}\n",
        "../res.py": RESOLVERS,
        "../.niceml/project.yaml": "",
    }


def shown(pane: ComposedPane) -> str:
    return "\n".join(pane.view._lines)


def told(session: Session) -> dict[str, str]:
    return {problem.key: problem.message for problem in session.problems}


def test_own_resolvers_count_once_the_project_is_trusted(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    pane = ComposedPane(real)
    qtbot.addWidget(pane)
    pane.set_resolved(True)
    qtbot.waitUntil(lambda: "res.py:2 registers it" in told(real).get("b", ""), timeout=20_000)
    assert "b: ${mine.double:${epochs}}" in shown(pane)
    real.trust.set(True)
    qtbot.waitUntil(lambda: "b: 6" in shown(pane), timeout=60_000)
    line = pane.view._lines.index("b: 6")
    assert "resolved by code of the project: 6" in pane._tip(line)
    qtbot.waitUntil(lambda: told(real).keys() == {"c"}, timeout=20_000)
    assert "division by zero" in told(real)["c"]
    real.set_value("epochs", "4")
    qtbot.waitUntil(lambda: "b: 8" in shown(pane), timeout=60_000)
    real.trust.set(False)
    qtbot.waitUntil(lambda: "b: ${mine" in shown(pane), timeout=20_000)


def test_code_that_cannot_be_imported_is_told_beside_the_rest(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "res.py").write_text(RESOLVERS + "import nothing_like_this\n")
    real.trust.set(True)
    qtbot.waitUntil(lambda: "" in told(real), timeout=60_000)
    (problem,) = [one for one in real.problems if one.code == "own-resolvers"]
    assert "No module named 'nothing_like_this'" in problem.message
    assert (problem.file, problem.line) == (str(tmp_path / "res.py"), 4)
    assert real.composed.error is None
