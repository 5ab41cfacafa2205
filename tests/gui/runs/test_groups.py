"""The runs of one sweep are seen to belong together."""

from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.workspaces.runs.run_list import matches

RUN = RunState("r1", "first", "queued", "/job.yaml", overrides=("a.rate=0.1",), group="rate k3x9")


def test_the_list_names_the_sweep_before_what_is_going_on():
    assert words.subtitle(RUN, 0.0) == "rate k3x9 · rate=0.1"


def test_the_filter_finds_all_runs_of_a_sweep():
    assert matches(RUN, "k3x9")
