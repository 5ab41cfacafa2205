"""Several files change together or not at all, and what others wrote meanwhile is merged or asked about."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.config.text.changes import write_all, write_changes
from niceml_engine.config.text.disk import Swap
from niceml_engine.config.text.merge import merged, overruled
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FileChange

BASE = "a: 1\nb: 2\nc: 3\nd: 4\n"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_are_made_changed_and_deleted_in_one_go_and_that_can_be_undone(tmp_path: Path) -> None:
    old, gone, new = tmp_path / "old.yaml", tmp_path / "gone.yaml", tmp_path / "group" / "new.yaml"
    old.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    old.chmod(0o640)
    gone.write_text("b: 1\n")
    changes = (
        FileChange(str(old), "\ufeffa: 1\r\n", "\ufeffa: 2\r\n"),
        FileChange(str(gone), "b: 1\n", None),
        FileChange(str(new), None, "c: 1\n", str(new.parent)),
    )
    written = write_changes(changes)
    assert written.changes == changes
    assert old.read_bytes() == b"\xef\xbb\xbfa: 2\r\n"
    assert os.stat(old).st_mode & 0o777 == 0o640
    assert names(tmp_path) == {"old.yaml", "group"}
    assert new.read_text() == "c: 1\n"
    write_all(change.undone for change in written.changes)
    assert old.read_bytes() == b"\xef\xbb\xbfa: 1\r\n"
    assert gone.read_text() == "b: 1\n"
    assert names(tmp_path) == {"old.yaml", "gone.yaml"}


def test_folders_that_a_file_needed_go_with_it_but_none_that_others_use(tmp_path: Path) -> None:
    deep, near = tmp_path / "group" / "sub" / "a.yaml", tmp_path / "group" / "b.yaml"
    first = write_changes([FileChange(str(deep), None, "a: 1\n")]).changes
    second = write_changes([FileChange(str(near), None, "b: 1\n")]).changes
    write_all(change.undone for change in first)
    assert names(tmp_path / "group") == {"b.yaml"}
    write_all(change.undone for change in second)
    assert names(tmp_path / "group") == set()  # it was there before `b.yaml`
    write_all([FileChange(str(deep), None, "a: 1\n")])
    write_all([FileChange(str(deep), "a: 1\n", None)])
    assert names(tmp_path / "group") == {"sub"}


def test_a_change_that_fails_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(swap: Swap) -> None:
        raise ConfigError("the file cannot be written: the disk is full", file=str(swap.file))

    monkeypatch.setattr(Swap, "do", fail)
    with pytest.raises(ConfigError, match="disk is full"):
        write_all([FileChange(str(tmp_path / "group" / "sub" / "a.yaml"), None, "a: 1\n")])
    assert names(tmp_path) == set()


def test_a_link_keeps_its_goal(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    write_all([FileChange(str(tmp_path / "link.yaml"), "a: 1\n", "a: 2\n")])
    assert (tmp_path / "real.yaml").read_text() == "a: 2\n"
    assert (tmp_path / "link.yaml").is_symlink()


def test_if_one_file_cannot_be_written_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml")]
    for file in files:
        file.write_text("x: 1\n")
    do = Swap.do

    def fail_at_last(swap: Swap) -> None:
        if swap.file == files[-1] and "x: 2" in Path(swap.temporary).read_text():
            raise ConfigError("the file cannot be written: the disk is full", file=str(swap.file))
        do(swap)

    monkeypatch.setattr(Swap, "do", fail_at_last)
    with pytest.raises(ConfigError, match="disk is full"):
        write_all(FileChange(str(file), "x: 1\n", "x: 2\n") for file in files)
    assert {file.read_text() for file in files} == {"x: 1\n"}
    assert names(tmp_path) == {file.name for file in files}


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written") as caught:
        write_all([FileChange(str(tmp_path / "file" / "a.yaml"), None, "a: 1\n")])
    assert caught.value.file == str(tmp_path / "file" / "a.yaml")


def test_a_change_made_outside_is_kept_where_it_lies_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(BASE.replace("a: 1", "a: 10"))
    written = write_changes([FileChange(str(file), BASE, BASE.replace("d: 4", "d: 40"))])
    assert file.read_text() == "a: 10\nb: 2\nc: 3\nd: 40\n"
    assert written.changes == (FileChange(str(file), "a: 10\nb: 2\nc: 3\nd: 4\n", "a: 10\nb: 2\nc: 3\nd: 40\n"),)


@pytest.mark.parametrize("found", [BASE.replace("c: 3", "c: 30"), BASE.replace("d: 4", "d: 5"), None])
def test_a_change_that_touches_what_others_changed_is_asked_about(tmp_path: Path, found: str | None) -> None:
    file, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    if found is not None:
        file.write_text(found)
    other.write_text("x: 1\n")
    change = FileChange(str(file), BASE, BASE.replace("d: 4", "d: 40"))
    written = write_changes([FileChange(str(other), "x: 1\n", "x: 2\n"), change])
    assert not written.changes
    assert [(one.change, one.found) for one in written.conflicts] == [(change, found)]
    assert other.read_text() == "x: 1\n"
    assert file.exists() == (found is not None)
    with pytest.raises(ConfigError, match="changed meanwhile"):
        write_all([change])


def test_a_change_that_prevails_leaves_what_others_changed_apart_from_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    found = BASE.replace("a: 1", "a: 10").replace("d: 4", "d: 5")
    file.write_text(found)
    (conflict,) = write_changes([FileChange(str(file), BASE, BASE.replace("d: 4", "d: 40"))]).conflicts
    assert conflict.mine == "a: 10\nb: 2\nc: 3\nd: 40\n"
    write_all([FileChange(str(file), conflict.found, conflict.mine)])
    assert file.read_text() == conflict.mine


def test_a_change_that_prevails_alone_where_both_together_are_no_yaml(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x: 1\n" + BASE)
    ours = BASE + "x: 2\n"
    (conflict,) = write_changes([FileChange(str(file), BASE, ours)]).conflicts
    assert conflict.mine == ours


def test_nobody_overwrites_a_file_that_appeared(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("theirs: 1\n")
    with pytest.raises(ConfigError, match="exists already"):
        write_all([FileChange(str(file), None, "ours: 1\n")])
    assert file.read_text() == "theirs: 1\n"


def test_a_merge_that_is_no_yaml_any_more_is_a_conflict(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x: 1\n" + BASE)
    written = write_changes([FileChange(str(file), BASE, BASE + "x: 2\n")])  # each is right, both say `x` twice
    assert written.conflicts
    assert file.read_text() == "x: 1\n" + BASE


def test_an_editor_that_drops_line_breaks_and_mark_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    write_changes([FileChange(str(file), "a: 1\nb: 2\n", "a: 1\nb: 3\n")])
    assert file.read_bytes() == b"\xef\xbb\xbfa: 1\r\nb: 3\r\n"


lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\r\n", "\u2028"]), max_size=12).map("".join)


@given(lines, lines)
def test_a_merge_with_what_did_not_change_is_the_change(base: str, ours: str) -> None:
    assert merged(base, ours, base) == ours
    assert merged(base, base, ours) == ours
    assert merged(base, ours, ours) == ours


@given(st.lists(st.tuples(lines, lines, lines), min_size=2, max_size=2), st.data())
def test_changes_that_lie_apart_are_both_kept(parts: list[tuple[str, str, str]], data: st.DataObject) -> None:
    (base_one, ours, _), (base_two, _, theirs) = parts
    between = "".join(f"between {number}\n" for number in range(3))
    both = merged(base_one + between + base_two, ours + between + base_two, base_one + between + theirs)
    assert both == ours + between + theirs


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_what_prevails_is_all_there_and_what_lies_apart_from_it_too(changed: list[tuple[bool, bool]]) -> None:
    def text(mine: bool, theirs: bool) -> str:
        return "".join(
            f"{at}: ours\n" if mine and one else f"{at}: theirs\n" if theirs and other else f"{at}: base\n"
            for at, (one, other) in enumerate(changed)
        )

    both = overruled(text(False, False), text(True, False), text(False, True)).splitlines()
    assert len(both) == len(changed)
    for by_them, lines in groupby(range(len(changed)), lambda at: changed[at][1]):
        run = list(lines)
        meets = any(one for one, _ in changed[max(run[0] - 1, 0) : run[-1] + 2])
        assert all((both[at] == f"{at}: theirs") == (by_them and not meets) for at in run)
    assert all((line == f"{at}: ours") == changed[at][0] for at, line in enumerate(both))
