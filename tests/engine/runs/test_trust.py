"""Nothing of a project runs before a person has said so, and no project can answer for itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest

from niceml_engine import places
from niceml_engine.errors import TrustError
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import all_runs
from niceml_engine.runs.making import create_run
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.trust import is_trusted, need_reach, set_trust, would_run
from niceml_engine.store.location import Location
from niceml_engine.values import RunSettings
from tests.conftest import REPOSITORY
from tests.engine.projects import GENERATION, SMALL, TRAIN, compose, copy_project, write_own_model


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("NICEML_STATE_DIR", str(folder))
    places.state_dir.cache_clear()
    yield folder
    places.state_dir.cache_clear()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that nobody trusts yet."""
    set_trust(copy_project(tmp_path), False)
    return tmp_path


def named(project: Path, *texts: str) -> dict[str, str]:
    """What would run in a project by itself or with some config: places and sources by kind and name."""
    found = would_run(project, *texts)
    return {
        f"{one.kind} {one.name}": f"{os.path.relpath(one.file, project) if one.file else ''}:{one.line} {one.source}"
        for one in found
    }


def test_a_start_is_refused_until_the_project_is_trusted_and_names_what_would_run(project: Path) -> None:
    write_own_model(project)
    composed = compose(project, TRAIN, "ops/train@ops.train.config=op_train_my_net")
    with pytest.raises(TrustError) as refused:
        enqueue(project, composed, RunSettings())
    assert "\n" not in refused.value.message
    assert "--trust" in refused.value.message
    lines = [" ".join(line.split()) for line in refused.value.details.splitlines()]
    assert "target my.net.Net my/net.py:7" in lines
    assert not [line for line in lines if "niceml_engine" in line]
    assert all_runs(project) == []
    set_trust(project, True)
    assert enqueue(project, composed, RunSettings()).spec().python_path == (str(project),)


@pytest.mark.parametrize("job", [GENERATION, TRAIN])
def test_what_runs_only_our_components_and_what_computes_needs_no_question(project: Path, job: str) -> None:
    enqueue(project, compose(project, job), RunSettings())
    assert not is_trusted(project)


@pytest.mark.parametrize(
    "config",
    [
        "a: {_target_: niceml_engine.learning.experiment.subprocess.run}",
        "a: {_target_: niceml_engine.learning.experiment.git_version, folder: .}",
        "a: {_target_: niceml_engine.service.imports.import_all}",
        "a: {_target_: niceml_engine.learning.models.NoSuchClass}",
        "a: {_target_: keras.layers.Lambda}",
        "a: {_target_: keras.models.load_model}",
        "a: {_target_: keras.optimizers.get}",
        "a: {_target_: keras.losses.os.system}",
        "a: {_target_: sklearn.metrics.make_scorer}",
        "a: [{b: {_target_: os.system}}]",
        "name: os.system\na: {_target_: '${name}'}",
        "a: \"${oc.create:'{_target_: os.system}'}\"",
        "a: {_target_: '${oc.env:NO_SUCH_VARIABLE_HERE}'}",
    ],
)
def test_whatever_a_target_may_reach_besides_our_components_is_named(project: Path, config: str) -> None:
    (found,) = would_run(project, config)
    assert found.kind == "target"


def test_what_a_project_brings_to_be_loaded_is_named(project: Path) -> None:
    files = {
        "lib.py": "from omegaconf import OmegaConf\n\nOmegaConf.register_new_resolver('mine.double', str)\n",
        "store.py": "from hydra.core.config_store import ConfigStore\ncs = ConfigStore.instance()\n"
        "cs.store(group='db', name='mysql', node={'a': 1})\n",
        "hydra_plugins/own/launcher.py": "",
        "msgspec.py": "",
        ".env": "NAME=a\nPYTHONPATH=.\nAWS_PROFILE=p\nAWS_ACCESS_KEY_ID=k\nHOME=.\nGIT_DIR=x\nDATA_URI=./data\n",
        ".git/config": '[core]\n[filter "x"]\n\tclean = touch was_here\n[include] path = ../more\n',
        ".niceml/project.yaml": "python: own/bin/python\ncode_location: mine.defs\n",
        ".niceml/dagster/dagster.yaml": "run_coordinator:\n  module: mine.coordinator\n  class: Coordinator\n",
    }
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    assert named(project) == {
        "config db/mysql": "store.py:3 ",
        "resolver mine.double": "lib.py:3 ",
        "plugin hydra_plugins.own.launcher": "hydra_plugins/own/launcher.py:1 ",
        "code location mine.defs": ".niceml/project.yaml:2 ",
        "interpreter own/bin/python": ".niceml/project.yaml:1 ",
        "variable PYTHONPATH": ".env:0 ",
        "variable AWS_PROFILE": ".env:0 ",
        "variable HOME": ".env:0 ",
        "variable GIT_DIR": ".env:0 ",
        "git clean = touch was_here": ".git/config:3 ",
        "git path = ../more": ".git/config:4 ",
        "file mine.coordinator": ".niceml/dagster/dagster.yaml:0 ",
        "module msgspec": "msgspec.py:1 ",
    }


@pytest.mark.parametrize(
    ("uri", "options", "asked"),
    [
        ("./data", "", False),
        ("file:///data", "", False),
        ("s3://bucket/x", "key: '${oc.env:HOME}', endpoint_url: http://localhost", False),
        ("s3://bucket/x", "profile: mine", True),
        ("reference://", "fo: own.json", True),
        ("simplecache::s3://bucket/x", "", True),
        ("ssh://host/x", "", True),
        ("${oc.env:NO_SUCH_HERE,memory}://x", "", True),
    ],
)
def test_places_that_take_more_than_a_folder_or_a_bucket_are_named(
    project: Path, uri: str, options: str, asked: bool
) -> None:
    config = f"data:\n  location: {{uri: '{uri}', credentials: {{{options}}}}}\n"
    assert [one.kind for one in would_run(project, config)] == ["location"] * asked
    with pytest.raises(TrustError) if ":" in uri and "file:" not in uri else nullcontext():
        need_reach(project, Location.of(uri, project))
    set_trust(project, True)
    assert need_reach(project, Location.of(uri, project))


@pytest.mark.parametrize(
    "config",
    [
        "k0: {x: 1}\n" + "".join(f"k{n}: {{a: '${{k{n - 1}}}', b: '${{k{n - 1}}}'}}\n" for n in range(1, 60)),
        "k0: x\n" + "".join(f"k{n}: ${{k{n - 1}}}${{k{n - 1}}}\n" for n in range(1, 60)) + "x: {_target_: '${k59}'}",
    ],
    ids=["mappings", "texts"],
)  # fmt: skip
def test_configs_without_end_are_asked_about(project: Path, config: str) -> None:
    assert {one.kind for one in would_run(project, config)} == {"target"}


def test_settings_that_multiply_are_named_and_not_waited_for(project: Path) -> None:
    (project / ".niceml/dagster").mkdir()
    bomb = "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1 or ''}, *a{n - 1 or ''}]\n" for n in range(1, 60))
    (project / ".niceml/dagster/dagster.yaml").write_text(bomb)
    assert named(project) == {"file settings that cannot be read": ".niceml/dagster/dagster.yaml:0 "}


def test_trust_is_remembered_by_path_outside_of_the_project(project: Path, state: Path, tmp_path: Path) -> None:
    set_trust(project, True)
    set_trust(tmp_path / "other", True)
    assert is_trusted(f"{project}/configs/..")
    assert [file.name for file in state.glob("*.json")] == ["trusted.json"]
    moved = tmp_path.parent / f"{tmp_path.name}-moved"
    project.rename(moved)
    assert not is_trusted(moved)
    set_trust(project, False)
    assert not is_trusted(project)
    assert is_trusted(tmp_path / "other")
    (state / "trusted.json").write_text("{")
    assert not is_trusted(tmp_path / "other")
    assert is_trusted(REPOSITORY)


def test_a_project_cannot_trust_itself_through_its_variables(project: Path, state: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from niceml_engine.config.projects.env_file import load_env; "
        "from niceml_engine.runs.trust import is_trusted; "
        "load_env(Path(sys.argv[1])); print(is_trusted(sys.argv[1]))"
    )
    evil = project / "state"
    evil.mkdir()
    (evil / "trusted.json").write_bytes(msgspec.json.encode({"projects": [str(project.resolve())]}))
    (evil / "niceml").symlink_to(evil)
    (project / ".env").write_text(f"NICEML_STATE_DIR={evil}\nXDG_DATA_HOME={evil}\n")
    moving = ("NICEML_STATE_DIR", "XDG_DATA_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in moving} | {"HOME": str(state)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(project)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_run_that_came_with_a_folder_waits_for_trust(project: Path) -> None:
    config = "ops:\n  data_generation:\n    config:\n      generator: {_target_: os.system, command: touch was_here}\n"
    composed = msgspec.structs.replace(compose(project, GENERATION, *SMALL), yaml=config)
    waiting = create_run(project, composed, "job_data_generation", RunSettings())
    dead = create_run(project, composed, "job_data_generation", RunSettings())
    assert dead.claim()
    queue = Queue(project)
    assert [run.id for run in queue.advance()] == [dead.id]
    assert dead.state().status == "failed"
    assert not waiting.claimed
    assert not (project / ".niceml" / "dagster").exists()
    set_trust(project, True)
    assert [run.id for run in queue.advance()] == [waiting.id]
    waiting.ask_to_stop()


def test_a_program_is_named_at_the_line_that_starts_hydra(project: Path) -> None:
    script = project / "app.py"
    script.write_text('import hydra\n\n\n@hydra.main("conf", "config", version_base=None)\ndef main(cfg): ...\n')
    (found, *_) = would_run(project, "a: 1\n", script=str(script))
    assert (found.kind, found.name, found.line) == ("program", "app.py", 4)
