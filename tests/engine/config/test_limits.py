"""What is larger than anybody writes is refused at once, with the limit, the file and where it can be the line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from omegaconf._utils import get_omega_conf_dumper

from niceml_engine.config.compose import Composer, listing
from niceml_engine.config.compose.sweeps import compose_first
from niceml_engine.config.composed.render import dump
from niceml_engine.config.projects import scan
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import limits
from niceml_engine.errors import ProjectError
from niceml_engine.values import Problem, Selection
from tests.engine.config.reference import write


def refused(root: Path, *overrides: str) -> Problem:
    """Why the job of a tree is refused, by both ways in."""
    selection = Selection(str(root / "conf/job.yaml"), overrides)
    error = Composer(Setting(root)).compose(selection).error
    assert error is not None
    assert compose_first(Composer(Setting(root)), selection).error is not None
    assert "\n" not in error.message
    return error


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a: " + "{a: " * 5_000 + "1" + "}" * 5_000, f"deeper than {limits.MAX_DEPTH} levels", 1),
        ("".join(f"{' ' * n}a:\n" for n in range(100)), f"deeper than {limits.MAX_DEPTH} levels", 76),
        ("- " * 3_000 + "a", f"deeper than {limits.MAX_DEPTH} levels", 1),
        ("# \t\na: " + "[" * 200 + "]" * 200, f"deeper than {limits.MAX_DEPTH} levels", 2),
        ("a: &a {x: 1}\n" + "".join(f"a{n}: &a{n + 1} {{x: *a{n or ''}}}\n" for n in range(100)), "deeper than", 76),
        ("".join(f"k{n}:\n" for n in range(limits.MAX_VALUES)), "200,000 keys, values and items", 100_000),
        ("a:\n" + "- 1\n" * limits.MAX_VALUES, "200,000 keys, values and items", 199_999),
        (f"a: [{'1,' * limits.MAX_VALUES}]", "200,000 keys, values and items", 1),
        ("a: 1\n" * 4_000_000, "16 MB", 0),
        ("b: 1\na: |\n" + "  a\tb\n" * 700_000, "4 MB, the limit for a file with tabs", 3),
        ("b: 1\na: " + "${b}" * 200_000, "interpolations hold more than 500,000 characters", 2),
        ("b: 1\n" + "".join(f"a{n}: {'x' * 9_000}${{b}}\n" for n in range(60)), "hold more than 500,000", 57),
        ("x: &x0 [x, x]\n" + "".join(f"a{n}: &x{n} [*x{n - 1}, *x{n - 1}]\n" for n in range(1, 2_000)), "multiply", 18),
    ],
    ids=range(13),
)  # fmt: skip
def test_a_file_over_a_limit_is_refused_with_the_limit_and_the_line(
    tmp_path: Path, text: str, words: str, line: int
) -> None:
    error = refused(write(tmp_path, {"conf/job.yaml": text}))
    assert words in error.message
    assert (error.file, error.line) == (str(tmp_path / "conf/job.yaml"), line)


def test_includes_that_multiply_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_INCLUDES", 300)
    files = {"conf/job.yaml": "defaults:\n  - g0: x\n", "conf/g30/x.yaml": "k: 1\n"}
    for n in range(30):
        files[f"conf/g{n}/x.yaml"] = f"defaults:\n  - /g{n + 1}@a: x\n  - /g{n + 1}@b: x\n"
    error = refused(write(tmp_path, files))
    assert "more than 300 entries" in error.message
    assert error.file.endswith("x.yaml")


def test_files_that_are_too_much_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VALUES", 200)
    monkeypatch.setattr(limits, "MAX_BYTES", 16_000)
    defaults = "defaults:\n" + "".join(f"  - g@p{n}: x\n" for n in range(4))
    keys = "".join(f"k{n}: 1\n" for n in range(30))
    error = refused(write(tmp_path, {"conf/job.yaml": defaults, "conf/g/x.yaml": keys}))
    assert "more than 200 keys, values and items" in error.message
    assert error.file == str(tmp_path / "conf/g/x.yaml")
    error = refused(write(tmp_path, {"conf/g/x.yaml": f"a: {'x' * 5_000}\n"}))
    assert "more than 16,000 characters" in error.message
    deep = "".join(f"{' ' * n}a:\n" for n in range(70))
    error = refused(write(tmp_path, {"conf/job.yaml": "defaults:\n  - g@a.b.c.d.e.f: x\n", "conf/g/x.yaml": deep}))
    assert "deeper than" in error.message


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("a=" + "x" * 300_000, "200,000 characters"),
        (f"a=[{'1,' * 6_000}1]", "5,000 items"),
        (f"a={'[' * 2_000}{']' * 2_000}", "nested too deep"),
        (f"a={'{x:' * 500}1{'}' * 500}", "nested too deep"),
        (f"+{'a.' * 20_000}b=1", "deeper than"),
        (f"a={'x' * 3_000}'", "quote is not closed"),
        (f"b{'x' * 3_000}=1", "there is no `b"),
        ("~" * 1_000, "names no key"),
    ],
    ids=range(8),
)
def test_overrides_over_a_limit_are_refused_in_a_short_line(tmp_path: Path, override: str, words: str) -> None:
    error = refused(write(tmp_path, {"conf/job.yaml": "a: 1\n"}), override)
    assert words in error.message
    assert len(error.message) < 400


def test_a_folder_of_more_files_than_a_project_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_ENTRIES", 2_000)
    write(tmp_path, {"conf/job.yaml": "a: 1\n"})
    for n in range(8):
        (tmp_path / f"conf/d{n}").mkdir()
    for n in range(8):
        for other in range(8):
            (tmp_path / f"conf/d{n}/l{other}").symlink_to(f"../d{other}")
    with pytest.raises(ProjectError, match="2,000 files to look through") as refusal:
        open_project(tmp_path)
    assert refusal.value.file.startswith(str(tmp_path))


def test_what_is_no_file_is_passed_over_and_never_waited_for(tmp_path: Path) -> None:
    write(tmp_path, {"conf/job.yaml": "defaults:\n  - db: a\n", "conf/db/a.yaml": "k: 1\n"})
    for name in ("conf/pipe.yaml", "pipe.py", ".env", "conf/db/b.yaml"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "conf/zero.yaml").symlink_to("/dev/zero")
    os.close(os.open(os.fsencode(tmp_path) + b"/conf/caf\xe9.yaml", os.O_CREAT))
    os.mkdir(os.fsencode(tmp_path) + b"/conf/\xff")
    assert [option.id for option in scan.scan([tmp_path / "conf"]).options] == ["db/a", "job"]
    assert [job.id for job in open_project(tmp_path).tree.jobs] == ["job"]
    selection = Selection(str(tmp_path / "conf/job.yaml"))
    assert Composer(Setting(tmp_path)).compose(selection).error is None
    error = Composer(Setting(tmp_path)).compose(Selection(selection.job, ("db=b",))).error
    assert error is not None
    assert "no config `db/b`" in error.message


def test_megabytes_in_one_value_print_as_in_omegaconf() -> None:
    for text in (
        "x" * 300_000,
        "some words of text, and more: of it " * 10_000,
        "a\nb\n" * 50_000,
        '"quoted" ' * 9_000,
    ):
        theirs = yaml.dump(
            {"k": text}, default_flow_style=False, allow_unicode=True, sort_keys=False, Dumper=get_omega_conf_dumper()
        )
        assert dump({"k": text}) == theirs
