"""Configs that exist only in Python, composed by the project's own interpreter once it is trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from niceml_engine.protocol.configs import CheckSelection, Compose, OpenProject, Resolve, Scan
from niceml_engine.protocol.forms import Describe
from niceml_engine.service.handlers import Handlers
from niceml_engine.service.imports import module_of
from niceml_engine.service.interpreter import Interpreter, InterpreterError
from niceml_engine.values import Composed, Project, Selection
from tests.engine.config.reference import write
from tests.engine.service.here import answering, ask

STORE = """\
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

class Kind(Enum):
    SMALL = 1

@dataclass
class Base:
    host: str = "localhost"
    user: str = MISSING

@dataclass
class Pool:
    size: int = 4

@dataclass
class MySql(Base):
    port: int = 3306
    kind: Kind = Kind.SMALL
    pool: Pool = field(default_factory=Pool)

@dataclass
class Config:
    db: Base = MISSING
    debug: bool = False
    extra: Any = None

cs = ConfigStore.instance()
cs.store(name="base_config", node=Config)
cs.store(group="db", name="mysql", node=MySql)
cs.store(group="extra", name="plain", node={"a": 1})
print("this must not end up between the frames")
"""
#: Interpreters that have no niceml, or another one.
SCRIPTS = {"bare": f'exec {sys.executable} -I -S "$@"', "other": "echo niceml 0.0 messages ab12; exec cat > /dev/null"}
FILES = {
    "app.py": "import hydra\nimport store\n@hydra.main('conf', 'main', version_base='1.3')\ndef main(cfg): ...\n",
    "store.py": STORE,
    "conf/main.yaml": "defaults:\n  - base_config\n  - db: mysql\n  - extra: plain\n  - _self_\ndb:\n  user: me\n",
    "conf/db/pg.yaml": "defaults:\n  - mysql\nport: 5432\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest.fixture
def handlers() -> Iterator[tuple[Handlers, set[Path]]]:
    with answering() as made:
        yield made


def main(project: Path) -> Selection:
    return Selection(str(project / "conf/main.yaml"))


def test_without_trust_it_is_said_what_exists_only_in_python(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    ask(handlers[0], OpenProject(str(project)))
    error = ask(handlers[0], Compose(main(project))).error
    assert error.code == "only-in-python"
    assert error.message.startswith("`extra/plain` exists only in Python, at store.py:34; trust the project")
    assert (error.file, error.line) == (str(project / "conf/main.yaml"), 4)
    assert "store" not in sys.modules
    found = ask(handlers[0], CheckSelection(main(project)))
    assert [(one.code, one.line) for one in found] == [
        ("only-in-python", 2),
        ("only-in-python", 3),
        ("only-in-python", 4),
    ]


def test_with_trust_the_projects_interpreter_composes_what_hydra_does(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    opened: Project = ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    composed: Composed = ask(handlers[0], Compose(main(project)))
    assert composed.error is None, composed.error
    code = (
        "import store; from hydra import compose, initialize_config_dir; from omegaconf import OmegaConf; import sys\n"
        "initialize_config_dir(sys.argv[1], version_base='1.3')\n"
        "sys.stderr.write(OmegaConf.to_yaml(compose('main')))"
    )
    command = [sys.executable, "-c", code, str(project / "conf")]
    theirs = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stderr
    assert composed.yaml == theirs
    assert "store" not in sys.modules
    assert {option.id for option in opened.tree.options if option.python} == {"base_config", "db/mysql", "extra/plain"}


def test_what_python_offers_can_be_chosen_and_its_types_are_known(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    (project / "conf/main.yaml").unlink()
    write(project, {"store.py": STORE.replace('name="base_config", node=Config', 'name="main", node=Main')})
    text = (project / "store.py").read_text()
    main = (
        "@dataclass\nclass Main:\n    defaults: list[Any] = field(default_factory=lambda: [{'db': 'mysql'}])\n"
        "    db: Any = MISSING\n    debug: bool = False\n\n"
    )
    write(project, {"store.py": text.replace("cs = Config", main + "cs = Config")})
    opened: Project = ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    selection = Selection(opened.job)
    (choice,) = ask(handlers[0], Compose(selection)).choices
    assert (choice.key, choice.chosen, choice.options) == ("db", ("mysql",), ("mysql", "pg"))
    values = ask(handlers[0], Describe(selection)).values
    assert values["db.kind"].choices == ("SMALL",)
    assert (values["db.port"].kind, values["db.port"].owner) == ("int", "store.MySql")
    assert values["debug"].kind == "bool"
    assert values["db.pool.size"].kind == "int"


def test_a_value_from_python_names_the_line_of_its_field(project: Path, handlers: tuple[Handlers, set[Path]]) -> None:
    ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    found = {leaf.key: leaf.origin for leaf in ask(handlers[0], Compose(main(project))).leaves}
    store, own = str(project / "store.py"), str(project / "conf/main.yaml")
    assert {key: (origin.file, origin.line, origin.text) for key, origin in found.items()} == {
        "db.host": (store, 12, "'localhost'"),
        "db.user": (own, 7, "me"),
        "db.port": (store, 21, "3306"),
        "db.kind": (store, 22, "Kind.SMALL"),
        "db.pool.size": (store, 17, "4"),
        "debug": (store, 28, "False"),
        "extra.a": (store, 34, "{'a': 1}"),
    }


def test_a_primary_that_exists_only_in_python_is_a_job(project: Path, handlers: tuple[Handlers, set[Path]]) -> None:
    text = "import hydra\n@hydra.main(version_base=None, config_path=None, config_name='extra/plain')\ndef f(c): ...\n"
    write(project, {"lone.py": text})
    opened = ask(handlers[0], OpenProject(str(project / "lone.py")))
    assert opened.job == str(project / "lone.py")
    selection = Selection(opened.job, ("+b=2",))
    assert ask(handlers[0], Compose(selection)).error.code == "only-in-python"
    handlers[1].add(project)
    assert ask(handlers[0], Compose(selection)).yaml == "extra:\n  a: 1\nb: 2\n"


def test_a_schema_of_the_same_name_is_told_before_it_is_applied(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    write(project, {"conf/one.yaml": "defaults:\n  - db: mysql\n", "conf/db/mysql.yaml": "user: me\n"})
    one = Selection(str(project / "conf/one.yaml"))
    write(project, {".niceml/project.yaml": "version_base: '1.1'\n"})
    ask(handlers[0], OpenProject(str(project)))
    before = ask(handlers[0], Compose(one))
    assert [problem.code for problem in before.problems if problem.code != "hydra"] == ["schema-in-python"]
    assert "port" not in before.yaml
    handlers[1].add(project)
    after = ask(handlers[0], Compose(one))
    assert "schema-in-python" not in [problem.code for problem in after.problems]
    assert "port: 3306" in after.yaml


def test_a_schema_with_a_defaults_list_is_told_where_it_lies_and_how_to_mend_it(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    again = "cs.store(name='main', node={'defaults': ['_self_'], 'a': 1})\n"
    write(project, {"store.py": STORE + again, "conf/main.yaml": "a: 2\ndefaults: [_self_]\n"})
    handlers[1].add(project)
    ask(handlers[0], OpenProject(str(project)))
    error = ask(handlers[0], Compose(main(project))).error
    assert (error.code, Path(error.file).name, error.line) == ("schema-in-python", "main.yaml", 2)
    assert f"at store.py:{STORE.count(chr(10)) + 1}," in error.message
    assert "call it `base_main` and name it in the defaults list here" in error.message
    assert error.details.startswith("'main' is validated against ConfigStore schema with the same name.\nThis")
    assert "no longer supported" in error.details.partition("Traceback")[0]


@pytest.mark.parametrize(
    ("store", "python", "words", "line"),
    [
        (STORE + "import no_such_thing\n", "", "store cannot be imported: ModuleNotFoundError", 36),
        (STORE + "raise SystemExit(3)\n", "", "store cannot be imported: SystemExit", 36),
        (STORE + "import os; os._exit(3)\n", "", "ended with exit status 3: ", 0),
        (STORE, "no/such/python", "cannot be started", 0),
        (STORE, "bare", "has no niceml; install it there", 0),
        (STORE, "other", "cannot be asked: niceml 0.0 there and ", 0),
    ],
)
def test_where_python_cannot_be_asked_the_yaml_is_composed_and_a_problem_says_why(
    project: Path, handlers: tuple[Handlers, set[Path]], store: str, python: str, words: str, line: int
) -> None:
    write(project, {"store.py": store.replace('print("this must', 'print("that must'), "conf/plain.yaml": "x: 1\n"})
    if python in SCRIPTS:
        script = project / "bare/python"
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\n{SCRIPTS[python]}\n", "utf-8")
        script.chmod(0o755)
        python = "bare/python"
    if python:
        write(project, {".niceml/project.yaml": f"python: {python}\n"})
    ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    composed = ask(handlers[0], Compose(Selection(str(project / "conf/plain.yaml"))))
    (problem,) = composed.problems
    assert composed.yaml == "x: 1\n"
    assert (problem.code, problem.severity) == ("python-configs", "warning")
    assert words in problem.message
    assert (problem.line, "\n" in problem.message) == (line, False)


def test_modules_that_never_end_are_not_waited_for(project: Path) -> None:
    write(project, {"store.py": "import threading\nthreading.Event().wait()\n"})
    with pytest.raises(InterpreterError, match="gave no answer within 1 s"):
        Interpreter(sys.executable, project, ("store",), (str(project),), os.environ, patience=1)


def test_the_tree_is_still_scanned_here(project: Path, handlers: tuple[Handlers, set[Path]]) -> None:
    ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    assert "db/pg" in {option.id for option in ask(handlers[0], Scan()).options}


def test_code_that_comes_to_make_a_config_counts_once_the_tree_is_read_again(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    write(project, {"conf/later.yaml": "defaults: [db: later, _self_]\n"})
    later = Selection(str(project / "conf/later.yaml"))
    ask(handlers[0], OpenProject(str(project)))
    assert ask(handlers[0], Compose(later)).error.code == "missing-option"
    write(project, {"more.py": STORE.replace('group="db", name="mysql"', 'group="db", name="later"')})
    assert "db/later" in {option.id for option in ask(handlers[0], Scan()).options}
    assert ask(handlers[0], Compose(later)).error.code == "only-in-python"
    handlers[1].add(project)
    assert "port: 3306" in ask(handlers[0], Compose(later)).yaml
    write(
        project, {"more.py": STORE.replace('group="db", name="mysql"', 'group="db", name="later"').replace("3306", "7")}
    )
    assert "port: 7" in ask(handlers[0], Compose(later)).yaml
    (project / "more.py").unlink()
    ask(handlers[0], Scan())
    assert ask(handlers[0], Compose(later)).error.code == "missing-option"


def test_types_that_a_config_in_python_is_made_of_count_when_they_change(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    types, equals, stores = STORE.partition("cs = ")
    imports = "from hydra.core.config_store import ConfigStore\nfrom types_of_mine import *\n"
    write(project, {"types_of_mine.py": types, "store.py": imports + equals + stores})
    ask(handlers[0], OpenProject(str(project)))
    handlers[1].add(project)
    assert "port: 3306" in ask(handlers[0], Compose(main(project))).yaml
    write(project, {"types_of_mine.py": types.replace("3306", "7")})
    assert "port: 7" in ask(handlers[0], Compose(main(project))).yaml


def test_a_module_is_named_as_its_package_is(tmp_path: Path) -> None:
    names = ["src/net/__init__.py", "src/net/conf/__init__.py", "src/net/conf/a.py", "one/b.py"]
    write(tmp_path, dict.fromkeys(names, ""))
    path = (tmp_path / "src", tmp_path)
    assert module_of(str(tmp_path / "src/net/conf/a.py"), path) == ("net.conf.a", str(tmp_path / "src"))
    assert module_of(str(tmp_path / "src/net/__init__.py"), path) == ("net", str(tmp_path / "src"))
    assert module_of(str(tmp_path / "one/b.py"), path) == ("one.b", str(tmp_path))
    assert module_of(str(tmp_path / "one/b.py"), (tmp_path / "one", tmp_path)) == ("b", str(tmp_path / "one"))
    assert module_of("/else/where.py", path) == ("where", "/else")


def test_what_stores_of_hydra_zen_hold_is_passed_on(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "lib/hydra_zen.py": """\
from hydra.core.config_store import ConfigStore
class Store:
    held = []
    def __call__(self, node, name): self.held.append((node, name))
    def add_to_hydra_store(self, overwrite_ok):
        for node, name in self.held: ConfigStore.instance().store(name=name, node=node)
store = Store()
""",
            "app.py": "from hydra_zen import store\nstore({'a': 1}, name='held')\n",
        },
    )
    code = """
import sys
from niceml_engine.service.imports import import_all
import_all(["app"], sys.argv[1:])
from hydra.core.config_store import ConfigStore
print(ConfigStore.instance().load("held.yaml").node)
"""
    arguments = [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "lib")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout == "{'a': 1}\n"


# ------------------------------------------------------------------------------------------------- resolvers

RESOLVERS = """\
from omegaconf import OmegaConf

OmegaConf.register_new_resolver("mine.double", lambda number: 2 * number)
OmegaConf.register_new_resolver("mine.wrong", lambda: 1 / 0)
"""
RESOLVING = {
    "lib/res.py": RESOLVERS,
    "conf/job.yaml": "a: 3\nb: ${mine.double:${a}}\nc: ${mine.wrong:}\nd: ${other.one:1}\ne: ${b}\n",
    ".niceml/project.yaml": "python_path: [lib]\n",
}


def values(composed: Composed) -> dict[str, Any]:
    return {leaf.key: (leaf.resolved, leaf.own) if not leaf.reason else leaf.reason for leaf in composed.leaves}


def test_a_trusted_projects_own_resolvers_resolve_beside_composing(
    handlers: tuple[Handlers, set[Path]], tmp_path: Path
) -> None:
    made, trusted = handlers
    write(tmp_path, RESOLVING)
    ask(made, OpenProject(str(tmp_path)))
    selection = Selection(str(tmp_path / "conf/job.yaml"), ("a=4",))
    before = ask(made, Resolve(selection))
    assert values(before)["b"] == "the resolver `mine.double` is not known here"
    told = [one.message for one in ask(made, CheckSelection(selection)) if one.key == "b"]
    assert told == [f"b: {values(before)['b']}; lib/res.py:3 registers it, which counts once the project is trusted"]
    trusted.add(tmp_path)
    assert values(ask(made, Compose(selection)))["b"] == values(before)["b"], "an edit never waits for it"
    after = ask(made, Resolve(selection))
    assert after.digest == before.digest
    assert values(after) == {
        "a": (4, False),
        "b": (8, True),
        "c": "division by zero",
        "d": "the resolver `other.one` is not known here",
        "e": (8, True),
    }
    assert "b: 8\n" in after.resolved_yaml
    code = tmp_path / "lib/res.py"
    first = code.stat().st_mtime_ns // 1_000_000_000 * 1_000_000_000
    code.write_text(RESOLVERS.replace("2 *", "3 *"))
    os.utime(code, ns=(first, first + 500_000_000))  # as long as before, and in the same second: as bytecode it is new
    assert values(ask(made, Resolve(selection)))["b"] == (12, True), "changed code counts"


@pytest.mark.parametrize(
    ("code", "words", "line"),
    [
        (f"{RESOLVERS}raise ValueError('of mine')\n", "res cannot be imported: ValueError: of mine", 5),
        (f"{RESOLVERS}import os\nos._exit(3)\n", "ended with exit status 3", 0),
    ],
)
def test_own_resolvers_that_cannot_be_had_are_told_and_stop_nothing(
    handlers: tuple[Handlers, set[Path]], tmp_path: Path, code: str, words: str, line: int
) -> None:
    made, trusted = handlers
    write(tmp_path, {**RESOLVING, "lib/res.py": code})
    trusted.add(tmp_path)
    ask(made, OpenProject(str(tmp_path)))
    selection = Selection(str(tmp_path / "conf/job.yaml"))
    for _ in range(2):
        composed = ask(made, Resolve(selection))
        (problem,) = [one for one in composed.problems if one.code == "own-resolvers"]
        assert words in problem.message
        assert (problem.severity, problem.line) == ("warning", line)
        assert composed.error is None
    (tmp_path / "lib/res.py").write_text(RESOLVERS)
    assert values(ask(made, Resolve(selection)))["b"] == (6, True)
