"""The merge played layer by layer ends where Hydra ends, and says truly what each layer did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.steps import merge_steps
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import MergeSteps, OpenProject
from niceml_engine.secrets import MASK
from niceml_engine.values import MergeStep, Selection
from tests.engine.config.reference import FEATURES, write
from tests.engine.service.client import Client

REPOSITORY = Path(__file__).parents[3]
SAMPLE = REPOSITORY / "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
FEATURE_JOBS = sorted(name for name in FEATURES if name.count("/") == 1)


def play(root: Path, files: dict[str, str], *overrides: str, job: str = "job.yaml") -> tuple[MergeStep, ...]:
    write(root, files)
    return merge_steps(Composer(Setting(root)), Selection(str(root / job), overrides))


def told(step: MergeStep) -> tuple[str, dict[str, Any], list[str]]:
    sets = {assigned.key: assigned.value for assigned in step.sets}
    return step.origin.node, sets, [".".join(path) for path in step.drops]


def end_of(steps: tuple[MergeStep, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for step in steps:
        for path in step.drops:
            del found[".".join(path)]
        found |= {assigned.key: assigned.value for assigned in step.sets}
    return found


def assert_ends_as_composed(composer: Composer, selection: Selection) -> None:
    composed = composer.compose(selection)
    if composed.error is not None:
        with pytest.raises(ConfigError):
            merge_steps(composer, selection)
        return
    steps = merge_steps(composer, selection)
    layers = [step for step in steps if step.origin.node != "override"]
    assert [step.origin.package for step in layers] == [default.package for default in composed.defaults]
    wanted = {leaf.key: leaf.value if not leaf.secret or leaf.value is None else None for leaf in composed.leaves}
    secret = {leaf.key for leaf in composed.leaves if leaf.secret}
    found = {key: None if key in secret else value for key, value in end_of(steps).items()}
    assert repr(sorted(found.items())) == repr(sorted(wanted.items()))


def test_the_sample_job_is_played_to_its_end() -> None:
    composer = Composer(Setting(REPOSITORY))
    assert_ends_as_composed(composer, Selection(str(SAMPLE), ("globals.exp_prefix=X", "+new.key=[1,2]")))


@pytest.mark.parametrize("overrides", [(), ("db=pg",), ("~m.o",), ("m={o: 4}",), ("++m.n=1", "~l"), ("k=7", "l.0=5")])
@pytest.mark.parametrize("job", FEATURE_JOBS)
def test_every_feature_is_played_to_its_end(
    job: str, overrides: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = write(tmp_path_factory.mktemp("features"), FEATURES)
    assert_ends_as_composed(Composer(Setting(root)), Selection(str(root / job), overrides))


def test_each_layer_says_what_it_sets_and_takes_away(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n  - db: mysql\n  - empty\n  - _self_\ndb:\n  port: 5\n  sub: null\n  host: ???\n",
        "db/mysql.yaml": "port: 1\nhost: here\nsub: {a: 1, b: 2}\n",
        "empty.yaml": "defaults: []\n",
    }
    steps = play(tmp_path, files, "db.port=7", "~db.host", "hydra.verbose=true")
    assert [told(step) for step in steps] == [
        ("db/mysql", {"db.port": 1, "db.host": "here", "db.sub.a": 1, "db.sub.b": 2}, []),
        ("empty", {}, []),
        ("job", {"db.port": 5, "db.sub": None}, ["db.sub.a", "db.sub.b"]),
        ("override", {"db.port": 7}, []),
        ("override", {}, ["db.host"]),
        ("override", {}, []),
    ]
    assert steps[0].origin.package == "db"
    assert steps[0].origin.file == str(tmp_path / "db/mysql.yaml")
    assert [assigned.line for assigned in steps[2].sets] == [6, 7]
    assert (steps[3].origin.line, steps[3].origin.text) == (1, "db.port=7")


def test_an_interpolated_mapping_is_spelled_out_by_the_layer_that_extends_it(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n  - _self_\n  - more\nbase: {a: 1, b: 2}\nm: ${base}\n",
        "more.yaml": "m: {b: 3}\n",
    }
    steps = play(tmp_path, files)
    assert told(steps[1]) == ("more", {"m.a": 1, "m.b": 3}, ["m"])


def test_the_last_key_of_a_mapping_leaves_an_empty_one(tmp_path: Path) -> None:
    steps = play(tmp_path, {"job.yaml": "m: {o: 1}\n"}, "~m.o")
    assert told(steps[1]) == ("override", {"m": {}}, ["m.o"])


def test_a_secret_is_masked(tmp_path: Path) -> None:
    steps = play(tmp_path, {"job.yaml": "credentials: {key: abcdef}\n"})
    assert end_of(steps) == {"credentials.key": MASK}


def test_what_does_not_compose_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mysqll"):
        play(tmp_path, {"job.yaml": "defaults:\n  - db: mysqll\n", "db/mysql.yaml": "a: 1\n"})


def test_the_service_plays_the_merge(tmp_path: Path) -> None:
    write(tmp_path, {"configs/job.yaml": "defaults:\n  - db: mysql\n", "configs/db/mysql.yaml": "port: 1\n"})
    client = Client()
    client.ask(OpenProject(str(tmp_path)))
    steps = client.ask(MergeSteps(Selection(str(tmp_path / "configs/job.yaml"), ("db.port=7",))))
    assert [told(step) for step in steps if step.sets] == [
        ("db/mysql", {"db.port": 1}, []),
        ("override", {"db.port": 7}, []),
    ]
    assert client.close() == 0
