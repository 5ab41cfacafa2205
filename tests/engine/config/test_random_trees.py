"""Whatever lies in a folder, opening it ends soon: with a project, or with a word of why not.

Fed are trees of files, folders, bytes and links, texts in YAML with all that it knows, overrides, and Python files.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.config.checking.checks import check
from niceml_engine.config.code.describe import describe
from niceml_engine.config.code.foreign import foreign
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import compose_first
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.environment import environment
from niceml_engine.config.projects.project import open_project, read_layout
from niceml_engine.config.projects.setting import Setting
from niceml_engine.errors import NicemlError
from niceml_engine.values import Composed, Project, Selection

EXAMPLES = int(os.environ.get("NICEML_EXAMPLES", "60"))
often = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

NAMES = (
    "conf", "configs", "jobs", "job_train", "db", "a.yaml", "b.yml", "job.yaml", "app.py", "lib", "__init__.py",
    ".env", ".niceml", "project.yaml", ".git", "c d.yaml", "é.yaml", "שלום", "\u202ex.yaml", "😀", "x" * 200 + ".yaml",
    "pyvenv.cfg", "config.yaml", "-.yaml", "a.yaml.yaml", ".yaml", "null.yaml", "@x.yaml", "$x", "a,b.yaml", "hydra",
)  # fmt: skip
TEXTS = (
    "", "\n", "a: 1\n", "defaults:\n  - db: a\n", "defaults:\n  - /jobs/job\n  - _self_\n", "defaults: [job]\n",
    "hydra:\n  searchpath: [file://conf, pkg://lib]\n", "# @package _global_\na: 1\n", "config_dirs: [conf]\n",
    "primary: a.yaml\npython_path: [lib]\n", "version_base: null\n", "A=1\nB=${A}\n", "a: ${oc.env:HOME}\n",
    "import hydra\n@hydra.main('conf', 'job')\ndef main(c): ...\n", "import hydra\n@hydra.main(\n", "[core]\n",
    "from hydra.core.config_store import ConfigStore\nConfigStore.instance().store(name='x', node={'a': 1})\n",
    "m: {_target_: lib.Thing, x: 1}\n", "class Thing:\n    def __init__(self, x: int = 1): ...\n", "gitdir: ../x\n",
    "from omegaconf import OmegaConf\nOmegaConf.register_new_resolver('r', str)\n", "a: ${r:1}\n", "- a\n", "\t",
    "x = " + "(" * 300 + ")" * 300, "x = " + "+".join("a" * 3000), "\0", "\ufeffa: 1\n", "class A(A): ...\n",
)  # fmt: skip
contents = st.one_of(
    st.sampled_from(TEXTS).map(str.encode), st.binary(max_size=60), st.sampled_from([b"\xff\xfe", b"x" * 70_000])
)
entries = st.one_of(
    st.tuples(st.just("file"), contents),
    st.tuples(st.just("folder"), st.just(b"")),
    st.tuples(st.just("link"), st.sampled_from([b".", b"..", b"../..", b"a.yaml", b"nowhere", b"conf", b"/dev/zero"])),
    st.tuples(st.just("pipe"), st.just(b"")),
)
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
trees = st.dictionaries(st.one_of(paths.map(os.fsencode), st.binary(max_size=3)), entries, max_size=14)


def grow(root: Path, tree: dict[bytes, tuple[str, bytes]]) -> None:
    """Makes as much of a tree as the disk takes."""
    for name, (kind, data) in tree.items():
        path = os.path.join(os.fsencode(root), name)
        with suppress(OSError, ValueError):
            if b".." in name.split(b"/") or name.startswith(b"/"):
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if kind == "file":
                with open(path, "wb") as file:
                    file.write(data)
            elif kind == "folder":
                os.mkdir(path)
            elif kind == "link":
                os.symlink(data, path)
            else:
                os.mkfifo(path)


def sendable(value: object) -> bool:
    """Whether a window could be told."""
    return bool(msgspec.msgpack.encode(value))


def refused(error: NicemlError) -> None:
    """What is refused is refused in one line that could be sent."""
    assert error.message
    assert "\n" not in error.message
    assert sendable([error.message, error.file, error.key, error.details])


@often
@given(tree=trees)
def test_any_tree_opens_or_is_refused_in_words(tree: dict[bytes, tuple[str, bytes]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "links", "lead", "here", "at most")
        root.mkdir(parents=True)
        grow(root, tree)
        for start in (root, root / "conf", root / "a.yaml", root / "app.py", root / "nowhere"):
            try:
                project = open_project(start)
            except NicemlError as error:
                refused(error)
                continue
            assert sendable(project)
            look(project, start)


def look(project: Project, start: Path) -> None:
    """Does with a project what a window does as soon as it is open."""
    setting, root = read_layout(start).setting, Path(project.root)
    composer = Composer(setting)
    for ask in (
        lambda: environment(project, {}),
        lambda: foreign(root),
        lambda: Tree.of(project, setting).usages(project.tree.options[0].file if project.tree.options else ""),
    ):
        try:
            assert ask() is not None
        except NicemlError as error:
            refused(error)
    for job in project.tree.jobs[:3]:
        composed = composer.compose(Selection(job.file))
        assert sendable(composed)
        assert sendable(check(composed, setting))
        assert sendable(describe(composed, setting))


# ------------------------------------------------------------------------------------------------- texts

scalars = st.sampled_from(
    ["1", "x", "'a b'", '"\\u00e9"', "${a}", "${b.c}", "${oc.env:HOME}", "${oc.env:NO_SUCH}", "${nope}", "???",
     "null", "~", "1e3", ".nan", "0x1F", "1:30", "2020-01-01", "!!str 1", "!!int x", "!!timestamp y", "!!set {}",
     "!!binary aGk=", "!x y", "*k", "&k z", "|\n      t\n      u", ">-\n      t", "[1, 'a', ${a}]", "{p: 1, q: [2]}",
     "[]", "{}", "\\",
     "${oc.create:{a: 1}}", "${oc.decode:'[1'}", "${oc.select:a,1}", "${oc.dict.keys:b}", "${.c}", "${..a}", "${a", "$",
     "${oc.env:${oc.env:HOME}}", "${${a}}", "=", "<<", "@x", "%", "`", "é", "\u202eabc", "😀", "\ud7ff", "x" * 300]
)  # fmt: skip
keys = st.sampled_from(
    ["a", "b", "c", "a.b", "'a b'", '""', "1", "true", "null", "<<", "? [x]\n", "defaults", "hydra", "_target_", "é",
     "שלום", "'a''b'", "a@b", "!!str k", "&n k", "_args_", "_self_", "x" * 150]
)  # fmt: skip


RAW = ("\n", "# c\n", "  # @package x\n", "\t\n", "---\n", "...\n", "x\n", "- y\n")


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> str:
    """A text that is mostly YAML."""
    lines = []
    indent = "  " * depth
    for _ in range(draw(st.integers(0 if depth else 1, 4))):
        key = draw(keys)
        kind = draw(st.sampled_from(["scalar", "scalar", "mapping", "items", "raw"]))
        if kind == "mapping" and depth < 3:
            anchor = draw(st.sampled_from(["", "", " &k", " !!map", " *k"]))
            lines.append(f"{indent}{key}:{anchor}\n{draw(documents(depth=depth + 1))}")
        elif kind == "items":
            items = draw(st.lists(scalars, max_size=3))
            lines.append(f"{indent}{key}:\n" + "".join(f"{indent}  - {item}\n" for item in items))
        elif kind == "raw":
            lines.append(draw(st.sampled_from(RAW)))
        else:
            lines.append(f"{indent}{key}: {draw(scalars)}\n")
    return "".join(lines)


overrides = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "+", "++", "~", "~~", "+~"]),
        st.sampled_from(["a", "b.c", "db", "db@x", "/db", "db@a:b", "hydra.job.name", "", "é", "a b", "a..b", "$x"]),
        st.sampled_from(["=", "", "==", " = "]),
        st.sampled_from(
            ["1", "x", "", "[1,2]", "[1,", "{a: 1}", "'q", '"q"', "${a}", "${", "1,2", "range(1,3)", "choice(a,b)",
             "glob(*)", "int(x)", "nofn(1)", "interval(0,1)", "null", "\\", "a=b", "é", "[[[[]]]]", "sort(3,1)", "???",
             "{a:[{b:1}]}", "shuffle(range(9))", "extend_list(1)", "\t", "x" * 500]
        ),
    ),
    st.text(max_size=12),
)  # fmt: skip


@often
@given(
    job=st.one_of(documents(), st.text(max_size=40)),
    option=documents(),
    given_overrides=st.lists(overrides, max_size=3),
)
def test_any_text_and_any_overrides_compose_or_are_refused_in_words(
    job: str, option: str, given_overrides: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "db").mkdir()
        (root / "job.yaml").write_text("defaults: [{db: a}, _self_]\n" + job, "utf-8", errors="replace")
        (root / "db/a.yaml").write_text(option, "utf-8", errors="replace")
        (root / "db/b.yaml").write_text("k: 1\n")
        setting = Setting(root)
        composer, selection = Composer(setting), Selection(str(root / "job.yaml"), tuple(given_overrides))
        for composed in (composer.compose(selection), compose_first(composer, selection)):
            assert isinstance(composed, Composed)
            assert sendable(composed)
            for problem in (*composed.problems, *check(composed, setting)):
                assert problem.message
                assert "\n" not in problem.message
        again = composer.compose(selection)
        assert (again.digest, again.error is None) == (composed.digest, composed.error is None) or composed.runs
