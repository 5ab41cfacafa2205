"""Op cards of a project whose ops lie elsewhere."""

import msgspec
import pytest

from niceml_engine.values import Composed, Leaf, Origin, Selection
from niceml_gui.workspaces.compose.cards.forms import Deck, View
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from tests.gui.compose.conftest import reference
from tests.gui.compose.described import heads_of


@pytest.mark.parametrize(
    ("path", "keys", "expected"),
    [
        ("steps.{op}", ["steps.train.x", "steps.fit.y", "ops.z"], [("train", "train"), ("fit", "fit"), ("ops", "")]),
        ("{op}.cfg", ["train.cfg.x", "seed.y"], [("train", "train"), ("seed", "")]),
    ],
)
def test_the_cards_are_the_ops_that_the_project_has(path, keys, expected):
    origin = Origin("job", "/project/job.yaml", 1)
    leaves = tuple(Leaf(key, 1, origin) for key in keys)
    composed = Composed(Selection("/project/job.yaml"), leaves=leaves, heads=heads_of(leaves))
    made = Deck().cards(composed, (), reference(), View(ops_path=path))
    assert [(card.name, card.op) for card in made] == expected


def test_the_pane_asks_the_project(session, qtbot):
    session.project = msgspec.structs.replace(session.project, ops_path="{op}.config")
    pane = OpsPane(session)
    qtbot.addWidget(pane)
    assert "ops" in pane.cards
