from hydra.core.override_parser.overrides_parser import OverridesParser

from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane

EPOCHS = "ops.train.config.train_params.epochs"


def test_examples_from_this_very_config_fill_the_empty_part_of_the_overrides(session, qtbot):
    pane = OverridesPane(session)
    qtbot.addWidget(pane)
    pane.resize(600, 400)
    pane.show()
    written = [shown.full_text() for shown in pane.examples.findChildren(ElidedLabel)]
    assert written[:2] == [f"{EPOCHS}=10", "ops/train@ops.train.config=op_train_base"]
    for text in written:
        if not text.startswith("#"):
            OverridesParser.create().parse_override(text)
    pane.edit.setPlainText("a=1\n" * 9)
    assert not pane.examples.isVisible()
    pane.refresh()
    assert pane.examples.isVisible()
    pane.resize(600, 120)
    assert not pane.examples.isVisible()
