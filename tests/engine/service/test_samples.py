"""What an analysis found and the samples behind it, asked of a real service about real predictions."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from niceml_engine.errors import StoreError
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.samples import MAX_PICTURES, Picture, ReadAnalysis, ReadPictures, ReadSamples, Source
from niceml_engine.results import ALL, Confusion, Lines
from niceml_engine.service.patience import within
from niceml_engine.store.location import Location
from niceml_engine.values import Selection
from tests.engine.finished import TEN, TWO, Finished, finish
from tests.engine.projects import copy_project
from tests.engine.s3 import S3
from tests.engine.service.client import Client, RefusedError


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    assert client.close() == 0


def expected(table: pd.DataFrame, true: str, predicted: str) -> list[str]:
    """Files of a cell, the lowest probability of the true class first."""
    columns = [name for name in table.columns if name.startswith("prd_")]
    found = table[(table["class"] == true) & (table[columns].idxmax(axis=1) == f"prd_{predicted}")]
    return list(found.sort_values(f"prd_{true}", kind="stable")["file"])


def mistaken(made: Finished, subset: str) -> tuple[str, str, int]:
    """A cell beside the diagonal with as many samples as can be had."""
    matrix = made.analyses[subset].results[0]
    assert isinstance(matrix, Confusion)
    counts = np.array(matrix.counts)
    np.fill_diagonal(counts, -1)
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    return matrix.labels[row], matrix.labels[column], int(counts[row, column])


@pytest.mark.parametrize("job", [TWO, TEN])
def test_the_samples_behind_a_cell_are_paged_with_their_images(client: Client, tmp_path: Path, job: str) -> None:
    made = finish(copy_project(tmp_path), job)
    client.ask(OpenProject(str(tmp_path)))
    source = Source(run=made.run.id)
    true, predicted, count = mistaken(made, "train_eval")
    assert count > 3
    cell = {"true": true, "predicted": predicted}
    whole = client.ask(ReadSamples(source, "train_eval", **cell))
    assert whole.total == count
    assert [one.file for one in whole.samples] == expected(made.tables["train_eval"], true, predicted)
    first, second = whole.samples[:2]
    assert (first.true, first.predicted) == (true, predicted)
    assert next(iter(first.probabilities)) == predicted
    assert first.score <= second.score < 0.5
    assert whole.folder == str(tmp_path / "data/digits_handwritten_split/train")
    part = client.ask(ReadSamples(source, "train_eval", offset=1, count=2, order="best", **cell))
    assert part.total == count
    assert part.samples == tuple(reversed(whole.samples))[1:3]
    (picture, gone) = client.ask(ReadPictures(source, "train_eval", (first.file, "none.png"), 64))
    stored = (tmp_path / "data/digits_handwritten_split/train" / first.file).read_bytes()
    assert np.array_equal(*(np.asarray(Image.open(io.BytesIO(one))) for one in (stored, picture.png)))
    assert gone.problem.endswith("train/none.png is not there any more")


def test_any_class_stands_for_all_of_them(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path))
    client.ask(OpenProject(str(tmp_path)))
    source, table = Source(run=made.run.id), made.tables["test"]
    everything = client.ask(ReadSamples(source, "test"))
    assert everything.total == len(table)
    scores = [one.score for one in everything.samples]
    assert scores == sorted(scores)
    assert client.ask(ReadSamples(source, "test", true="8")).total == (table["class"] == "8").sum()
    names = [one.file for one in client.ask(ReadSamples(source, "test", order="file")).samples]
    assert names == sorted(table["file"])


def test_an_experiment_tells_what_was_found_in_it(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path), TEN)
    client.ask(OpenProject(str(tmp_path)))
    source = Source(experiment=made.experiment.uri)
    found = client.ask(ReadAnalysis(source))
    assert [one.subset for one in found.analyses] == ["validation", "test", "train_eval"]
    assert found.analyses[1].metrics == made.analyses["test"].metrics
    roc = found.analyses[1].results[1]
    assert isinstance(roc, Lines)
    assert [curve.label for curve in roc.curves] == [ALL, *map(str, range(10))]
    assert [(check.name, check.passed) for check in found.checks] == [("model", True)]
    true, predicted, count = mistaken(made, "test")
    samples = client.ask(ReadSamples(source, "test", true=true, predicted=predicted))
    assert samples.total == count
    assert client.ask(ReadPictures(source, "test", (samples.samples[0].file,)))[0].png


def test_data_and_experiment_may_lie_in_a_bucket(tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    base = Location(f"s3://{s3.bucket}/{tmp_path.name}", s3.options)
    monkeypatch.setenv("DATA_URI", f"{base.uri}/data")
    monkeypatch.setenv("EXPERIMENT_URI", f"{base.uri}/experiments")
    made = finish(project, data=base / "data", to=base / "experiments")
    client = Client()
    client.ask(OpenProject(str(project)))
    job = Selection(str(project / TWO))
    for source in (Source(run=made.run.id), Source(experiment=made.experiment.uri, selection=job)):
        samples = client.ask(ReadSamples(source, "test", count=3))
        assert samples.folder == f"{base.uri}/data/digits_handwritten_split/test"
        pictures = client.ask(ReadPictures(source, "test", (*(one.file for one in samples.samples), "none.png")))
        assert [bool(picture.png) for picture in pictures] == [True, True, True, False]
        assert pictures[-1].problem == f"{samples.folder}/none.png is not there any more"
    assert [one.subset for one in client.ask(ReadAnalysis(source)).analyses] == ["validation", "test", "train_eval"]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    other = Client()
    other.ask(OpenProject(str(project)))
    with pytest.raises(RefusedError, match="cannot read"):
        other.ask(ReadSamples(Source(run=made.run.id), "test"))
    assert other.close() == client.close() == 0


def test_predictions_that_were_written_again_are_read_again(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path))
    client.ask(OpenProject(str(tmp_path)))
    source = Source(run=made.run.id)
    before = client.ask(ReadSamples(source, "test")).total
    content = made.experiment.read("predictions/validation.parquet")
    made.experiment.write("predictions/test.parquet", content)
    assert client.ask(ReadSamples(source, "test")).total == len(made.tables["validation"]) != before


def test_what_cannot_be_shown_says_why_in_one_line(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path))
    client.ask(OpenProject(str(tmp_path)))
    source, folder = Source(run=made.run.id), made.experiment
    for request, why in (
        (ReadSamples(Source(run="none"), "test"), "there is no run none any more"),
        (ReadSamples(Source(experiment=str(tmp_path / "none")), "test"), "cannot read run/config.yaml"),
        (ReadSamples(source, "holdout"), "cannot read analysis/holdout.json"),
        (ReadSamples(source, "../test"), "is no name of a subset"),
        (ReadSamples(source, "test", true="7"), "there is no class 7; there are 3, 8"),
        (ReadPictures(source, "holdout", ("a.png",)), "names no `location` of the images of holdout"),
    ):
        with pytest.raises(RefusedError) as caught:
            client.ask(request)
        assert why in caught.value.args[0].message
        assert "\n" not in caught.value.args[0].message
    folder.write("predictions/test.parquet", b"nothing")
    with pytest.raises(RefusedError, match="cannot be read as predictions"):
        client.ask(ReadSamples(source, "test"))
    folder.write("analysis/test.json", b"{")
    with pytest.raises(RefusedError, match="not an analysis that can be read"):
        client.ask(ReadAnalysis(Source(experiment=folder.uri)))


def test_samples_are_told_even_where_their_images_cannot_be(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path))
    config = yaml.safe_load(made.experiment.read("run/config.yaml"))
    config["ops"]["prediction"]["config"]["datasets"]["test"]["location"]["uri"] = "${oc.env:NOT_SET}/x"
    made.experiment.write("run/config.yaml", yaml.safe_dump(config))
    client.ask(OpenProject(str(tmp_path)))
    source = Source(experiment=made.experiment.uri)
    samples = client.ask(ReadSamples(source, "test"))
    assert samples.total == len(made.tables["test"])
    assert samples.folder == ""
    assert "NOT_SET" in samples.problem
    with pytest.raises(RefusedError, match="NOT_SET"):
        client.ask(ReadPictures(source, "test", ("a.png",)))


def test_an_answer_has_bounds(client: Client, tmp_path: Path) -> None:
    made = finish(copy_project(tmp_path))
    folder = tmp_path / "data/digits_handwritten_split/test"
    Image.new("L", (3000, 1500)).save(folder / "large.png")
    client.ask(OpenProject(str(tmp_path)))
    source = Source(run=made.run.id)
    many = client.ask(ReadPictures(source, "test", ("large.png",) * (MAX_PICTURES + 5), 5000))
    assert len(many) == MAX_PICTURES
    sizes = [Image.open(io.BytesIO(png)).size for png in (many[0].png, _one(client, source).png)]
    assert sizes == [(256, 128), (2048, 1024)]
    assert (many[0].width, many[0].height) == (3000, 1500)


def _one(client: Client, source: Source) -> Picture:
    picture: Picture
    (picture,) = client.ask(ReadPictures(source, "test", ("large.png",), 5000))
    return picture


def test_storage_that_is_silent_is_not_waited_for() -> None:
    never = threading.Event()
    with pytest.raises(StoreError, match=r"s3://far does not answer; is it reachable"):
        within("s3://far", never.wait, seconds=0.01)
    never.set()
    assert within("here", lambda: 3) == 3
    with pytest.raises(KeyError):
        within("here", lambda: {}["a"])
