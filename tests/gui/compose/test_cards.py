import msgspec
import pytest

from niceml_engine.descriptions import Described
from niceml_engine.protocol.configs import OpReference
from niceml_engine.values import Choice, Composed, Head, Leaf, Origin, Problem, Selection
from niceml_gui.workspaces.compose.cards.forms import Deck, View
from niceml_gui.workspaces.compose.quoting import complaint
from niceml_gui.workspaces.compose.rules import hint_of, rule_of
from niceml_gui.workspaces.compose.usage import known_choices
from tests.gui.compose.described import heads_of

TRAIN = "ops.train.config"
EPOCHS = f"{TRAIN}.train_params.epochs"


def made(composed, reference=None, overrides=()):
    return {
        card.name: card
        for card in Deck().cards(composed, composed.choices, reference or OpReference((), ()), View(overrides))
    }


def test_a_card_per_op_in_the_jobs_order_then_the_rest(session):
    found = Deck().cards(session.composed, session.composed.choices, session.reference, View())
    assert [card.name for card in found] == ["experiment", "train", "prediction", "analysis", "exptests", "globals"]
    assert [card.op for card in found][-1] == ""


def test_rows_are_pickers_with_their_values_below(composed):
    rows = [(row.label, row.indent) for row in made(composed)["train"].rows]
    assert rows[:4] == [("option", 0), ("train_params", 0), ("epochs", 1), ("steps_per_epoch", 1)]
    assert rows[-4:] == [("model", 0), ("filters", 1), ("dropout", 1), ("learning_rate", 0)]


def test_a_few_values_and_all_of_them_stand_in_the_configs_own_order():
    keys = ("net._target_", "net.width", "net.sizes.a", "net.opt._target_", "net.opt.rate", "net.mode", "net.data.n")
    leaves = tuple(Leaf(key, 1, Origin("c"), resolved=1) for key in keys)
    choices = tuple(
        Choice(group, f"{group}@net.{group}", f"net.{group}", chosen, ("x",), "c")
        for group, chosen in (("data", ("x",)), ("more", ()), ("opt", ("x",)))
    )
    composed = Composed(Selection("/c.yaml"), leaves=leaves, heads=heads_of(leaves), choices=choices)
    few, every = (
        [row.label for row in card.rows if row.label]
        for view in (View(), View(whole=frozenset({"net"})))
        for card in Deck().cards(composed, choices, OpReference((), ()), view)
    )
    assert few == ["_target_", "width", "opt", "rate", "mode", "data", "n", "more"]
    assert [label for label in every if label in few] == ["_target_", "width", "opt", "_target_", *few[3:]]
    assert every[2:4] == ["sizes", "a"]


def test_deep_values_show_up_only_once_they_are_changed(composed):
    deep = Leaf(f"{TRAIN}.model.head.layers.size", 3, Origin("x"), resolved=3)
    fuller = msgspec.structs.replace(composed, leaves=(*composed.leaves, deep))
    assert deep.key not in [row.key for row in made(fuller)["train"].rows]
    assert deep.key in [row.key for row in made(fuller, overrides=(f"{deep.key}=4",))["train"].rows]
    assert deep in made(fuller)["train"].leaves


def test_a_config_without_ops_has_a_card_per_top_level_mapping_and_one_for_the_rest():
    leaves = (Leaf("db.port", 1, Origin("db/mysql"), resolved=1), Leaf("name", "x", Origin("config"), resolved="x"))
    choice = Choice("db", "db", "db", ("mysql",), ("mysql", "sqlite"), "config")
    found = made(Composed(Selection("/config.yaml"), leaves=leaves, heads=heads_of(leaves), choices=(choice,)))
    assert [row.label for row in found["db"].rows] == ["option", "port"]
    assert [row.key for row in found["config"].rows] == ["name"]
    assert list(found) == ["config", "db"]


def test_a_key_with_dots_in_it_is_one_name():
    keys = ("folder.with.dot", "a.b.c", "a.d", "plain", "x.y.z.v")
    leaves = tuple(Leaf(key, 1, Origin("config"), resolved=1) for key in keys)
    heads = tuple(Head(key, (Origin("config"),)) for key in ("a", "x.y", "x.y.z"))
    composed = Composed(Selection("/config.yaml"), leaves=leaves, heads=heads)
    whole = View(whole=frozenset({"config", "a", "x.y"}))
    found = {card.name: card for card in Deck().cards(composed, (), OpReference((), ()), whole)}
    assert {name: [(row.label, row.indent) for row in card.rows if row.label] for name, card in found.items()} == {
        "config": [("folder.with.dot", 0), ("plain", 0)],
        "a": [("b.c", 0), ("d", 0)],
        "x.y": [("z", 0), ("v", 1)],
    }


def test_a_config_of_nothing_but_a_key_with_dots_is_one_card():
    leaves = (Leaf("folder.with.dot", 1, Origin("config"), resolved=1),)
    assert list(made(Composed(Selection("/config.yaml"), leaves=leaves))) == ["config"]


def test_a_preset_is_picked_at_the_top_before_and_after_it_is_chosen():
    leaves = (Leaf("name", "x", Origin("config"), resolved="x"), Leaf("db.port", 1, Origin("db"), resolved=1))
    none = Choice("experiment", "experiment", "experiment", (), ("fast", "slow"), "config", line=3)
    fast = msgspec.structs.replace(none, package="", chosen=("fast",))
    logger = Choice("logger", "logger", "logger", (), ("csv",), "config", line=4)
    cards = [
        Deck().cards(
            Composed(Selection("/config.yaml"), leaves=leaves, heads=heads_of(leaves)),
            (logger, choice),
            OpReference((), ()),
            View(presets=frozenset({"experiment"})),
        )
        for choice in (none, fast)
    ]
    assert [[card.name for card in found] for found in cards] == [["config", "db", "logger"]] * 2
    before, after = (found[0].rows[0] for found in cards)
    assert before.id == after.id
    assert (before.label, before.choice.chosen, after.choice.chosen) == ("experiment", (), ("fast",))


def test_a_card_has_a_row_for_its_own_class_and_a_preset_is_called_by_its_group():
    leaves = (Leaf("model._target_", "my.Net", Origin("model/net")), Leaf("model.units", 2, Origin("model/net")))
    found = made(
        Composed(
            Selection("/config.yaml"),
            leaves=leaves,
            heads=heads_of(leaves),
            choices=(
                Choice("model", "model", "model", ("net",), ("net", "mlp"), "config"),
                Choice("experiment", "experiment", "", ("a",), ("a", "b"), "config", optional=True),
                Choice("debug", "debug", "", (), ("default",), "config", optional=True),
            ),
        )
    )
    assert [row.label for row in found["config"].rows] == ["experiment", "debug"]
    assert [(row.label, row.indent) for row in found["model"].rows] == [("option", 0), ("_target_", 0), ("units", 0)]
    alone = made(Composed(Selection("/c.yaml"), leaves=leaves, heads=heads_of(leaves)))["model"]
    assert [row.label for row in alone.rows] == ["_target_", "units"]


def test_what_a_refused_config_has_chosen_takes_the_place_of_what_was_there():
    def choices(train, *more):
        picks = [Choice("data@t.d", "data", "t.d", ("small",), ("small",), f"train/{train}", line=4)]
        return (Choice("train@t", "train", "t", (train,), ("cnn", "mlp"), "job"), *picks, *more)

    own = Choice("layers@t.l", "layers", "t.l", ("two",), ("two",), "train/mlp")
    deeper = Choice("units@t.l.u", "units", "t.l.u", ("ten",), ("ten",), "layers/two")
    good = Composed(Selection("/j.yaml"), digest="1", choices=choices("mlp", own, deeper))
    refused = Composed(Selection("/j.yaml"), error=Problem("error", "x", "y"), choices=choices("cnn"))
    assert known_choices(good, refused) == choices("cnn")
    assert known_choices(good, Composed(Selection("/j.yaml"))) == good.choices


def test_the_type_of_an_interpolation_goes_by_its_value():
    leaf = Leaf("a.b", "${niceml.to_int:${oc.env:N,5}}", Origin("x"), resolved=5)
    assert rule_of(leaf, {}).kind == "int"
    assert hint_of(leaf, rule_of(leaf, {})) == "$N"


@pytest.mark.parametrize(
    ("text", "kind", "fine"),
    [
        ("5", "int", True),
        ("5.5", "int", False),
        ("1e-3", "float", True),
        ("fast", "float", False),
        ("${a.b}", "int", True),
        ("null", "float", True),
        ("[1]", "list", True),
        ("1", "list", False),
        ("[1, [2]", "list", False),
        ("{a: [1}", "any", False),
        ("anything", "text", True),
    ],
)
def test_what_a_field_takes(text, kind, fine):
    assert (complaint(text, Described(kind)) == "") is fine
