"""What a person says about a project in `.niceml/project.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.projects.project_file import change, load
from niceml_engine.errors import ProjectError
from tests.engine.config.reference import write

TEXT = """\
# mine
primary: conf/a.yaml   # this one

config_dirs: [conf, 'more conf']
version_base: 1.2
python: ~/env/bin/python
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, {".niceml/project.yaml": TEXT, "conf/a.yaml": "x: 1\n", "more conf/b.yaml": "x: 1\n"})
    return tmp_path


def test_a_project_that_has_no_file_has_said_nothing(tmp_path: Path) -> None:
    assert load(tmp_path).texts == {}
    write(tmp_path, {".niceml/project.yaml": "# nothing yet\n"})
    assert load(tmp_path).texts == {}


def test_what_is_said_is_read_with_its_line(root: Path) -> None:
    file = load(root)
    assert file.text("primary") == "conf/a.yaml"
    assert file.paths("config_dirs") == (root / "conf", root / "more conf")
    assert file.text("version_base") == "1.2"
    assert file.paths("python") == (Path.home() / "env/bin/python",)
    assert file.text("ops_path") == ""
    assert file.lines == {"primary": 2, "config_dirs": 4, "version_base": 5, "python": 6}


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("a: [\n", 2, "", "invalid YAML"),
        ("- a\n", 1, "", "keys with values"),
        ("\nprimry: conf/a.yaml\n", 2, "primry", "did you mean `primary`"),
        ("zzz: 1\n", 1, "zzz", "there are primary, config_dirs"),
        ("primary: 3\n", 1, "primary", "must be a text"),
        ("primary: [conf/a.yaml]\n", 1, "primary", "must be a text"),
        ("primary: nope.yaml\n", 1, "primary", "no file nope.yaml"),
        ("config_dirs: {a: b}\n", 1, "config_dirs", "list of texts"),
        ("config_dirs: [conf, nope]\n", 1, "config_dirs", "no folder nope"),
        ("working_dir: conf/a.yaml\n", 1, "working_dir", "no folder"),
        ("version_base: 1.0\n", 1, "version_base", "no version_base `1.0`"),
        ("version_base: 2\n", 1, "version_base", "must be a text"),
        ("ops_path: steps\n", 1, "ops_path", "must hold {op}"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(root: Path, text: str, line: int, key: str, words: str) -> None:
    file = root / ".niceml/project.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ProjectError) as caught:
        load(root)
    assert words in str(caught.value)
    assert (caught.value.file, caught.value.line, caught.value.key) == (str(file), line, key)
    assert "\n" not in str(caught.value)


def test_a_change_touches_one_line_and_no_comment(root: Path) -> None:
    change(root, "primary", ("more conf/b.yaml",))
    change(root, "version_base", ("null",))
    change(root, "config_dirs", ())
    change(root, "python_path", ("conf",))
    change(root, "code_location", ())
    text = (root / ".niceml/project.yaml").read_text("utf-8")
    assert text == (
        "# mine\nprimary: more conf/b.yaml   # this one\n\nversion_base: null\npython: ~/env/bin/python\n"
        "python_path: [conf]\n"
    )
    assert load(root).text("version_base") == "null"


def test_the_first_change_makes_the_file(tmp_path: Path) -> None:
    change(tmp_path, "version_base", ("1.3",))
    text = (tmp_path / ".niceml/project.yaml").read_text("utf-8")
    assert text.startswith("# ")
    assert load(tmp_path).text("version_base") == "1.3"


@pytest.mark.parametrize(("name", "texts"), [("nope", ("a",)), ("primary", ("nope.yaml",)), ("ops_path", ("a",))])
def test_what_cannot_be_is_not_written(root: Path, name: str, texts: tuple[str, ...]) -> None:
    with pytest.raises(ProjectError):
        change(root, name, texts)
    assert (root / ".niceml/project.yaml").read_text("utf-8") == TEXT
