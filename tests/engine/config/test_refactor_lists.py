"""An option that stands in a list of options keeps its package when it moves, or does not move."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.refactor import plan_move
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.values import Selection
from tests.engine.config.test_refactor import composed, contents, made, moved, tree_of

LISTS = {
    "conf/app.yaml": "defaults:\n  - feat: [one, two]  # both\n  - /srv/web\n  - _self_\nx: 1\n",
    "conf/feat/one.yaml": "one: 1\n",
    "conf/feat/two.yaml": "two: 2\n",
    "conf/feat/three.yaml": "# @package _global_\nthree: 3\n",
    "conf/srv/web.yaml": "defaults:\n  - /feat: [one]\n  - parts: [a, sub/b]\nport: 1\n",
    "conf/srv/parts/a.yaml": "a: 1\n",
    "conf/srv/parts/sub/b.yaml": "b: 2\n",
}
PRESETS = {
    "conf/app.yaml": "defaults:\n  - feat: [one, two]\n  - _self_\nx: 1\n",
    "conf/feat/deep/four.yaml": "four: 4\n",
    "conf/feat/old.yaml": "# @package _group_\nold: 1\n",
}
NAMES = ("one", "two", "three", "deep/four", "old")


@pytest.mark.parametrize(
    ("file", "target", "entry"),
    [
        ("conf/feat/one.yaml", "conf/gadget/uno", "  - feat@feat: [../gadget/uno, two]  # both\n"),
        ("conf/feat/two.yaml", "conf/feat/far/two", "  - feat@feat: [one, far/two]  # both\n"),
        ("conf/feat/two.yaml", "conf/feat/duo", "  - feat: [one, duo]  # both\n"),
    ],
)
def test_an_option_of_a_list_that_moves_stays_at_its_package(
    tmp_path: Path, file: str, target: str, entry: str
) -> None:
    root = made(tmp_path, LISTS)
    before = composed(root, "conf/app.yaml")
    changed = moved(root, file, target)
    assert entry in changed["conf/app.yaml"]
    after = composed(root, "conf/app.yaml")
    assert (after.digest, after.yaml) == (before.digest, before.yaml)
    left = "two" if "one" in file else "one"
    assert composed(root, "conf/app.yaml", f"feat=[{left}]").digest  # it is chosen as before


@pytest.mark.parametrize(
    ("app", "file"),
    [
        ("defaults:\n  - feat: [one, three]\n", "conf/feat/one.yaml"),
        ("defaults:\n  - feat: [one, deep/four]\n", "conf/feat/one.yaml"),
        ("defaults:\n  - feat: two\n  - override feat: [one]\n", "conf/feat/one.yaml"),
    ],
)
def test_an_option_of_a_list_that_cannot_stay_at_its_package_is_not_moved(tmp_path: Path, app: str, file: str) -> None:
    root = made(tmp_path, {**LISTS, "conf/app.yaml": app, "conf/feat/deep/four.yaml": "four: 4\n"})
    with pytest.raises(ConfigError, match="give it an entry of its own first") as caught:
        moved(root, file, "conf/gadget/uno")
    assert (caught.value.file, caught.value.line) == (str(root / "conf/app.yaml"), 3 if "override" in app else 2)


@pytest.mark.parametrize("other", ["three", "[three]", "[deep/four]"])
def test_a_list_gets_no_package_that_would_win_over_that_of_what_overrides_it(tmp_path: Path, other: str) -> None:
    preset = f"# @package _global_\ndefaults:\n  - override /feat: {other}\n"
    root = made(tmp_path, {**LISTS, **PRESETS, "conf/preset/fast.yaml": preset})
    before = contents(root)
    with pytest.raises(ConfigError, match="goes elsewhere") as caught:
        moved(root, "conf/feat/one.yaml", "conf/gadget/uno")
    assert (caught.value.file, caught.value.line) == (str(root / "conf/app.yaml"), 2)
    assert contents(root) == before


def test_what_is_overridden_by_nothing_keeps_its_group(tmp_path: Path) -> None:
    preset = "# @package _global_\ndefaults:\n  - override /db: null\n"
    files = {"conf/app.yaml": "defaults:\n  - db: mysql\nx: 1\n", "conf/db/mysql.yaml": "a: 1\n"}
    root = made(tmp_path, {**files, "conf/preset/none.yaml": preset})
    before = composed(root, "conf/app.yaml", "+preset=none").digest
    moved(root, "conf/db/mysql.yaml", "conf/sql/mysql")
    assert composed(root, "conf/app.yaml", "+preset=none").digest == before


@pytest.mark.parametrize(
    ("app", "override"),
    [
        ("defaults:\n  - feat: two\n  - _self_\nx: 1\n", "feat=[one,two]"),
        ("defaults:\n  - feat: ???\n  - _self_\nx: 1\n", "feat=[two,one]"),
        ("defaults:\n  - _self_\nx: 1\n", "+feat=[one,two]"),
        (PRESETS["conf/app.yaml"], "feat=[three]"),
        (PRESETS["conf/app.yaml"], "feat=[deep/four]"),
    ],
)
def test_a_list_in_the_open_selection_that_cannot_be_rewritten_is_refused(
    tmp_path: Path, app: str, override: str
) -> None:
    root = made(tmp_path, {**LISTS, **PRESETS, "conf/app.yaml": app})
    selection = Selection(str(root / "conf/app.yaml"), (override,))
    with pytest.raises(ConfigError, match="cannot be rewritten"):
        moved(root, "conf/feat/one.yaml", "conf/gadget/uno", selection)


@settings(max_examples=60, deadline=None)
@given(
    chosen=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4),
    key=st.sampled_from(["feat", "/feat", "optional feat", "feat@a.b", "feat@_global_", "feat@_here_"]),
    block=st.booleans(),
    file=st.sampled_from(NAMES),
    target=st.sampled_from(["gadget/new", "feat/new", "feat/far/new", "deep/new"]),
    override=st.sampled_from(["", "feat=[two,one]", "feat=[three,old]", "+feat@z=[one,two]", "+preset=fast"]),
)
def test_an_option_of_any_list_moves_without_any_notice_or_not_at_all(
    chosen: list[str], key: str, block: bool, file: str, target: str, override: str
) -> None:
    entry = "".join(f"\n      - {name}" for name in chosen) if block else f" [{', '.join(chosen)}]"
    app = f"defaults:\n  - {key}:{entry}\n  - _self_\nx: 1\n"
    preset = "# @package _global_\ndefaults:\n  - override /feat: [two, three]\n"
    with TemporaryDirectory() as folder:
        files = {**LISTS, **PRESETS, "conf/app.yaml": app, "conf/preset/fast.yaml": preset}
        root = made(Path(folder), files)
        job, composer = str(root / "conf/app.yaml"), Composer(Setting(root))
        selections = [Selection(job, (text,) if text else ()) for text in (override, "", "+preset=fast")]
        before = [composer.compose(one).yaml for one in selections]
        place = str(root / "conf" / target)
        try:
            plan = plan_move(composer, tree_of(root), str(root / f"conf/feat/{file}.yaml"), place, selections[0])
        except ConfigError:
            return
        write_all(plan.changes)
        if before[0]:
            selections[0] = plan.selection
        after = [composer.compose(one).yaml for one in selections]
        assert [now for now, then in zip(after, before, strict=True) if then] == [then for then in before if then]


def test_a_job_with_a_list_of_options_is_moved_to_another_folder(tmp_path: Path) -> None:
    app = LISTS["conf/app.yaml"].replace("  - _self_", "  - optional gadget: null # later\n  - size: ???\n  - _self_")
    files = {**LISTS, "conf/app.yaml": app, "conf/size/big.yaml": "s: 1\n", "conf/gadget/g.yaml": "g: 1\n"}
    root = made(tmp_path, {**files, ".niceml/project.yaml": "config_dirs: [conf]\n"})
    before = composed(root, "conf/app.yaml", "size=big", "gadget=g")
    moved(root, "conf/app.yaml", "conf/jobs2/app")
    text = (root / "conf/jobs2/app.yaml").read_text()
    assert "  - /feat: [one, two]  # both\n" in text
    assert "  - optional /gadget: null # later\n  - /size: ???\n" in text
    after = Composer(Setting(root, config_dir=root / "conf"))
    found = after.compose(Selection(str(root / "conf/jobs2/app.yaml"), ("size=big", "gadget=g")))
    assert found.error is None, found.error
    assert found.yaml == before.yaml


def test_a_header_that_says_what_is_so_anyway_does_not_keep_a_config_at_its_package(tmp_path: Path) -> None:
    app = PRESETS["conf/app.yaml"].replace("one", "old")
    root = made(tmp_path, {**LISTS, **PRESETS, "conf/app.yaml": app})
    before = composed(root, "conf/app.yaml").yaml
    moved(root, "conf/feat/old.yaml", "conf/gadget/older")
    assert composed(root, "conf/app.yaml").yaml == before
