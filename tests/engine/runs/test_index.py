"""The index of what the configs of runs hold."""

from pathlib import Path

import msgspec
import pytest

from niceml_engine.config.text import files
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.index import RunIndex
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import Experiment, RunSpec, Selection


def write(root: Path, run: str, config: str, **leaves: object) -> RunFolder:
    folder = RunFolder(runs_folder(root) / run)
    folder.path.mkdir(parents=True)
    spec = RunSpec(run, str(root), Selection("job.yaml"), "job_train", config, "", 1.0, leaves=leaves)
    (folder.path / "spec.json").write_bytes(msgspec.json.encode(spec))
    return folder


def test_a_config_is_read_once_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a", "x: 1\ny: ${oc.env:RATE}\n", x=1, y=0.1)
    write(tmp_path, "b", "x: 2\n", x=2)
    write(tmp_path, "old", "x: 1\ny: ${oc.env:RATE}\nz: {password: no}\n")
    leaves = RunIndex(tmp_path).leaves()
    assert dict(leaves.of("a")) == {"x": 1, "y": 0.1}
    assert dict(leaves.of("old")) == {"x": 1, "y": "${oc.env:RATE}", "z.password": "••••••"}
    read: list[str] = []
    monkeypatch.setattr(RunFolder, "spec", lambda run: read.append(run.id))
    assert dict(RunIndex(tmp_path).leaves().of("b")) == {"x": 2}
    assert read == []


def test_what_is_new_is_added_and_what_is_damaged_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a", "x: 1\n")
    index = RunIndex(tmp_path)
    assert list(index.leaves().rows) == ["a"]
    write(tmp_path, "b", "x: [1\n")
    broken = write(tmp_path, "c", "")
    (broken.path / "spec.json").write_text("{")
    write(tmp_path, "d", "x: 1\n")
    assert list(index.leaves().rows) == ["a", "d"]
    part = index.part(index.leaves().stamp, 1, 1, 1)
    assert (part.keys, part.values, list(part.rows)) == ((), (), ["d"])


def test_an_index_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    write(tmp_path, "a", "x: 1\n")
    RunIndex(tmp_path).leaves()
    (tmp_path / ".niceml" / "runs.index").write_bytes(b"garbage")
    assert dict(RunIndex(tmp_path).leaves().of("a")) == {"x": 1}


def test_experiments_without_a_run_here_are_read_too_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a", "x: 1\n")
    location = Location.of("elsewhere", tmp_path)
    ExperimentFolder(location / "e1").write("run/config.yaml", "x: 5\n")
    found = [Experiment((location / name).uri, name, 1.0, run_id=run) for name, run in (("e0", "a"), ("e1", "gone"))]
    leaves = RunIndex(tmp_path).with_experiments(found, location)
    assert dict(leaves.of(found[1].uri)) == {"x": 5}
    assert found[0].uri not in leaves
    monkeypatch.setattr(files, "parse", lambda text: pytest.fail("read again"))
    assert dict(RunIndex(tmp_path).with_experiments(found, location).of(found[1].uri)) == {"x": 5}
