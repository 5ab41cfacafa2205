"""What files are called in labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_gui.names import Names
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.panel import ComposeWorkspace

FILES = ["/p/conf/config.yaml", "/p/conf/trainer/default.yaml", "/p/conf/paths/default.yaml", "/q/paths/default.yml"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (FILES[0], "config.yaml"),
        (FILES[1], "trainer/default.yaml"),
        (FILES[2], "conf/paths/default.yaml"),
        (FILES[3], "q/paths/default.yml"),
        ("/elsewhere/extras/default.yaml", "extras/default.yaml"),
        ("/p/app.py", "app.py"),
    ],
)
def test_a_name_is_as_long_as_it_takes_to_tell_files_apart(file: str, name: str) -> None:
    assert Names(FILES).of(file) == name


def test_a_place_leaves_out_what_all_configs_have() -> None:
    assert Names(FILES).place(FILES[1], 3) == "trainer/default:3"
    assert Names(FILES).place("/p/app.py", 14) == "app.py:14"
    assert Names(FILES).place("/p/app.py", 0) == "app.py"


ALIKE = {
    "jobs/a.yaml": "defaults:\n  - data: default\n  - model: default\n  - _self_\n",
    "jobs/data/default.yaml": "size: 1\n",
    "jobs/model/default.yaml": "units: 2\n",
}


@pytest.mark.parametrize("files", [ALIKE])
def test_the_gutter_the_tabs_and_the_origin_name_the_folder(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    space = ComposeWorkspace(real)
    qtbot.addWidget(space)
    space.resize(1200, 800)
    space.show()
    view = space.composed.view
    assert [label for label in view._gutter if label] == ["a:2", "data/default:1", "a:3", "model/default:1"]
    assert view._gutter_width >= view._wished  # so that nothing is elided
    assert view._metrics.horizontalAdvance("model/default:1") <= view._gutter_width - 24
    for group in ("data", "model"):
        real.open_source(str(tmp_path / f"configs/jobs/{group}/default.yaml"))
    assert [tab.windowTitle() for tab in space.sources.values()] == ["data/default.yaml", "model/default.yaml"]
    real.set_focus(key="model.units")
    assert space.origin.table.topLevelItem(0).text(1) == "model/default"
