"""The config that a run was started with, and who set what."""

from __future__ import annotations

from pathlib import Path

import msgspec

from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.difference import difference, resolved_side_of
from niceml_engine.config.projects.project import Setting
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.past import experiment_side, run_config, run_side
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import CONFIG
from niceml_engine.store.location import Location
from niceml_engine.values import Origin, RunSpec, Selection

TEXT = "model:\n  depth: 3\n  sizes:\n  - 8\n  - 16\n'a.b':\n  used: true\n"


def stored(folder: Path, text: str) -> RunFolder:
    selection = Selection("job.yaml", ("a.b.used=true",))
    origins = {"model.depth": "configs/model.yaml:2", "model.sizes": "/lib/model.yaml:5"}
    spec = RunSpec("r", "/p", selection, "job_train", text, "", 0.0, origins=origins)
    (folder / "spec.json").write_bytes(msgspec.json.encode(spec))
    return RunFolder(folder)


def test_each_line_has_its_key_and_each_value_who_set_it(tmp_path: Path) -> None:
    config = run_config(stored(tmp_path, TEXT))
    assert config.text == TEXT
    assert config.keys == ("model", "model.depth", "model.sizes", "", "", "a.b", "a.b.used")
    assert config.origins == {
        "model.depth": Origin("configs/model", "/p/configs/model.yaml", 2),
        "model.sizes": Origin("/lib/model", "/lib/model.yaml", 5),
        "a.b.used": Origin("override", line=1, text="a.b.used=true"),
    }


def test_what_interpolations_came_to_is_told_beside_what_was_written(tmp_path: Path) -> None:
    text = "epochs: ${oc.env:EPOCHS,10}\nmodel:\n  depth: 3\ntoken: ${oc.env:TOKEN}\n"
    leaves = {"epochs": 3, "model.depth": 3, "token": "${oc.env:TOKEN}"}
    spec = RunSpec("r", "/p", Selection("job.yaml"), "job_train", text, "", 0.0, leaves=leaves)
    (tmp_path / "spec.json").write_bytes(msgspec.json.encode(spec))
    assert run_config(RunFolder(tmp_path)).resolved == {"epochs": 3}


def test_the_files_of_a_run_that_came_with_its_project_are_those_beside_it(tmp_path: Path) -> None:
    folder = runs_folder(tmp_path) / "r"
    folder.mkdir(parents=True)
    origins = run_config(stored(folder, TEXT)).origins
    assert origins["model.depth"] == Origin("configs/model", str(tmp_path / "configs/model.yaml"), 2)
    assert origins["model.sizes"].file == "/lib/model.yaml"


def test_a_config_that_is_no_yaml_any_more_is_shown_as_it_is(tmp_path: Path) -> None:
    config = run_config(stored(tmp_path, "model: [1"))
    assert (config.text, config.keys, config.origins) == ("model: [1", (), {})


def test_what_an_experiment_came_to_is_known_from_its_run(tmp_path: Path) -> None:
    text = "epochs: 3\n"
    folder = runs_folder(tmp_path) / "r"
    folder.mkdir(parents=True)
    spec = RunSpec("r", str(tmp_path), Selection("job.yaml"), "job_train", text, "", 0.0, leaves={"epochs": 3})
    (folder / "spec.json").write_bytes(msgspec.json.encode(spec))
    location = Location.of({"uri": str(tmp_path / "experiment")}, tmp_path)
    experiment = ExperimentFolder(location)
    experiment.write(CONFIG, text)
    experiment.write("experiment_info.yaml", "run_id: r\n")
    (tmp_path / "job.yaml").write_text("epochs: ${oc.decode:'3'}\n")
    now = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml")))
    assert difference(experiment_side(location, tmp_path), resolved_side_of(now)) == ()
    assert difference(run_side(RunFolder(folder)), resolved_side_of(now)) == ()
