"""What the window's forms ask the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine.protocol.configs import CheckSelection, Compose, MergeSteps, OpenProject
from niceml_engine.protocol.files import PlanSave
from niceml_engine.protocol.forms import Describe, Expand, Fit, Names
from niceml_engine.protocol.runs import ListRuns, StartRun
from niceml_engine.values import Selection
from tests.engine.projects import GENERATION, SMALL, TRAIN, copy_project
from tests.engine.service.client import Client, RefusedError


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    client = Client()
    client.ask(OpenProject(str(copy_project(tmp_path))))
    yield client
    assert client.close() == 0


def test_values_are_described_and_targets_fit(client: Client, tmp_path: Path) -> None:
    train = Selection(str(tmp_path / TRAIN))
    known = client.ask(Describe(train))
    assert known.values["ops.train.config.train_params.epochs"].least == 1
    assert known.targets["ops.train.config.model"].signature.startswith("SmallCnn(")
    fitting = client.ask(Fit(train, "ops.train.config.model"))
    assert "niceml_engine.learning.models.Mlp" in {one.target for one in fitting.candidates}
    optimizers = client.ask(Names("niceml_engine.learning.learner.Learner", "optimizer"))
    assert {"keras.optimizers.SGD", "keras.optimizers.Adam"} <= {one.name for one in optimizers}
    assert "keras.losses.Loss" in {one.name for one in client.ask(Names(package="keras.losses"))}


def test_a_sweep_is_shown_by_its_first_run_and_started_as_a_whole(client: Client, tmp_path: Path) -> None:
    key = "ops.data_generation.config.generator.seed"
    swept = Selection(str(tmp_path / GENERATION), (*SMALL, f"{key}=1,2"))
    composed = client.ask(Compose(swept))
    assert (composed.selection, composed.runs, composed.error) == (swept, 2, None)
    assert not [one for one in client.ask(CheckSelection(swept)) if one.severity == "error"]
    assert client.ask(MergeSteps(swept))
    assert [run[-1] for run in client.ask(Expand(swept)).runs] == [f"{key}=1", f"{key}=2"]
    (change,) = client.ask(PlanSave(swept, "job")).changes
    assert f"{key}: 1,2" in (change.after or "")
    with pytest.raises(RefusedError):
        client.ask(PlanSave(swept, "sources"))
    first = client.ask(StartRun(swept))
    states = client.ask(ListRuns())
    assert {state.group for state in states} == {first.group} != {""}
    assert sorted(state.overrides[-1] for state in states) == [f"{key}=1", f"{key}=2"]
