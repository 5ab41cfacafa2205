"""The runs of one sweep are seen to belong together."""

import msgspec

from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import RunSubject
from niceml_engine.values import RunState
from niceml_gui import words

RUN = RunState("r1", "first", "queued", "/job.yaml", overrides=("a.rate=0.1", "a.epochs=5"), group="rate k3x9")


def test_what_tells_the_runs_of_a_sweep_apart():
    assert words.swept(RUN) == "rate=0.1"
    assert words.subtitle(RUN, 0.0) == "waits for its turn"


def test_a_queued_run_of_its_own_names_its_overrides():
    assert words.subtitle(msgspec.structs.replace(RUN, group=""), 0.0) == "rate=0.1 epochs=5"


def test_the_filter_finds_all_runs_of_a_sweep():
    assert parse("k3x9").holds(RunSubject(RUN))
