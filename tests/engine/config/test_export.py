"""What is exported composes to the digest that it came from."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import get_args

import pytest
import yaml

from niceml_engine.config.compose import Composer
from niceml_engine.config.exporting.export import export
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import ExportFormat
from niceml_engine.values import Selection

ROOT = Path(__file__).parents[3]
JOB = "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
SECRET = "hunter2-from-the-environment"
CHANGES = (
    "ops/train@ops.train.config=op_train_cls_binary_mlp",
    "ops/train/train_params@ops.train.config.train_params=trainparams_smoke",
    "ops.train.config.train_params.epochs=7",
    "globals.exp_name='a # b: c'",
    "+globals.tags=[a,'1',2.0]",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    return tmp_path


@pytest.fixture
def composer(project: Path) -> Composer:
    return Composer(Setting(project))


def selection(project: Path, *overrides: str) -> Selection:
    return Selection(str(project / JOB), overrides)


@pytest.mark.parametrize("to", ["yaml", "annotated", "run-config", "overrides", "command", "job"])
def test_every_export_composes_to_the_same_again(
    to: ExportFormat, project: Path, composer: Composer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chosen = selection(project, *CHANGES)
    exported = export(composer, chosen, to)
    assert exported.digest == composer.compose(chosen).digest
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "exported.yaml"
    again = Composer(Setting(elsewhere.parent))
    text = exported.text
    if to == "overrides":
        back, again = selection(project, *text.splitlines()), composer
    elif to == "command":
        words = shlex.split(text)
        assert words[:2] == ["niceml-engine", "run"]
        split = words.index("--")
        back, again = Selection(words[split - 1], tuple(words[split + 1 :])), composer
    elif to == "job":
        back, again = Selection(str((project / JOB).with_name("exported.yaml"))), composer
        Path(back.job).write_text(text)
    else:
        elsewhere.write_text(yaml.safe_load(text)["config"] if to == "run-config" else text)
        back = Selection(str(elsewhere))
    assert again.compose(back).digest == exported.digest


@pytest.mark.parametrize("to", get_args(ExportFormat))
def test_no_export_holds_a_secret_of_the_environment(
    to: ExportFormat, project: Path, composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("S3_SECRET", "AWS_SECRET_ACCESS_KEY", "MY_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    credentials = project / "configs" / "shared" / "credentials" / "credentials_minio.yaml"
    credentials.write_text("key: ${oc.env:AWS_SECRET_ACCESS_KEY}\nsecret: ${oc.env:S3_SECRET}\n")
    chosen = selection(project, "+globals.note='uses ${globals.data_location.credentials.secret}'")
    exported = export(composer, chosen, to)
    text = exported.text
    assert SECRET not in text
    assert not any(SECRET in file.text for file in exported.files)
    if to in ("yaml", "annotated", "run-config"):
        assert "${oc.env:S3_SECRET}" in text
    if to == "resolved":
        assert "uses ••••••" in text


def test_a_resolved_export_masks_what_an_override_says(project: Path, composer: Composer) -> None:
    chosen = selection(project, f"globals.data_location.credentials.secret={SECRET}")
    assert SECRET not in export(composer, chosen, "resolved").text


def test_a_job_file_is_refused_where_it_would_not_find_its_includes(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "small.yaml").write_text("size: 1\n")
    job = tmp_path / "job.yaml"
    job.write_text("defaults:\n  - db: small\n  - _self_\n")
    composer, chosen = Composer(Setting(tmp_path)), Selection(str(job), ("db.size=2",))
    assert export(composer, chosen, "job", str(tmp_path / "near.yaml")).text.endswith("db:\n  size: 2\n")
    with pytest.raises(ConfigError, match="would not find"):
        export(composer, chosen, "job", str(tmp_path / "far" / "away.yaml"))
    assert not (tmp_path / "far").exists()


def test_a_job_file_finds_its_includes_from_outside_of_the_project(
    project: Path, composer: Composer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away") / "job.yaml"
    exported = export(composer, selection(project, "ops.train.config.learning_rate=0.5"), "job", str(away))
    assert f"file://{project / 'configs'}" in exported.text
    away.write_text(exported.text)
    composed = Composer(Setting(away.parent)).compose(Selection(str(away)))
    assert composed.error is None
    assert composed.digest == exported.digest


def test_a_command_names_the_setting_that_composes_it(tmp_path: Path) -> None:
    (tmp_path / "conf" / "in side").mkdir(parents=True)
    (tmp_path / "conf" / "in side" / "job.yaml").write_text("# @package _global_\na: 1\n")
    setting = Setting(tmp_path, (tmp_path / "src",), "1.3", tmp_path, tmp_path / "conf")
    chosen = Selection(str(tmp_path / "conf" / "in side" / "job.yaml"), ("a='x y'",))
    words = shlex.split(export(Composer(setting), chosen, "command").text)
    assert words[2:] == [
        "--config-dir", str(tmp_path / "conf"), "--version-base", "1.3", "--working-dir", str(tmp_path),
        "--python-path", str(tmp_path / "src"), "in side/job", "--", "a='x y'",
    ]  # fmt: skip


def test_a_selection_that_does_not_compose_is_refused(project: Path, composer: Composer) -> None:
    with pytest.raises(ConfigError):
        export(composer, selection(project, "ops.nope=1"), "yaml")


STRANGE = """\
defaults:
  - b
  - _self_
"": empty key
long: {words}
quoted: "a: b # c: {words} "
block: |
  one # two

  three
kept: |+
  one

list: [[1, 2], {{x: y}}]
none: ~
nothing: {{}}
bare: []
1: number
deep:
  own: 2
  "a.b c": x
"""


def test_comments_on_values_say_who_set_them_and_change_none(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("deep:\n  own: 1\n  other: 1\n")
    job = tmp_path / "job.yaml"
    job.write_text(STRANGE.format(words="several words " * 20))
    composer, chosen = Composer(Setting(tmp_path)), Selection(str(job), ("deep.other=5", "+new.secret='x y'"))
    exported = export(composer, chosen, "annotated")
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "out.yaml").write_text(exported.text)
    again = Composer(Setting(tmp_path / "else")).compose(Selection(str(tmp_path / "else" / "out.yaml")))
    assert (again.error, again.digest) == (None, composer.compose(chosen).digest)
    lines = [" ".join(line.split()) for line in exported.text.splitlines()]
    assert "own: 2 # job.yaml:20 ⟵ b.yaml:2" in lines
    assert "other: 5 # override ⟵ b.yaml:3" in lines
    assert "secret: x y # override" in lines
    assert lines[lines.index("block: 'one # two") - 1] == "# job.yaml:7"
    commented = {line.partition(":")[0] for line in lines if "# job.yaml:" in line}
    assert {"list", "none", "nothing", "bare", "1", "own"} <= commented
