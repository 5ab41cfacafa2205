"""Config files are renamed, moved, copied and deleted together with what names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.refactor import plan_delete, plan_move, plan_new
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project, project_of, read_layout
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Selection
from tests.engine.projects import TRAIN, copy_project

NOTHING = Selection("")
FORMS = {
    "conf/app.yaml": """\
defaults:
  - db: mysql            # relative
  - /db@other: "mysql.yaml"
  - optional db@third: [pg, 'mysql']
  - srv@_here_: apache
  - nest/deep: one
  - _self_
  - override db@behind: mysql
a: mysql
""",
    "conf/preset/fast.yaml": "# @package _global_\r\ndefaults:\r\n  - override /db:   mysql # why\r\nx: 1\r\n",
    "conf/db/mysql.yaml": "name: mysql\n",
    "conf/db/pg.yaml": "defaults: [mysql@base]\nname: pg\n",
    "conf/srv/apache.yaml": "defaults:\n  - /db@behind: pg\n  - _self_\nname: apache\n",
    "conf/nest/deep/one.yaml": "defaults: [{near: two}, /nest/deep/three@x]\nname: one\n",
    "conf/nest/deep/three.yaml": "name: three\n",
    "conf/nest/deep/near/two.yaml": "# @package nest.far\nname: two\n",
    "conf/nest/mysql.yaml": "name: another, of the same name\n",
}


def made(root: Path, files: dict[str, str]) -> Path:
    (root / ".niceml").mkdir(parents=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def composed(root: Path, job: str, *overrides: str) -> Composed:
    found = Composer(Setting(root)).compose(Selection(str(root / job), overrides))
    assert found.error is None, found.error
    return found


def moved(root: Path, file: str, target: str, selection: Selection = NOTHING) -> dict[str, str]:
    """Moves a file and returns the changed texts by name."""
    tree, composer = tree_of(root), Composer(Setting(root))
    plan = plan_move(composer, tree, str(root / file), str(root / target), selection)
    write_all(plan.changes)
    return {str(Path(one.file).relative_to(root)): one.after or "" for one in plan.changes if one.before is not None}


def tree_of(root: Path) -> Tree:
    return Tree.of(open_project(root), Setting(root))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def digests(root: Path, tree: Tree) -> list[str]:
    composer = Composer(Setting(root))
    return sorted(composer.compose(Selection(job)).digest for job in tree.jobs)


# ------------------------------------------------------------------------------------------------- usages


def test_every_include_that_hydra_sees_is_a_usage(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    tree, composer = tree_of(root), Composer(Setting(root))
    seen = 0
    for job in tree.jobs:
        found = composer.compose(Selection(job))
        files = {node.id: node.file for node in found.nodes}
        for edge in (one for one in found.edges if not one.override):
            usages = tree.usages(files[edge.target])
            assert (files[edge.source], edge.line) in [(usage.file, usage.line) for usage in usages]
            seen += 1
    assert seen > 40


def test_a_usage_says_where_and_how_whether_a_job_includes_it_or_not(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    usages = tree_of(root).usages(str(root / "conf/db/mysql.yaml"))
    assert [(usage.node, usage.line, usage.text, usage.override) for usage in usages] == [
        ("app", 2, "db: mysql", False),
        ("app", 3, "/db@other: mysql.yaml", False),
        ("app", 4, "optional db@third: mysql", False),
        ("app", 8, "override db@behind: mysql", True),
        ("db/pg", 1, "mysql@base", False),
        ("preset/fast", 3, "override /db: mysql", True),
    ]


def test_jobs_that_include_a_file_are_known_without_composing_them(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    tree, composer = tree_of(root), Composer(Setting(root))
    used = {job: {node.file for node in composer.compose(Selection(job)).nodes} for job in tree.jobs}
    for option in tree.options:
        known = tree.jobs_with([option.file])
        assert {job for job, files in used.items() if option.file in files} <= set(known)
    assert tree.jobs_with([str(root / "configs/ops/train/op_train_cls_binary_mlp.yaml")]) == ()
    open_ = made(tmp_path / "other", FORMS | {"conf/late.yaml": "defaults:\n  - db: ${oc.env:DB}\n"})
    assert str(open_ / "conf/late.yaml") in tree_of(open_).jobs_with([str(open_ / "conf/db/pg.yaml")])


def test_a_broken_file_hides_no_usage(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS | {"conf/broken.yaml": "defaults: [{db: mysql]\n", "conf/latin.yaml": "db: mysql\n"})
    (root / "conf/latin.yaml").write_bytes(b"defaults: [{db: mysql}] # \xe9\n")
    tree, mysql = tree_of(root), str(root / "conf/db/mysql.yaml")
    assert len(tree.usages(mysql)) == 6
    plan = plan_move(Composer(Setting(root)), tree, mysql, str(root / "conf/db/maria.yaml"), NOTHING)
    assert [(usage.node, usage.line) for usage in plan.usages] == [("broken", 1)]
    assert "invalid YAML" in plan.usages[0].text


# ------------------------------------------------------------------------------------------------- rename and move


def test_a_rename_rewrites_every_entry_in_its_own_form(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    before = composed(root, "conf/app.yaml", "+preset=fast").digest
    changed = moved(root, "conf/db/mysql.yaml", "conf/db/maria")
    app = FORMS["conf/app.yaml"].replace("db: mysql  ", "db: maria  ").replace('"mysql.yaml"', '"maria.yaml"')
    app = app.replace("'mysql'", "'maria'").replace("behind: mysql", "behind: maria")
    assert changed == {
        "conf/db/mysql.yaml": "",
        "conf/app.yaml": app,
        "conf/db/pg.yaml": FORMS["conf/db/pg.yaml"].replace("mysql@base", "maria@base"),
        "conf/preset/fast.yaml": FORMS["conf/preset/fast.yaml"].replace("mysql", "maria"),
    }
    assert (root / "conf/db/maria.yaml").read_text() == "name: mysql\n"
    assert composed(root, "conf/app.yaml", "+preset=fast").digest == before


def test_a_config_moved_to_another_group_stays_at_its_package(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    before = composed(root, "conf/app.yaml").digest
    changed = moved(root, "conf/nest/deep/one.yaml", "conf/other/one")
    assert "  - other@nest.deep: one\n" in changed["conf/app.yaml"]
    assert (root / "conf/other/one.yaml").read_text() == (
        "defaults: [{/nest/deep/near: two}, /nest/deep/three@x]\nname: one\n"  # `two` says itself where it goes
    )
    assert composed(root, "conf/app.yaml").digest == before


def test_a_file_that_is_chosen_by_a_path_looks_from_the_group(tmp_path: Path) -> None:
    files = {
        "conf/app.yaml": "defaults:\n  - db: far/big\n",
        "conf/db/far/big.yaml": "defaults:\n  - small\n  - tune: fast\nsize: 2\n",
        "conf/db/small.yaml": "size: 1\n",
        "conf/db/tune/fast.yaml": "speed: 1\n",
    }
    root = made(tmp_path, files)
    before = composed(root, "conf/app.yaml").digest
    changed = moved(root, "conf/db/small.yaml", "conf/db/tiny")
    assert changed["conf/db/far/big.yaml"] == files["conf/db/far/big.yaml"].replace("small", "tiny")
    moved(root, "conf/db/far/big.yaml", "conf/other/big")
    assert "  - /db/tiny@_here_\n  - /db/tune@tune: fast\n" in (root / "conf/other/big.yaml").read_text()
    assert composed(root, "conf/app.yaml").digest == before


def test_what_is_overridden_keeps_its_group(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    before = composed(root, "conf/app.yaml", "+preset=fast").digest
    changed = moved(root, "conf/db/mysql.yaml", "conf/sql/mysql")
    assert "  - db: ../sql/mysql            # relative\n" in changed["conf/app.yaml"]
    assert "override /db:   ../sql/mysql # why\r\n" in changed["conf/preset/fast.yaml"]
    assert changed["conf/db/pg.yaml"] == "defaults: [/sql/mysql@base]\nname: pg\n"
    assert composed(root, "conf/app.yaml", "+preset=fast").digest == before


def test_a_job_with_an_open_choice_is_checked_when_it_is_renamed_itself(tmp_path: Path) -> None:
    files = {"conf/app.yaml": "defaults:\n  - db: ???\n  - _self_\nx: 1\n", "conf/db/a.yaml": "a: 1\n"}
    root = made(tmp_path, files)
    job = str(root / "conf/app.yaml")
    plan = plan_move(Composer(Setting(root)), tree_of(root), job, str(root / "conf/b"), Selection(job, ("db=a",)))
    assert (plan.effects, plan.unchecked) == ((), ())


def test_a_job_with_an_open_choice_is_checked_with_what_is_chosen_in_front(tmp_path: Path) -> None:
    files = {"conf/app.yaml": "defaults:\n  - db: ???\n  - feat: one\n", "conf/db/a.yaml": "a: 1\n"}
    root = made(tmp_path, {**files, "conf/feat/one.yaml": "one: 1\n"})
    chosen = Selection(str(root / "conf/app.yaml"), ("db=a",))
    for selection, unchecked in ((chosen, ()), (NOTHING, (chosen.job,))):
        place = str(root / "conf/feat/uno")
        plan = plan_move(Composer(Setting(root)), tree_of(root), str(root / "conf/feat/one.yaml"), place, selection)
        assert plan.unchecked == unchecked


@pytest.mark.parametrize("target", ["{group}/{name}_new", "moved/{group}/{name}"])
def test_all_our_files_may_have_other_names_and_no_job_notices(tmp_path: Path, target: str) -> None:
    root = copy_project(tmp_path)
    configs = root / "configs"
    before, tree = contents(configs), tree_of(root)
    expected, composer = digests(root, tree), Composer(Setting(root))
    plans = []
    for option in tree.options:
        if target.startswith("moved") and option.file in tree.jobs:
            continue  # where a job lies says which Dagster job it is
        place = configs / target.format(group=option.group, name=option.name)
        plan = plan_move(composer, tree_of(root), option.file, str(place), NOTHING)
        assert (plan.effects, plan.unchecked) == ((), ())
        write_all(plan.changes)
        plans.append(plan)
    assert not set(contents(configs)) & {one.file for one in tree.options if one.file not in tree.jobs}
    assert digests(root, tree_of(root)) == expected
    for plan in reversed(plans):
        write_all(change.undone for change in plan.changes)
    assert contents(configs) == before


def test_the_selection_goes_on_with_the_new_name(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    mlp = root / "configs/ops/train/op_train_cls_binary_mlp.yaml"
    selection = Selection(str(root / TRAIN), ("ops/train@ops.train.config=op_train_cls_binary_mlp.yaml", "a=1"))
    composer, tree = Composer(Setting(root)), tree_of(root)
    kept = Selection(selection.job, selection.overrides[:1])
    before = composer.compose(kept).digest
    plan = plan_move(composer, tree, str(mlp), str(mlp.with_name("mlp.yaml")), kept)
    assert plan.title == "Rename op_train_cls_binary_mlp to mlp"
    assert plan.selection.overrides == ("ops/train@ops.train.config=mlp.yaml",)
    assert not plan.effects
    write_all(plan.changes)
    assert composer.compose(plan.selection).digest == before
    job = root / TRAIN
    plan = plan_move(composer, tree, str(job), str(job.with_name("job_new.yaml")), plan.selection)
    assert plan.selection.job == str(job.with_name("job_new.yaml"))
    assert not plan.effects


def test_a_rename_that_a_job_would_notice_is_told(tmp_path: Path) -> None:
    job = "defaults:\n  - db: mysql\n  - size: ${db}_big\n  - _self_\n"
    root = made(tmp_path, {"conf/app.yaml": job, "conf/db/mysql.yaml": "a: 1\n", "conf/size/mysql_big.yaml": "b: 1\n"})
    tree, composer = tree_of(root), Composer(Setting(root))
    place = str(root / "conf/db/maria.yaml")
    plan = plan_move(composer, tree, str(root / "conf/db/mysql.yaml"), place, NOTHING)
    (effect,) = plan.effects
    assert effect.selection.job == str(root / "conf/app.yaml")
    assert "maria_big" in effect.error


def test_an_entry_that_cannot_be_spliced_is_named(tmp_path: Path) -> None:
    root = made(tmp_path, {"conf/app.yaml": "x: &x\n  - db: mysql\ndefaults: *x\n", "conf/db/mysql.yaml": "a: 1\n"})
    before = contents(root)
    with pytest.raises(ConfigError, match="cannot be rewritten") as caught:
        moved(root, "conf/db/mysql.yaml", "conf/db/maria")
    assert (caught.value.file, caught.value.line) == (str(root / "conf/app.yaml"), 2)
    assert contents(root) == before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("conf/db/pg.yaml", "of this name already"),
        ("conf/db/pg.yml", "of this name already"),
        ("conf/db/a b", "no name that Hydra can read"),
        ("conf/d@b/x", "no name that Hydra can read"),
        ("elsewhere/x", "choose a folder there"),
        ("conf/../x", "choose a folder there"),
    ],
)
def test_a_place_where_no_config_can_be_is_refused(tmp_path: Path, target: str, words: str) -> None:
    root = made(tmp_path, FORMS)
    with pytest.raises(ConfigError, match=words):
        moved(root, "conf/db/mysql.yaml", target)
    with pytest.raises(ConfigError, match=words):
        plan_new(tree_of(root), str(root / target), NOTHING)


# ------------------------------------------------------------------------------------------------- new and delete


def test_a_new_file_is_empty_or_a_copy_that_means_the_same_in_its_place(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    tree = tree_of(root)
    plan = plan_new(tree, str(root / "conf/db/lite"), NOTHING)
    assert [(one.file, one.before, one.after) for one in plan.changes] == [(str(root / "conf/db/lite.yaml"), None, "")]
    like = str(root / "conf/nest/deep/one.yaml")
    beside = plan_new(tree, str(root / "conf/nest/deep/eins"), NOTHING, like)
    assert beside.title == "New eins like one"
    assert beside.changes[0].after == FORMS["conf/nest/deep/one.yaml"]
    apart = plan_new(tree, str(root / "conf/eins/one"), NOTHING, like)
    assert "{/nest/deep/near: two}" in (apart.changes[0].after or "")


def test_a_delete_says_who_names_the_file_and_which_jobs_miss_it(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    tree, composer = tree_of(root), Composer(Setting(root))
    plan = plan_delete(composer, tree, str(root / "conf/nest/deep/three.yaml"), NOTHING)
    assert [(usage.node, usage.line) for usage in plan.usages] == [("nest/deep/one", 1)]
    assert [effect.selection.job for effect in plan.effects] == [str(root / "conf/app.yaml")]
    assert "nest/deep/three" in plan.effects[0].error
    free = plan_delete(composer, tree, str(root / "conf/nest/mysql.yaml"), NOTHING)
    assert not free.usages
    assert not free.effects
    write_all(free.changes)
    assert not (root / "conf/nest/mysql.yaml").exists()


def test_a_script_that_names_a_job_is_a_usage_too(tmp_path: Path) -> None:
    root = made(tmp_path, FORMS)
    main = "@hydra.main(config_path='conf', config_name='app', version_base='1.2')\ndef main(c):\n    pass\n"
    (root / "train.py").write_text(f"import hydra\n\n{main}")
    layout = read_layout(root)
    tree, composer = Tree.of(project_of(layout), layout.setting), Composer(layout.setting)
    app = str(root / "conf/app.yaml")
    plan = plan_move(composer, tree, app, str(root / "conf/main.yaml"), Selection(app))
    assert [(usage.file, usage.line, usage.text) for usage in plan.usages] == [
        (str(root / "train.py"), 3, "config_name=app")
    ]
    assert plan.selection.job == str(root / "conf/main.yaml")


def test_configs_that_a_search_path_names_are_in_the_tree_and_those_outside_are_only_read(tmp_path: Path) -> None:
    root = made(
        tmp_path / "project",
        {
            "conf/config.yaml": "defaults: [net: resnet, opt: sgd]\nhydra:\n  searchpath:\n"
            "    - pkg://mylib.conf\n    - file://../other\n",
            "conf/opt/sgd.yaml": "lr: 1\n",
            "src/mylib/__init__.py": "",
            "src/mylib/conf/__init__.py": "",
            "src/mylib/conf/net/resnet.yaml": "depth: 18\n",
            "src/mylib/conf/opt/sgd.yaml": "lr: 2\n",
        },
    )
    outside = made(tmp_path / "other", {"net/outside.yaml": "depth: 1\n"}) / "net/outside.yaml"
    project = open_project(root)
    options = {option.id: option for option in project.tree.options}
    assert sorted(options) == ["config", "net/outside", "net/resnet", "opt/sgd"]
    assert [job.id for job in project.tree.jobs] == ["config"]
    assert options["opt/sgd"].hides == (str(root / "src/mylib/conf/opt/sgd.yaml"),)
    assert options["net/resnet"].source == str(root / "src/mylib/conf")
    layout = read_layout(root)
    tree, composer = Tree.of(project, layout.setting), Composer(layout.setting)
    (usage,) = tree.usages(options["net/resnet"].file)
    assert usage.line == 1
    plan = plan_move(composer, tree, options["net/resnet"].file, str(root / "src/mylib/conf/net/deep.yaml"), NOTHING)
    assert {Path(change.file).name for change in plan.changes} == {"config.yaml", "resnet.yaml", "deep.yaml"}
    assert plan.effects == ()
    for refused in (
        lambda: plan_delete(composer, tree, str(outside), NOTHING),
        lambda: plan_move(composer, tree, str(outside), str(root / "conf/net/mine.yaml"), NOTHING),
    ):
        with pytest.raises(ConfigError, match="outside of the project"):
            refused()
