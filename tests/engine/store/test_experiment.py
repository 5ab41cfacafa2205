"""One contract over every kind of location."""

import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from niceml_engine.errors import StoreError
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import delete_experiment, list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import RunState


@pytest.fixture(params=["file", "memory", "s3"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    place = f"exp-{uuid.uuid4().hex}"
    if request.param == "s3":
        server = request.getfixturevalue("s3")
        return Location(f"s3://{server.bucket}/{place}", server.options)
    if request.param == "memory":
        return Location(f"memory://{place}", {"key": None})
    return Location.of("relative folder", tmp_path)


def test_what_is_written_is_read_again(location: Location) -> None:
    folder = ExperimentFolder(location / "one")
    assert folder.write("configs/ops/train.yaml", "epochs: ü") == 10
    assert folder.read("configs/ops/train.yaml").decode() == "epochs: ü"
    assert folder.exists("configs/ops/train.yaml")
    assert not folder.exists("configs/ops/other.yaml")
    assert folder.name == "one"


def test_writing_again_replaces(location: Location) -> None:
    folder = ExperimentFolder(location)
    folder.write("a", b"long content")
    folder.write("a", b"short")
    assert folder.read("a") == b"short"


def test_files_are_listed_with_their_paths(location: Location) -> None:
    folder = ExperimentFolder(location)
    assert folder.files() == []
    for name in ("b/c/d.txt", "a.txt", "b/e.txt"):
        folder.write(name, name)
    assert folder.files() == ["a.txt", "b/c/d.txt", "b/e.txt"]
    assert folder.files("b") == ["b/c/d.txt", "b/e.txt"]


def test_a_local_file_goes_up_and_comes_back(location: Location, tmp_path: Path) -> None:
    model = tmp_path / "model.keras"
    model.write_bytes(bytes(range(256)) * 1000)
    folder = ExperimentFolder(location)
    assert folder.upload(model, "models/m.keras") == 256_000
    with folder.local("models/m.keras") as path:
        assert path.read_bytes() == model.read_bytes()


def test_a_missing_file_is_named(location: Location) -> None:
    with pytest.raises(StoreError, match=r"models/none\.keras"):
        ExperimentFolder(location).read("models/none.keras")


def test_a_deleted_folder_is_gone(location: Location) -> None:
    folder = ExperimentFolder(location / "gone")
    folder.write("a/b", "c")
    folder.delete()
    assert folder.files() == []


def test_experiments_are_found_newest_first(location: Location) -> None:
    assert list_experiments(location) == ()
    for name, created in (("old", 1.0), ("new", 2.0)):
        folder = ExperimentFolder(location / name)
        folder.write("experiment_info.yaml", f"created: {created}\ndigest: d-{name}\n")
    state = RunState(id="r", name="new", status="succeeded", job="j", metrics={"test.f1": 0.9})
    ExperimentFolder(location / "new").write("run/state.json", msgspec.json.encode(state))
    ExperimentFolder(location / "something else").write("readme", "no experiment")
    found = list_experiments(location)
    assert [entry.name for entry in found] == ["new", "old"]
    assert found[0].status == "succeeded"
    assert found[0].metrics == {"test.f1": 0.9}
    assert found[1].digest == "d-old"


@pytest.mark.parametrize(
    "info",
    [b"", b"\0", b"- a\n", b"a: [\n", b"created: " + b"9" * 400 + b"\n", b"- " * 5_000, b"job: !!timestamp x\n"],
    ids=range(7),
)
def test_a_broken_experiment_hides_no_other(tmp_path: Path, info: bytes) -> None:
    ExperimentFolder(Location.of("good", tmp_path)).write("experiment_info.yaml", "created: 1.5\njob: a\n")
    ExperimentFolder(Location.of("bad", tmp_path)).write("experiment_info.yaml", info)
    assert "good" in [one.name for one in list_experiments(Location.of(".", tmp_path))]


def test_only_experiments_are_deleted(tmp_path: Path) -> None:
    folder = ExperimentFolder(Location.of("e", tmp_path))
    folder.write("precious.txt", "x")
    with pytest.raises(StoreError, match="nothing says it is an experiment"):
        delete_experiment(folder.location)
    assert folder.exists("precious.txt")
    folder.write("experiment_info.yaml", "created: 1.5\n")
    delete_experiment(folder.location)
    delete_experiment(folder.location)
    assert not folder.exists("")


def test_wrong_keys_are_an_error_of_ours(s3: Callable[[], object], request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("s3")
    wrong = Location(f"s3://{server.bucket}/x", {**server.options, "secret": "wrong"})
    with pytest.raises(StoreError, match=r"cannot write a\.txt"):
        ExperimentFolder(wrong).write("a.txt", "x")


def test_what_cannot_be_written_is_said_without_doubled_paths(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    full = tmp_path / "experiment"
    full.mkdir()
    (full / "model.keras").symlink_to("/dev/full")
    model = tmp_path / "local.keras"
    model.write_bytes(b"weights" * 10_000)
    for uri, reason in (
        (str(tmp_path / "notes"), "a file lies where a folder is needed; choose another place"),
        ("/proc/nowhere", "no folder can be made there; choose another place"),
        (str(full), "the disk is full; make room, or choose another place"),
    ):
        with pytest.raises(StoreError) as caught:
            ExperimentFolder(Location(uri)).upload(model, "model.keras")
        assert str(caught.value) == f"cannot write model.keras in {uri}: {reason}"


def test_whatever_a_client_library_raises_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoCredentialsError(Exception):
        pass

    def refuse(*_: object, **__: object) -> None:
        raise NoCredentialsError("Unable to locate credentials")

    location = Location("memory://refused")
    for method in ("pipe_file", "ls"):
        monkeypatch.setattr(type(location.open()[0]), method, refuse)
    with pytest.raises(StoreError, match="cannot write a in memory://refused: Unable to locate"):
        ExperimentFolder(location).write("a", "x")
    with pytest.raises(StoreError, match="cannot list memory://refused: Unable to locate"):
        list_experiments(location)


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(StoreError, match="nosuch"):
        Location("nosuch://bucket").open()


def test_a_location_never_shows_its_credentials() -> None:
    assert "hidden" not in repr(Location("s3://b", {"secret": "hidden"}))


def test_a_location_without_uri_says_what_to_do() -> None:
    with pytest.raises(StoreError, match="DATA_URI"):
        Location.of({"uri": None})
