"""A narrow pane for what an analysis has found."""

import pytest

from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane


@pytest.fixture
def pane(qtbot, session):
    pane = AnalysisPane(session)
    qtbot.addWidget(pane)
    pane.resize(300, 900)
    pane.show()
    return pane
