import msgspec
import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import OmegaConf

from niceml_engine.values import ConfigTree, Option
from niceml_gui.workspaces.compose.text.editing.hydras_keys import HYDRAS_KEYS
from niceml_gui.workspaces.compose.text.editing.suggestions import Suggestion, for_override, for_yaml, matching
from niceml_gui.workspaces.compose.text.editing.surroundings import Place, around
from tests.gui.compose.conftest import TRAIN, compose, config_tree


def texts(completion):
    return [one.text for one in completion.found]


def override(line):
    return for_override(line, len(line), config_tree(), compose())


def yaml_line(text, option=None):
    lines = text.split("\n")
    return for_yaml(lines, len(lines) - 1, len(lines[-1]), option, config_tree(), compose())


def test_keys_and_choices_are_offered_left_of_the_equals_sign():
    found = override("epo")
    assert texts(found)[0].endswith("epochs")
    assert found.start == 0
    assert "ops/train@ops.train.config" in texts(override("ops/tr"))
    assert texts(override("~ops/tr")) == texts(override("ops/tr"))
    assert override("~ops/tr").start == 1


def test_what_hydra_brings_is_offered():
    tree = msgspec.structs.replace(config_tree(), hydra=(Option("hydra/launcher", "basic", ""),))
    for typed, offered in (("launch", "hydra/launcher"), ("hydra/launcher=", "basic")):
        assert texts(for_override(typed, len(typed), tree, compose())) == [offered]
    line = "  - override /hydra/launcher: "
    found = for_yaml(["defaults:", line], 1, len(line), None, tree, compose())
    assert texts(found) == ["basic"]


def test_groups_are_offered_where_something_is_added():
    assert "ops/train/callbacks" in texts(override("+ops/train/c"))


def test_options_of_a_choice_are_offered_right_of_the_equals_sign():
    found = override("ops/train@ops.train.config=")
    assert "op_train_cls_binary_mlp" in texts(found)
    assert found.start == len("ops/train@ops.train.config=")
    assert "trainparams_smoke" in texts(override("+ops/train/train_params@x=trainparams_s"))


def test_values_know_booleans():
    key = next(leaf.key for leaf in compose().leaves if isinstance(leaf.value, bool))
    assert {"true", "false"} & set(texts(override(f"{key}=")))


def test_what_sweeps_a_value_is_offered_behind_its_values():
    epochs = next(leaf.key for leaf in compose().leaves if leaf.key.endswith("epochs"))
    assert texts(override(f"{epochs}="))[-2:] == ["choice(", "range("]
    assert texts(override(f"{epochs}=ra")) == ["range("]
    assert texts(override(f"{epochs}=r")) == []  # Enter takes what is offered
    assert texts(override(f"{epochs}=choice(1,"))[-1:] != ["choice("]
    assert texts(override("ops/train@ops.train.config="))[-1] == "choice("
    assert "choice(" not in texts(override("a.b="))


def test_mappings_are_offered_where_they_can_be_meant():
    assert texts(override(f"~{TRAIN}.mod"))[0] == f"{TRAIN}.model"
    assert override(f"~{TRAIN}.mod").found[0].hint.endswith("values")
    assert f"{TRAIN}.model" in texts(override(f"a=${{{TRAIN}."))
    assert texts(yaml_line("a: ${op"))[0] == "ops"
    assert f"{TRAIN}.model" not in texts(override(f"{TRAIN}.mod"))


def test_classes_that_fit_are_offered_for_a_target():
    asked = []

    def classes(place, typed):
        asked.append(place.keys)
        return matching(typed, (Suggestion("my.Mlp", "Layers."), Suggestion("my.Cnn")))

    line = f"{TRAIN}.model._target_=my.M"
    found = for_override(line, len(line), config_tree(), compose(), classes)
    assert (texts(found), found.start) == (["my.Mlp"], len(line) - 4)
    option = Option("ops/train", "op_train_cls_binary", "/x.yaml")
    lines = ["model:", "  _target_: my."]
    found = for_yaml(lines, 1, len(lines[1]), option, config_tree(), compose(), classes)
    assert (texts(found), found.start) == (["my.Mlp", "my.Cnn"], len("  _target_: "))
    assert asked == [(f"{TRAIN}.model",)] * 2
    beside = Option("ops/train", "op_nobody_includes", "/y.yaml")  # it would stand where the other stands
    for_yaml(lines, 1, len(lines[1]), beside, config_tree(), compose(), classes)
    assert asked[2:] == [(f"{TRAIN}.model",)]


FILE = """\
# a comment
learner:
  _target_: my.Learner  # how it learns
  optimizer:
    _target_: a
  metrics:
    - _target_: b
      name: one
    # another
    - _target_: c
      inner:
        _target_: d

callbacks:
- name: x
  opt:
    _target_: e
  _target_: 'my.Callback'
alone:
  _target_: f
""".splitlines()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("a", Place(("learner.optimizer",), "my.Learner", "optimizer")),
        ("b", Place(("learner.metrics[0]",), "my.Learner", "metrics", items=True)),
        ("c", Place(("learner.metrics[1]",), "my.Learner", "metrics", items=True)),
        ("d", Place(("learner.metrics[1].inner",), "c", "inner")),
        ("e", Place(("callbacks[0].opt",), "my.Callback", "opt")),
        ("f", Place(("alone",), "", "alone")),
    ],
)
def test_where_a_target_stands_is_read_from_the_lines_around_it(value, place):
    row = next(row for row, text in enumerate(FILE) if text.endswith(f"_target_: {value}"))
    assert around(FILE, row) == place


def test_hydras_own_keys_are_offered_below_its_name():
    assert texts(override("hydra.run.")) == ["hydra.run.dir"]
    assert "hydra.sweep.subdir" in texts(override("+hydra.sw"))
    assert texts(override("a=${hydra:job.na")) == ["hydra:job.name"]
    assert {"run", "sweep", "job"} <= set(texts(yaml_line("hydra:\n  ")))
    assert texts(yaml_line("hydra:\n  run:\n    d")) == ["dir"]


def test_keys_and_resolvers_are_offered_inside_an_interpolation():
    assert "oc.env:" in texts(override("a=${oc.e"))
    assert override("a=${oc.e").start == 4
    assert any(text.endswith("epochs") for text in texts(yaml_line("total: ${ops.train")))


def test_a_defaults_list_offers_groups_then_options():
    option = Option("ops/train", "op_train_cls_binary", "/x.yaml")
    found = yaml_line("defaults:\n  - /shared/da", option)
    assert texts(found) == ["/shared/datasets"]
    assert found.start == 4
    assert "_self_" in texts(yaml_line("defaults:\n  - _", option))
    relative = yaml_line("defaults:\n  - train_params@train_params: trainp", option)
    assert set(texts(relative)) == {"trainparams_default", "trainparams_long", "trainparams_smoke"}
    absolute = yaml_line("defaults:\n  - /shared/datasets@data: ", option)
    assert "dataset_cls_handwritten" in texts(absolute)
    assert texts(yaml_line("values:\n  - /shared/da", option)) == []


def test_keys_are_offered_where_the_file_is_included():
    option = Option("ops/train", "op_train_base", "/x.yaml")
    found = texts(yaml_line("", option))
    assert "train_params" in found
    assert "_target_" in found
    inside = texts(yaml_line("train_params:\n  ep", option))
    assert inside[0] == "epochs"
    assert any(leaf.key == f"{TRAIN}.train_params.epochs" for leaf in compose().leaves)
    assert "epochs" not in texts(yaml_line("train_params:\n  epochs: 3\n  ", option))


def test_nothing_is_offered_in_comments_and_plain_values():
    assert texts(yaml_line("# epo")) == []
    assert texts(yaml_line("epochs: ep")) == []


def test_a_group_in_a_defaults_list_is_followed_by_its_option():
    found = yaml_line("defaults:\n  - override /shared/da").found
    assert found == (("/shared/datasets", "2 options", ": "),)
    assert yaml_line("defaults:\n  - _").found[0].then == ""


def test_what_is_offered_below_hydra_is_there(tmp_path):
    with initialize_config_dir(str(tmp_path), version_base=None):
        config = hydra_compose(return_hydra_config=True)
    for key in HYDRAS_KEYS:
        above, _, name = key.rpartition(".")
        assert name in OmegaConf.select(config, above), key


def test_what_is_left_out_of_a_long_list_is_counted() -> None:
    tree = ConfigTree(options=tuple(Option("db", f"o{n}", "") for n in range(70)))
    line = "+db=o"
    found = for_override(line, len(line), tree, compose())
    assert (len(found.found), found.more) == (60, 10)
    line = "+db=o1"
    found = for_override(line, len(line), tree, compose())
    assert (len(found.found), found.more) == (10, 0)
