"""What is saved composes to the digest that it came from, or the plan says what else it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.save import plan_save
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FilePlan, SaveTo
from niceml_engine.values import Selection
from tests.engine.projects import TRAIN, copy_project

CHANGES = (
    "ops/train@ops.train.config=op_train_cls_binary_mlp",
    "ops/train/train_params@ops.train.config.train_params=trainparams_smoke",
    "ops.train.config.train_params.epochs=7",
    "globals.exp_name='a # b: c'",
    "+globals.tags=[a,'1',2.0]",
)
LOCATION = "configs/shared/locations/exp_locations.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def made(root: Path, files: dict[str, str]) -> Path:
    (root / ".niceml").mkdir()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def plan(root: Path, selection: Selection, to: SaveTo = "job", target: str = "") -> FilePlan:
    """Plans, checks that nothing was written, and that what is written then composes to the same."""
    setting = Setting(root)
    before = {file: file.read_bytes() for file in root.rglob("*.yaml")}
    made = plan_save(Composer(setting), Tree.of(open_project(root), setting), selection, to, target)
    assert {file: file.read_bytes() for file in root.rglob("*.yaml")} == before
    return made


def write(root: Path, made: FilePlan) -> str:
    write_all(made.changes)
    composed = Composer(Setting(root)).compose(made.selection)
    assert composed.error is None, composed.error
    return composed.digest


def digest(root: Path, selection: Selection) -> str:
    return Composer(Setting(root)).compose(selection).digest


def texts(made: FilePlan) -> dict[str, str]:
    return {Path(change.file).name: change.after or "" for change in made.changes}


# ------------------------------------------------------------------------------------------------- the job file


def test_saving_writes_choices_and_values_and_leaves_the_rest(root: Path) -> None:
    chosen = Selection(str(root / TRAIN), CHANGES)
    wanted = digest(root, chosen)
    saved = plan(root, chosen)
    assert (saved.title, saved.selection) == ("Save into job_train_cls_binary.yaml", Selection(chosen.job))
    (after,) = texts(saved).values()
    assert "  # train\n  - /ops/train@ops.train.config: op_train_cls_binary_mlp.yaml\n" in after
    override = "override /ops/train/train_params@ops.train.config.train_params: trainparams_smoke"
    assert f"exp_locations.yaml\n  - {override}\n  - _self_\n" in after
    assert "  exp_name: 'a # b: c'\n" in after
    assert "# experiment locations\n" in after
    assert write(root, saved) == wanted


def test_saving_twice_changes_the_override_entry_that_is_there(root: Path) -> None:
    key = "ops/train/train_params@ops.train.config.train_params"
    write(root, plan(root, Selection(str(root / TRAIN), (f"{key}=trainparams_smoke",))))
    again = plan(root, Selection(str(root / TRAIN), (f"{key}=trainparams_long",)))
    (change,) = again.changes
    assert change.after == (change.before or "").replace("trainparams_smoke", "trainparams_long")
    assert again.selection.overrides == ()


def test_what_cannot_be_written_stays_an_override_or_is_refused(root: Path) -> None:
    deletion = "~ops.train.config.callbacks.csv"
    chosen = Selection(str(root / TRAIN), (deletion, "globals.exp_prefix=X", "~globals.data_location.uri"))
    saved = plan(root, chosen)
    assert saved.selection.overrides == (deletion, "~globals.data_location.uri")
    assert "exp_prefix: X\n" in saved.changes[0].after
    with pytest.raises(ConfigError, match="cannot be saved into this file"):
        plan(root, Selection(str(root / TRAIN), (deletion,)))
    with pytest.raises(ConfigError, match="cannot be saved"):
        plan(root, Selection(str(root / TRAIN), ("ops.nope=1",)))


def test_where_includes_win_over_the_body_it_says_what_to_do(tmp_path: Path) -> None:
    root = made(tmp_path, {"job.yaml": "defaults:\n  - _self_\n  - db: small\nname: x\n", "db/small.yaml": "size: 1\n"})
    job = str(root / "job.yaml")
    with pytest.raises(ConfigError, match="move `- _self_` to the end"):
        plan(root, Selection(job, ("db.size=2",)))
    saved = plan(root, Selection(job, ("name=y", "db.size=2")))
    assert saved.selection.overrides == ("db.size=2",)
    assert texts(saved)["job.yaml"].endswith("name: y\n")


def test_a_list_is_written_whole_and_a_group_can_be_added_or_removed(tmp_path: Path) -> None:
    job = "defaults:\n- db: small\n- _self_\nname: x # keep\n"
    root = made(tmp_path, {"job.yaml": job, "db/small.yaml": "size: 1\nhosts: [a, b]\n"})
    file = str(root / "job.yaml")
    saved = plan(root, Selection(file, ("db.hosts.1=c",)))
    assert texts(saved)["job.yaml"] == f"{job}db:\n  hosts: [a, c]\n"
    saved = plan(root, Selection(file, ("~db",)))
    assert (texts(saved)["job.yaml"], saved.selection.overrides) == ("defaults:\n- _self_\nname: x # keep\n", ())
    saved = plan(root, Selection(file, ("+db@other=small",)))
    assert "- db@other: small\n" in texts(saved)["job.yaml"]
    assert saved.selection.overrides == ()


def test_a_value_in_a_list_is_written_alone_where_the_file_has_the_list(tmp_path: Path) -> None:
    text = "items:\n  # the first\n  - a: 1  # one\n    b: 2\n  - c: 3\n"
    job = made(tmp_path, {"configs/jobs/a.yaml": text}) / "configs" / "jobs" / "a.yaml"
    chosen = Selection(str(job), ("items.0.a=5", "~items.0.b", "+items.1.d=4"))
    wanted = digest(tmp_path, chosen)
    saved = plan(tmp_path, chosen)
    assert texts(saved)["a.yaml"] == "items:\n  # the first\n  - a: 5  # one\n  - c: 3\n    d: 4\n"
    assert write(tmp_path, saved) == wanted


LISTED = "items:\n  # the first\n  - 1  # one\n  - 2   # two\n  - {n: 3} # three\n"
BRACKETED = "items: [\n  1,  # one\n  2   # two\n]\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (LISTED, "[1,2,{n:3},4]", f"{LISTED}  - 4\n"),
        (LISTED, "[1,2,{n:3},{a:1}]", f"{LISTED}  - a: 1\n"),
        (LISTED, "[1,2]", LISTED.replace("  - {n: 3} # three\n", "")),
        (LISTED, "[2,{n:3}]", LISTED.replace("  # the first\n  - 1  # one\n", "")),
        (LISTED, "[0,1,2,{n:4}]", LISTED.replace("  # the", "  - 0\n  # the").replace("n: 3", "n: 4")),
        (BRACKETED, "[1,2,3]", BRACKETED.replace("2   # two\n", "2,  # two\n  3\n")),
    ],
)
def test_a_list_that_is_saved_keeps_the_comments_of_the_items_that_stay(
    tmp_path: Path, before: str, value: str, after: str
) -> None:
    head, tail = "defaults: [db: small, _self_]\n", "# end\nz: 1\n"
    root = made(tmp_path, {"conf/job.yaml": head + before + tail, "conf/db/small.yaml": before + tail})
    job = str(root / "conf/job.yaml")
    for key, to, target, changed in (
        ("items", "job", "", {"job.yaml": head + after + tail}),
        ("items", "new-job", "conf/new", {"new.yaml": head + after + tail}),
        ("items", "sources", "", {"job.yaml": head + after + tail}),
        ("db.items", "sources", "", {"small.yaml": after + tail}),
    ):
        chosen = Selection(job, (f"{key}={value}",))
        wanted = digest(root, chosen)
        saved = plan(root, chosen, to, target)
        assert texts(saved) == changed
        assert write(root, saved) == wanted
        (root / "conf/job.yaml").write_text(head + before + tail)
    assert write(root, plan(root, Selection(job, ("items=[1,2,{a:1}]",)), "preset", "conf/experiment/mine"))


def test_a_job_that_others_include_changes_them_too_and_that_is_told(tmp_path: Path) -> None:
    root = made(tmp_path, {"conf/base.yaml": "defaults: [_self_]\na: 1\nb: 2\n", "conf/top.yaml": "defaults: [base]\n"})
    saved = plan(root, Selection(str(root / "conf/base.yaml"), ("a=3",)))
    (effect,) = saved.effects
    assert (effect.selection.job, effect.keys) == (str(root / "conf/top.yaml"), ("a",))


# ------------------------------------------------------------------------------------------------- a new job


def test_a_new_job_file_leaves_the_old_one(root: Path) -> None:
    chosen = Selection(str(root / TRAIN), CHANGES)
    wanted = digest(root, chosen)
    target = str((root / TRAIN).with_name("mine"))
    saved = plan(root, chosen, "new-job", target)
    assert (saved.title, saved.selection) == ("New job mine", Selection(f"{target}.yaml"))
    assert [change.file for change in saved.changes] == [f"{target}.yaml"]
    assert write(root, saved) == wanted
    with pytest.raises(ConfigError, match="exists already"):
        plan(root, chosen, "new-job", target)
    with pytest.raises(ConfigError, match="outside of the project"):
        plan(root, chosen, "new-job", "configs/jobs/../../../mine")


@pytest.mark.parametrize("to", ["new-job", "plain-job"])
def test_a_new_job_in_another_folder_finds_the_same_includes_or_is_refused(tmp_path: Path, to: SaveTo) -> None:
    job = "defaults:\n  - db: small # mine\n  - _self_\nname: x\n"
    searching = "hydra: {searchpath: ['file://conf']}\n"
    files = {"conf/a/job.yaml": job, "conf/a/db/small.yaml": "size: 1\n", "conf/a/good.yaml": searching + job}
    root = made(tmp_path, files)
    lost = Selection(str(root / "conf/a/job.yaml"), ("name=y",))
    with pytest.raises(ConfigError, match="means something else in this folder"):
        plan(root, lost, to, "conf/b/job")
    chosen = Selection(str(root / "conf/a/good.yaml"), ("name=y",))
    saved = plan(root, chosen, to, "conf/b/good")
    assert "  - /a/db@db: small # mine\n" in texts(saved)["good.yaml"]
    assert write(root, saved) == digest(root, chosen if to == "new-job" else Selection(chosen.job))


def test_a_job_in_which_a_choice_is_missing_is_a_template_as_well(tmp_path: Path) -> None:
    job = "defaults:\n  - db: ???\n"
    root = made(tmp_path, {"conf/job.yaml": job, "conf/db/small.yaml": "size: 1\n"})
    saved = plan(root, Selection(str(root / "conf/job.yaml"), ("name=y",)), "plain-job", "conf/new")
    assert texts(saved) == {"new.yaml": job}


# ------------------------------------------------------------------------------------------------- a preset


def test_a_preset_holds_choices_and_values_for_any_job(root: Path) -> None:
    chosen = Selection(str(root / TRAIN), CHANGES)
    wanted = digest(root, chosen)
    saved = plan(root, chosen, "preset", "quick")
    assert saved.title == "New preset quick"
    assert saved.selection == Selection(chosen.job, ("+experiment=quick",))
    (change,) = saved.changes
    assert change.file == str(root / "configs/experiment/quick.yaml")
    assert change.after == (
        "# @package _global_\n"
        "# on top of job_train_cls_binary\n"
        "defaults:\n"
        "  - override /ops/train@ops.train.config: op_train_cls_binary_mlp\n"
        "  - override /ops/train/train_params@ops.train.config.train_params: trainparams_smoke\n"
        "  - _self_\n"
        "ops:\n  train:\n    config:\n      train_params:\n        epochs: 7\n"
        "globals:\n  exp_name: 'a # b: c'\n  tags: [a, '1', 2.0]\n"
    )
    assert write(root, saved) == wanted
    with pytest.raises(ConfigError, match="of this name already"):
        plan(root, chosen, "preset", "quick")


TEMPLATE = {
    "conf/train.yaml": "defaults:\n  - _self_\n  - db: small\n  - optional experiment: null\nname: x\nsize: 1\n",
    "conf/db/small.yaml": "size: 1\n",
    "conf/db/big.yaml": "size: 2\nhosts: [a]\n",
    "conf/experiment/old.yaml": "# @package _global_\ndefaults:\n  - override /db: big\nname: old\n",
}


def test_a_preset_takes_the_place_that_a_job_has_for_it(tmp_path: Path) -> None:
    root = made(tmp_path, TEMPLATE)
    chosen = Selection(str(root / "conf/train.yaml"), ("db=big", "db.hosts=[b]", "~size"))
    wanted = digest(root, chosen)
    saved = plan(root, chosen, "preset", "mine")
    assert saved.selection.overrides == ("experiment=mine", "~size")
    assert saved.changes[0].file == str(root / "conf/experiment/mine.yaml")
    assert write(root, saved) == wanted


def test_a_preset_over_another_includes_it(tmp_path: Path) -> None:
    root = made(tmp_path, TEMPLATE)
    chosen = Selection(str(root / "conf/train.yaml"), ("experiment=old", "size=5"))
    wanted = digest(root, chosen)
    saved = plan(root, chosen, "preset", "conf/experiment/more/mine")
    assert saved.selection.overrides == ("experiment=more/mine",)
    assert "defaults:\n  - old\n  - _self_\n" in texts(saved)["mine.yaml"]
    assert write(root, saved) == wanted


# ------------------------------------------------------------------------------------------------- the very files


def test_each_value_goes_into_the_file_that_sets_it(root: Path) -> None:
    chosen = Selection(
        str(root / TRAIN),
        (
            "ops.train.config.learning_rate=0.5",
            "globals.exp_name=Mine",
            "ops/train/train_params@ops.train.config.train_params=trainparams_long",
            "+globals.tags=[a]",
        ),
    )
    wanted = digest(root, chosen)
    origins = {leaf.key: leaf for leaf in Composer(Setting(root)).compose(Selection(chosen.job)).leaves}
    rate = origins["ops.train.config.learning_rate"].origin
    saved = plan(root, chosen, "sources")
    assert rate.file in [change.file for change in saved.changes]
    assert "train_params: trainparams_long.yaml\n" in texts(saved)["op_train_base.yaml"]
    assert "exp_name: Mine\n" in texts(saved)["job_train_cls_binary.yaml"]
    assert "tags: [a]\n" in texts(saved)["job_train_cls_binary.yaml"]
    assert saved.selection.overrides == ()
    jobs = {Path(effect.selection.job).name: effect.keys for effect in saved.effects}
    assert set(jobs) == {"job_train_cls_binary_handwritten.yaml", "job_train_cls_softmax.yaml"}
    assert "ops.train.config.learning_rate" in jobs["job_train_cls_binary_handwritten.yaml"]
    assert write(root, saved) == wanted


def test_a_file_included_twice_changes_both_and_says_so(tmp_path: Path) -> None:
    files = {
        "conf/job.yaml": "defaults:\n  - db@one: small\n  - db@two: small\n  - _self_\n",
        "conf/db/small.yaml": "size: 1 # here\nname: a\n",
        "conf/other.yaml": "defaults: [db: small]\n",
    }
    root = made(tmp_path, files)
    saved = plan(root, Selection(str(root / "conf/job.yaml"), ("one.size=2",)), "sources")
    assert texts(saved) == {"small.yaml": "size: 2 # here\nname: a\n"}
    effects = [(Path(effect.selection.job).name, effect.keys) for effect in saved.effects]
    assert effects == [("job.yaml", ("two.size",)), ("other.yaml", ("db.size",))]


def test_a_value_is_deleted_where_it_is_set(tmp_path: Path) -> None:
    files = {"conf/job.yaml": "defaults: [db: small, _self_]\n", "conf/db/small.yaml": "size: 1\nname: a\n"}
    root = made(tmp_path, files)
    chosen = Selection(str(root / "conf/job.yaml"), ("~db.size",))
    wanted = digest(root, chosen)
    saved = plan(root, chosen, "sources")
    assert texts(saved) == {"small.yaml": "name: a\n"}
    assert write(root, saved) == wanted


PLUGINS = {
    "conf/train.yaml": "defaults: [optim: adam, combo: fast, _self_, override hydra/launcher: joblib]\n",
    "conf/eval.yaml": "defaults: [optim: adam, combo: fast, _self_, override hydra/job_logging: colorlog]\n",
    "conf/broken.yaml": "defaults: [combo: fast, nowhere: to_be_found]\n",
    "conf/optim/adam.yaml": "lr: 0.1\n",
    "conf/combo/fast.yaml": "# @package _global_\noptim: {lr: 0.2}\n",
}


def test_a_value_goes_into_its_file_also_where_a_plugin_is_missing_and_other_jobs_are_checked(tmp_path: Path) -> None:
    root = made(tmp_path, PLUGINS)
    selection = Selection(str(root / "conf/train.yaml"))
    error = Composer(Setting(root)).compose(selection).error
    assert error is not None
    saved = plan(root, Selection(selection.job, (*error.fixes[0].adds, "optim.lr=0.5")), "sources")
    assert texts(saved)["fast.yaml"] == "# @package _global_\noptim: {lr: 0.5}\n"
    effects = [(Path(effect.selection.job).name, effect.selection.overrides, effect.keys) for effect in saved.effects]
    assert effects == [("eval.yaml", (), ("optim.lr",))]
    assert [Path(job).name for job in saved.unchecked] == ["broken.yaml"]


@pytest.mark.parametrize(
    ("override", "anchor", "line"), [("use.p=5", "an", 2), ("~use.q", "an", 2), ("deep.use.p=5", "other", 3)]
)
def test_of_what_an_alias_gives_it_is_said_why_it_stays_an_override(
    tmp_path: Path, override: str, anchor: str, line: int
) -> None:
    text = "z: 1  # *an &an\nan: &an {p: 1, q: 2}\nan2: {x: &other {p: 3}}\nuse: *an\ndeep: {use: *other}\n"
    root = made(tmp_path, {"conf/job.yaml": text})
    selection = Selection(str(root / "conf/job.yaml"), (override, "z=2"))
    found = plan(root, selection, "sources")
    assert found.selection.overrides == (override,)
    (kept,) = found.kept
    assert kept.override == override
    assert kept.reason.startswith(f"the alias `*{anchor}` stands there for what `&{anchor}` says in line {line}; ")
    assert write(root, found) == digest(root, selection)


def test_of_what_is_set_again_later_it_is_said_why_the_job_cannot_hold_it(tmp_path: Path) -> None:
    files = {"conf/job.yaml": "defaults: [_self_, db: a]\nz: 1\ndb: {k: 1}\n", "conf/db/a.yaml": "k: 2\n"}
    root = made(tmp_path, files)
    found = plan(root, Selection(str(root / "conf/job.yaml"), ("db.k=5", "z=2")))
    assert [(one.override, one.reason) for one in found.kept] == [
        ("db.k=5", "written there, it would not come out as it does now")
    ]
