"""The data ops as they run in a job: composed from the bundled configs, written to any location."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.composed import resolvers
from niceml_engine.data import generation_ops
from niceml_engine.errors import ConfigError, DataError, NicemlError, OpError, StoreError
from niceml_engine.events import Artifact, Event, Log, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.jobs.declaration_data import DATA_OPS
from tests.engine.s3 import seaweedfs

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
SMALL = ["ops/data_generation@ops.data_generation.config=op_data_printed_small"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    resolvers.register()
    monkeypatch.setenv("SAMPLE_COUNT", "10")
    monkeypatch.setenv("DATA_URI", str(tmp_path / "data"))


def composed(*overrides: str, job: str = "job_data_generation") -> DictConfig:
    folder = str(CONFIGS / "jobs" / "job_data_generation")
    path = f"hydra.searchpath=[file://{CONFIGS}]"
    with initialize_config_dir(folder, version_base="1.3"):
        return compose(job, overrides=[path, *overrides])


def run(config: DictConfig, *names: str) -> list[Event]:
    events: list[Event] = []
    for op in DATA_OPS:
        if not names or op.name in names:
            function = getattr(generation_ops, op.function.rsplit(":", 1)[1])
            function(OpContext(op.name, config, events.append, None, {}))
    return events


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_scenes_are_split_and_cropped_and_the_same_with_any_number_of_threads(tmp_path: Path) -> None:
    events = run(composed(*SMALL))
    files = contents(tmp_path / "data")
    folders = Counter(name.rsplit("/", 1)[0] for name in files)
    assert folders["numbers_small"] == 30
    assert [folders[f"numbers_small_split/{subset}"] for subset in ("train", "validation", "test")] == [21, 3, 6]
    for name in files:
        if name.startswith("numbers_small_split/"):
            sample = Path(name).stem.split("_")[0]
            others = [other for other in files if other.startswith("numbers_small_split/") and f"/{sample}" in other]
            assert {Path(other).parent for other in others} == {Path(name).parent}
    crops = [name for name in files if name.startswith("numbers_small_cropped_split/")]
    assert 10 <= len(crops) <= 40
    for name in crops:
        sample, _, label = Path(name).stem.split("_")
        assert name.replace("_cropped", "").replace(Path(name).name, f"{sample}.json") in files
        assert label in "0123456789"
    last = [event for event in events if isinstance(event, Progress)]
    assert [(event.done, event.unit) for event in last if event.done == event.total] == [
        (10, "sample"),
        (30, "file"),
        (10, "scene"),
    ]
    assert [Path(event.path).name for event in events if isinstance(event, Artifact) and event.kind == "data"] == [
        "numbers_small",
        "numbers_small_split",
        "numbers_small_cropped_split",
    ]
    run(composed(*SMALL, *(f"ops.{op.name}.config.workers=1" for op in DATA_OPS)))
    assert contents(tmp_path / "data") == files


def test_a_smaller_generation_leaves_no_old_files_but_what_is_not_generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(composed(*SMALL))
    mine = tmp_path / "data" / "numbers_small_split" / "train" / "notes.txt"
    mine.write_text("mine")
    monkeypatch.setenv("SAMPLE_COUNT", "4")
    run(composed(*SMALL))
    names = {Path(name).stem.split("_")[0] for name in contents(tmp_path / "data")}
    assert names == {"00000", "00001", "00002", "00003", "notes"}
    assert mine.read_text() == "mine"


def test_the_default_scenes_are_1024_pixels_wide_and_high() -> None:
    config = composed()
    generator = config.ops.data_generation.config.generator
    assert (generator.width, generator.height, generator.sample_count) == (1024, 1024, 10)
    assert config.ops.data_crop.config.target == "numbers_cropped_split"


@pytest.mark.parametrize(
    ("job", "overrides"),
    [
        ("job_data_handwritten", []),
        ("job_data_generation", ["ops/data_generation@ops.data_generation.config=op_data_handwritten"]),
    ],
)
def test_handwritten_digits_come_in_the_same_layout(job: str, overrides: list[str], tmp_path: Path) -> None:
    events = run(composed(*overrides, job=job))
    split = contents(tmp_path / "data" / "digits_handwritten_split")
    assert len(split) == 1797
    assert Counter(name.split("/")[0] for name in split) == {"train": 1258, "validation": 180, "test": 359}
    assert {Path(name).stem.split("_")[2] for name in split} == set("0123456789")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "digits_handwritten",
        "digits_handwritten_split",
    ]
    assert any("nothing to crop" in event.text for event in events if isinstance(event, Log))


@pytest.fixture
def memory() -> Iterator[str]:
    yield "memory://generated"
    fsspec.filesystem("memory").rm("/generated", recursive=True)


def test_data_are_written_to_a_file_system_of_any_kind(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_URI", memory)
    run(composed(*SMALL))
    run(composed(*SMALL, "ops/data_crop@ops.data_crop.config=op_crop_small"))
    found = fsspec.filesystem("memory").find("/generated")
    assert sum("/numbers_small_split/train/" in name for name in found) == 21
    assert any("/numbers_small_cropped_split/test/" in name for name in found)


def test_data_are_written_to_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with seaweedfs(tmp_path) as server:
        monkeypatch.setenv("DATA_URI", f"s3://{server.bucket}/data")
        config = composed(*SMALL)
        config.globals.data_location.credentials = server.options
        run(config)
        config.ops.data_generation.config.generator.sample_count = 4
        run(config)
        system = fsspec.filesystem("s3", **server.options)
        system.invalidate_cache()
        names = {path.rsplit("/", 1)[-1][:5] for path in system.find(f"{server.bucket}/data")}
    assert names == {"00000", "00001", "00002", "00003"}


def test_a_generator_of_ones_own_needs_only_its_target(tmp_path: Path) -> None:
    config = composed(*SMALL)
    config.ops.data_generation.config.generator = {"_target_": f"{__name__}.Squares", "count": 5}
    run(config, "data_generation", "data_split")
    assert len(contents(tmp_path / "data" / "numbers_small_split")) == 5


class Squares:
    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def files(self, index: int) -> dict[str, bytes]:
        return {f"square-{index}.png": b"a square"}


@pytest.mark.parametrize(
    ("op", "override", "error", "named"),
    [
        ("data_split", "", DataError, "run data_generation first"),
        ("data_crop", "", DataError, "run data_split first"),
        ("data_crop", "ops.data_crop.config.size=0", DataError, "size is 0"),
        ("data_generation", "ops.data_generation.config.generator.grain=99", DataError, "generator: grain is 99"),
        ("data_generation", "+ops.data_generation.config.generator.colour=red", OpError, "colour"),
        ("data_generation", "ops.data_generation.config.generator._target_=no.such.Thing", OpError, "no.such.Thing"),
        ("data_generation", "ops.data_generation.config.target=../elsewhere", ConfigError, "config.target"),
        ("data_generation", "ops.data_generation.config.generator=null", ConfigError, "config.generator"),
        ("data_split", "ops.data_split.config.target=numbers_small", ConfigError, "config.target"),
    ],
)
def test_bad_input_says_what_to_do(op: str, override: str, error: type[NicemlError], named: str) -> None:
    with pytest.raises(error, match=named):
        run(composed(*SMALL, *filter(None, [override])), op)


def test_a_sample_count_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_COUNT", "many")
    with pytest.raises(ConfigError, match=r"generator\.sample_count.*'many' is not a whole number"):
        run(composed(*SMALL), "data_generation")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DATA_URI", str(tmp_path / "file"))
    with pytest.raises(StoreError, match=r"cannot write 0000\d.*/file/numbers_small"):
        run(composed(*SMALL), "data_generation")


@pytest.mark.parametrize("group", ["data_generation", "data_split", "data_crop"])
def test_every_option_sets_only_what_its_op_declares(group: str) -> None:
    fields = {field.name: field for op in DATA_OPS if op.name == group for field in op.fields}
    required = {name for name, field in fields.items() if field.required}
    options = sorted(path.stem for path in (CONFIGS / "ops" / group).glob("*.yaml"))
    assert len(options) >= 2
    for option in options:
        own = composed(f"ops/{group}@ops.{group}.config={option}").ops[group].config
        assert required <= set(OmegaConf.to_container(own)) <= set(fields)
