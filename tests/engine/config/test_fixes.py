"""What a click mends: every fix that is offered, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.fixes import apply_edit, changed_lines, changes_of
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Fix, Problem, TextEdit
from tests.engine.config.broken import BROKEN, MORE, SHOP, look
from tests.engine.config.reference import write


def mend(root: Path, overrides: tuple[str, ...], fix: Fix) -> tuple[str, ...]:
    """Does what a fix says; returns the overrides from then on."""
    write_all(changes_of(fix.edits))
    return (*(one for one in overrides if one not in fix.drops), *fix.adds)


def same(one: Problem, other: Problem) -> bool:
    return (one.code, one.key, one.file) == (other.code, other.key, other.file)


@pytest.mark.parametrize("name", BROKEN)
def test_every_fix_that_is_offered_mends(name: str, tmp_path: Path) -> None:
    text, overrides = BROKEN[name]
    write(tmp_path, {**SHOP, **MORE, "job.yaml": text})
    before = look(tmp_path, *overrides)
    mendable = [problem for problem in before if problem.fixes]
    assert mendable
    for problem in mendable:
        for fix in problem.fixes:
            write(tmp_path, {**SHOP, **MORE, "job.yaml": text})
            after = look(tmp_path, *mend(tmp_path, overrides, fix))
            assert not [one for one in after if same(one, problem)], fix
            assert {one.code for one in after} <= {one.code for one in before} | {"shadowed", "missing-argument"}, fix


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_fix_does_not_name_stays_byte_for_byte(name: str, tmp_path: Path) -> None:
    text, overrides = BROKEN[name]
    text = f"{text}# the end: ☃".replace("\n", "\r\n")
    write(tmp_path, {**SHOP, **MORE, "job.yaml": ""})
    (tmp_path / "job.yaml").write_bytes(text.encode())
    for problem in look(tmp_path, *overrides):
        for edit in (edit for fix in problem.fixes for edit in fix.edits):
            old = Path(edit.file).read_bytes().decode()
            new = apply_edit(old, edit)
            assert changed_lines(edit.file, old, new) == edit
            assert apply_edit(new, TextEdit(edit.file, edit.line, edit.after, edit.before)) == old


def test_no_reference_is_mended_with_the_mapping_that_lacks_the_key(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "globals:\n  a_folder_for_what_comes_out: x\nrate: ${globals.lr}\nglobal_lr: 1\n"})
    fixes = [fix for problem in look(tmp_path) for fix in problem.fixes]
    assert [fix.adds for fix in fixes if fix.adds] == [("rate=${global_lr}",)]
    (tmp_path / "job.yaml").write_text("globals:\n  a_folder_for_what_comes_out: x\nrate: ${globals.lr}\n")
    (problem,) = look(tmp_path)
    assert (problem.code, problem.fixes) == ("interpolation", ())


def test_an_edit_fits_only_where_the_lines_read_as_they_did() -> None:
    edit = changed_lines("f.yaml", "a: 1\nb: 2\nc: 3\n", "a: 1\nb: 4\nc: 3\n")
    assert edit == TextEdit("f.yaml", 2, "b: 2\n", "b: 4\n")
    with pytest.raises(ConfigError, match="changed in the meantime"):
        apply_edit("a: 1\nb: 3\nc: 3\n", edit)
    with pytest.raises(ConfigError, match="changed in the meantime"):
        apply_edit("", TextEdit("f.yaml", 3, "", "x\n"))


def test_edits_of_one_file_are_one_change_and_an_outdated_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("a: 1\nb: 2\n")
    edits = (TextEdit(str(file), 1, "a: 1\n", "a: 3\n"), TextEdit(str(file), 2, "b: 2\n", "b: 4\n"))
    assert changes_of(edits) == (FileChange(str(file), "a: 1\nb: 2\n", "a: 3\nb: 4\n"),)
    file.write_text("a: 2\n")
    with pytest.raises(ConfigError, match="changed in the meantime"):
        changes_of(edits)
