"""Who set the value that made a run fail."""

from __future__ import annotations

import pytest

from niceml_engine.runs.blame import set_by
from niceml_engine.values import RunSpec, Selection

ORIGINS = {
    "ops.train.config.model._target_": "configs/model.yaml:2",
    "ops.train.config.model.depth": "configs/model.yaml:3",
    "ops.train.config.callbacks": "configs/callbacks.yaml:5",
    "ops.train.config.learner.loss": "configs/learner.yaml:7",
    "ops.split.config.subsets.train": "configs/split.yaml:3",
    "ops.split.config.subsets.test": "configs/split.yaml:4",
    "ops.crop.config.size.width": "configs/crop.yaml:6",
}
OVERRIDES = (
    "ops.train.config.learner._target_=my.Nope",
    "+ops.train.config.callbacks.1.patience=many",
    "~ops.train.config.model.units",
    "globals.store.password=hush",
    "ops.split.config.subsets.test=0.9",
    "++ops.train.config.optimizer={_target_: my.Adam, rate: 1}",
)


@pytest.mark.parametrize(
    ("key", "place", "override"),
    [
        ("ops.train.config.model.depth", "configs/model.yaml:3", ""),
        ("ops.train.config.model", "configs/model.yaml:2", ""),  # an object, by what it is made of
        ("ops.train.config.callbacks[0]._target_", "configs/callbacks.yaml:5", ""),  # who set the list
        ("ops.train.config.learner._target_", "", OVERRIDES[0]),
        ("ops.train.config.learner", "", OVERRIDES[0]),  # and not what lies beside its target
        ("ops.train.config.callbacks[1].patience", "", OVERRIDES[1]),
        ("ops.train.config.model.units", "", ""),
        ("ops.train.config", "", ""),  # nobody set all that lies below
        ("ops.split.config.subsets", "", OVERRIDES[4]),  # which lies in a mapping of plain values
        ("ops.crop.config.size", "configs/crop.yaml:6", ""),
        ("globals.store.password", "", "globals.store.password=••••••"),
        ("ops.train.config.optimizer._target_", "", "++ops.train.config.optimizer={…}"),
        ("", "", ""),
    ],
)
def test_a_key_is_set_by_a_line_of_a_file_or_by_an_override(key: str, place: str, override: str) -> None:
    spec = RunSpec("r", "/p", Selection("job.yaml", OVERRIDES), "job_train", "", "", 0.0, origins=ORIGINS)
    assert set_by(spec, key) == (place, override)
