"""What the service knows of the values of the sample job, and what is done at its cards."""

import msgspec
from PySide6.QtCore import Qt

from niceml_engine.descriptions import Argument, Candidate, Described, Description, Fitting, Target
from niceml_engine.values import Head, Leaf, Origin

TRAIN = "ops.train.config"
MODEL = f"{TRAIN}.model"
EPOCHS = f"{TRAIN}.train_params.epochs"
RATE = f"{TRAIN}.learning_rate"
NET = "niceml_engine.learning.models.SmallCnn"
OUTPUT = Leaf(f"{MODEL}.output", "sigmoid", Origin("x", "/x.yaml", 3), resolved="sigmoid")
KNOWN = Description(
    {
        EPOCHS: Described("int", "int ≥ 1", least=1),
        f"{MODEL}._target_": Described("target"),
        f"{MODEL}.dropout": Described(
            "float", "float 0…1", least=0, most=1, default="0.25", doc="Part that is dropped.", owner=NET
        ),
        f"{MODEL}.output": Described("text", "sigmoid | softmax", choices=("sigmoid", "softmax"), default="'softmax'"),
        "globals.data_location.uri": Described("path", "path", exists=False),
    },
    {MODEL: Target(NET, "SmallCnn(filters, dropout=0.25, norm='batch')", "Blocks.", absent=(
        Argument("norm", "text", "'batch'", "How."), Argument("depth", "int"),
    ))},
)  # fmt: skip
FITTING = Fitting(
    ("keras.Model",),
    (
        Candidate("my.Mlp", "", dropped=("filters",), needed=("units",), overrides=(f"{MODEL}._target_=my.Mlp",)),
        Candidate(NET, "Blocks."),
    ),
    "there may be more",
)


def row(pane, key):
    found = pane.row_of(key, "")
    assert found is not None, key
    return found


def type_into(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def heads_of(found):
    """The mappings that some leaves lie in."""
    keys = [leaf.key.split(".") for leaf in found]
    above = dict.fromkeys(".".join(parts[:depth]) for parts in keys for depth in range(1, len(parts)))
    return tuple(Head(key, (Origin("c"),)) for key in above)


def with_leaf(session, *more):
    keys = {leaf.key for leaf in more}
    kept = [leaf for leaf in session.composed.leaves if leaf.key not in keys]
    leaves = (*kept, *more)
    session.show(msgspec.structs.replace(session.composed, leaves=leaves, heads=heads_of(leaves)))
