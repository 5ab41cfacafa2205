"""Plugins of Hydra that are installed in the project's own interpreter count as they do there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import with_hydras_options
from niceml_engine.config.projects.plugins import plugins_in
from niceml_engine.config.projects.project import Setting, open_project, read_layout
from niceml_engine.protocol.configs import CheckSelection, Compose, OpenProject, Scan
from niceml_engine.service.handlers import Handlers
from niceml_engine.service.interpreter import composed_of
from niceml_engine.values import Composed, ConfigTree, Selection
from tests.engine.config.reference import write
from tests.engine.service.here import answering, ask

SITE = f"env/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
PLUGINS = f"{SITE}/hydra_plugins"
HEAD = "from hydra.plugins.search_path_plugin import SearchPathPlugin\n"
COLOURS = f"""\
{HEAD}

class Colours(SearchPathPlugin):
    def manipulate_search_path(self, search_path):
        # at the end
        search_path.append("colours", "pkg://hydra_plugins.colours.conf")
"""
COMPUTED = f"""\
import os
{HEAD}
class Computed(SearchPathPlugin):
    def manipulate_search_path(self, search_path):
        if more := os.environ.get("MORE_CONFIGS"):
            search_path.append("computed", f"file://{{more}}")
"""
#: The first comes in between by its anchor; of two classes, the one whose name is first is asked first.
BEFORE = """\
from hydra.plugins import search_path_plugin as spp
WHO = "before"

class B(spp.SearchPathPlugin):
    \"\"\"Comes second.\"\"\"

    def manipulate_search_path(self, path) -> None:
        path.prepend(provider=WHO, path="pkg://laid." + "over", anchor="main")

class A(spp.SearchPathPlugin):
    def manipulate_search_path(self, path) -> None:
        path.append("after", "pkg://laid.under", anchor="main")
        path.append("last", "pkg://laid.last")
"""
LAUNCHER = """\
from dataclasses import dataclass
from hydra.core.config_store import ConfigStore
from hydra.plugins.launcher import Launcher

@dataclass
class Conf:
    _target_: str = "hydra_plugins.far.launcher.Far"
    nodes: int = 2

ConfigStore.instance().store(group="hydra/launcher", name="far", node=Conf, provider="far")
"""
#: Finds packages where a mapping says, and portions of others, as those of editable installs do.
FINDER = """\
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location

MAPPING: dict[str, str] = {mapping}
NAMESPACES = {namespaces}


class Finder:
    def find_spec(name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")


class Portions:
    def find_spec(name, target=None):
        if name in NAMESPACES:
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = NAMESPACES[name]
            return spec


def portions(path):
    if path != "portions":
        raise ImportError
    return Portions


def install():
    sys.meta_path.append(Finder)
    sys.path_hooks.append(portions)
    sys.path.append("portions")
"""
FILES = {
    "train.py": """\
import hydra

@hydra.main(version_base="1.3", config_path="conf", config_name="train")
def main(config): ...

main()
""",
    "conf/train.yaml": "defaults: [_self_, group: one, hydra: nice]\nrate: 0.1\n",
    "conf/far.yaml": "defaults: [train, override hydra/launcher: far]\n",
    "conf/hydra/nice.yaml": "defaults:\n  - override hydra_logging: bright\n  - override job_logging: bright\n",
    "conf/group/one.yaml": "from: project\n",
    "conf/group/two.yaml": "from: project\n",
    f"{PLUGINS}/colours/__init__.py": "__version__ = '1'\n",
    f"{PLUGINS}/colours/colours.py": COLOURS,
    f"{PLUGINS}/colours/conf/__init__.py": "",
    f"{PLUGINS}/colours/conf/hydra/job_logging/bright.yaml": "# @package hydra.job_logging\nversion: 1\n",
    f"{PLUGINS}/colours/conf/hydra/hydra_logging/bright.yaml": "# @package hydra.hydra_logging\nversion: 1\n",
    f"{PLUGINS}/before.py": BEFORE,
    f"{SITE}/laid/__init__.py": "",
    f"{SITE}/laid/over/__init__.py": "",
    f"{SITE}/laid/over/group/one.yaml": "from: over\n",
    f"{SITE}/laid/under/__init__.py": "",
    f"{SITE}/laid/under/group/two.yaml": "from: under\n",
    f"{SITE}/laid/under/group/three.yaml": "from: under\n",
    f"{SITE}/laid/last/__init__.py": "",
    f"{SITE}/laid/last/group/three.yaml": "from: last\n",
    f"{SITE}/laid/last/group/four.yaml": "from: last\n",
    ".niceml/project.yaml": "python: env/bin/python\n",
}
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose interpreter is this one with other packages before its own."""
    write(tmp_path, FILES)
    python = tmp_path / "env/bin/python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path / SITE}:{REPOSITORY}" exec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    return tmp_path


def compose(project: Path, *overrides: str, job: str = "train") -> Composed:
    setting = read_layout(project).setting
    return Composer(setting).compose(Selection(str(project / f"conf/{job}.yaml"), overrides))


def theirs(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(project / "env/bin/python"), "train.py", "--cfg", "job", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("group=two",),
        ("group=three", "rate=1"),
        ("group=four", "hydra.job_logging.version=2"),
        ("hydra/job_logging=disabled",),
        ("group=five",),
        ("hydra/job_logging=dull",),
    ],
)
def test_a_plugin_there_counts_as_for_hydra(project: Path, overrides: tuple[str, ...]) -> None:
    composed, reference = compose(project, *overrides), theirs(project, *overrides)
    assert (composed.error is None) == (reference.returncode == 0), reference.stderr
    assert composed.yaml == reference.stdout
    assert not any(name.startswith("hydra_plugins.") for name in sys.modules)


def test_a_plugin_that_comes_or_goes_counts_at_once(project: Path) -> None:
    composer, selection = Composer(read_layout(project).setting), Selection(str(project / "conf/train.yaml"))
    assert composer.compose(selection).error is None
    plugin = project / f"{PLUGINS}/colours/colours.py"
    text = plugin.read_text()
    plugin.unlink()
    error = composer.compose(selection).error
    assert error is not None
    assert error.code == "missing-plugin"
    assert f"`hydra/job_logging: bright` is not installed in {project / 'env/bin/python'}; install" in error.message
    plugin.write_text(text)
    assert composer.compose(selection).error is None


def test_an_editable_plugin_there_counts_as_for_hydra(project: Path) -> None:
    composer, selection = Composer(read_layout(project).setting), Selection(str(project / "conf/train.yaml"))
    assert composer.compose(selection).error is None
    names = ("laid_out", "mapped", "spread", "unseen")
    for name in names:
        plugin = COLOURS.replace("colours", name).replace("hydra_plugins.", "")
        own = {
            f"{name}/__init__.py": "",
            f"{name}/conf/__init__.py": "",
            f"{name}/conf/group/{name}.yaml": "from: it\n",
        }
        write(project / "work" / name, {**own, f"hydra_plugins/{name}.py": plugin})
    write(project, {f"{SITE}/{name}": text for name, text in editable(project).items()})
    for name in names:
        composed = composer.compose(Selection(selection.job, (f"+group@x={name}",)))
        reference = theirs(project, f"+group@x={name}")
        assert (composed.error is None) == (reference.returncode == 0) == (name in ("laid_out", "spread"))
        assert composed.yaml == reference.stdout
    assert not any(name.startswith("hydra_plugins.") for name in sys.modules)


def editable(project: Path) -> dict[str, str]:
    """Files that say where editable packages lie: on the path as well as what lies there, or found one by one.

    Of the latter, Hydra comes upon the plugins where the finder knows the portions of their package.
    """
    work = project / "work"
    finder = FINDER.format(
        mapping={"mapped": f"{work}/mapped/mapped", "spread": f"{work}/spread/spread"},
        namespaces={"hydra_plugins": [f"{work}/spread/hydra_plugins"]},
    )
    return {
        "sitecustomize.py": f"import site\nsite.addsitedir({str(project / SITE)!r})\n",
        "laid_out.pth": f"# where it lies\n{work}/laid_out\n{work}/nowhere\n",
        "spread.pth": "import __editable___spread_1_finder; __editable___spread_1_finder.install()\n",
        "__editable___spread_1_finder.py": finder,
    }


def test_its_options_are_offered_with_their_provider(project: Path) -> None:
    write(project, {f"{PLUGINS}/far/__init__.py": "", f"{PLUGINS}/far/launcher.py": LAUNCHER})
    tree = with_hydras_options(open_project(project).tree, read_layout(project).setting)
    found = {one.id: (one.provider, one.file) for one in tree.hydra if one.provider != "hydra-core"}
    assert found == {
        "hydra/hydra_logging/bright": ("colours", f"{project / PLUGINS}/colours/conf/hydra/hydra_logging/bright.yaml"),
        "hydra/job_logging/bright": ("colours", f"{project / PLUGINS}/colours/conf/hydra/job_logging/bright.yaml"),
        "hydra/launcher/far": ("far", f"{project / PLUGINS}/far/launcher.py"),
    }
    found = {one.id: (one.provider, one.file.rpartition("/group/")[0], len(one.hides)) for one in tree.options}
    assert not tree.incomplete
    assert found["group/one"] == ("before", f"{project / SITE}/laid/over", 1)  # comes before the project's
    assert found["group/two"] == ("", str(project / "conf"), 1)
    assert found["group/three"] == ("after", f"{project / SITE}/laid/under", 0)
    assert found["group/four"] == ("last", f"{project / SITE}/laid/last", 0)
    assert sorted(found) == [one.id for one in tree.options]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (COLOURS, False),
        (BEFORE, False),
        (LAUNCHER, True),
        (COLOURS.replace('"pkg', 'input() + "pkg'), True),
        (COLOURS.replace("        search_path.append", "        if 1: search_path.append"), True),
        (COLOURS.replace("    def m", "    def __init__(self): ...\n\n    def m"), True),
        ("x = 1\n", False),
        ("this is no Python", False),
    ],
)
def test_it_is_known_which_plugins_only_running_would_tell(tmp_path: Path, text: str, runs: bool) -> None:
    write(tmp_path, {"hydra_plugins/_private.py": LAUNCHER, "hydra_plugins/loose/far.py": LAUNCHER})
    write(tmp_path, {"hydra_plugins/one.py": text})
    (plugin,) = plugins_in([tmp_path])
    assert (plugin.module, plugin.runs) == ("hydra_plugins.one", runs)


def test_of_a_package_in_one_folder_the_others_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}/hydra_plugins/{name}.py": BEFORE for name in "abc"})
    folders = [tmp_path / name for name in "abc"]
    assert [one.module for one in plugins_in(folders)] == [f"hydra_plugins.{name}" for name in "abc"]
    write(tmp_path, {"b/hydra_plugins/__init__.py": ""})
    assert [one.module for one in plugins_in(folders)] == ["hydra_plugins", "hydra_plugins.b"]


def test_what_else_is_wrong_is_told_beside_a_plugin_that_is_missing(project: Path) -> None:
    (project / f"{PLUGINS}/colours/colours.py").unlink()
    composed = compose(project, "nosuch=1")
    assert [one.code for one in composed.problems] == ["missing-plugin", "missing-plugin", "unknown-key"]
    assert "there is no `nosuch`" in composed.problems[-1].message


def test_without_an_interpreter_the_message_says_that_one_can_be_named(project: Path) -> None:
    (project / ".niceml/project.yaml").unlink()
    error = compose(project).error
    assert error is not None
    assert (
        "is not installed here; install the plugin that brings it, or name the project's interpreter" in error.message
    )


# ------------------------------------------------------------------------------------------------- in Python


@pytest.fixture
def handlers() -> Iterator[tuple[Handlers, set[Path]]]:
    with answering() as made:
        yield made


def test_what_a_plugin_makes_in_python_needs_trust(project: Path, handlers: tuple[Handlers, set[Path]]) -> None:
    write(project, {f"{PLUGINS}/far/__init__.py": "", f"{PLUGINS}/far/launcher.py": LAUNCHER})
    made, trusted = handlers
    ask(made, OpenProject(str(project)))
    selection = Selection(str(project / "conf/far.yaml"), ("hydra.launcher.nodes=3",))
    error = ask(made, Compose(selection)).error
    assert error.code == "missing-plugin"
    assert error.message.startswith(
        f"`hydra/launcher: far` is made by Python code, at {project / PLUGINS}/far/launcher.py:10; for it to run, "
        f"trust the project (--trust, or File → Trust) and have niceml installed in {project / 'env/bin/python'}, or"
    )
    trusted.add(project)
    composed: Composed = ask(made, Compose(selection))
    assert composed.error is None
    command = [str(project / "env/bin/python"), "train.py", "-cn", "far", "--cfg", "job", *selection.overrides]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert composed.yaml == done.stdout
    assert "there is no" in ask(made, Compose(Selection(selection.job, ("hydra.launcher.node=3",)))).error.message


@pytest.mark.parametrize("named", [True, False])
def test_a_search_path_that_a_plugin_computes_needs_trust(
    project: Path, handlers: tuple[Handlers, set[Path]], named: bool
) -> None:
    write(project, {".env": f"MORE_CONFIGS={project}/more\n", "more/extra/it.yaml": "v: 1\n"})
    write(project, {"conf/plain.yaml": "defaults:\n  - extra: it\n  - _self_\na: 1\n"})
    plugin = f"{PLUGINS if named else 'hydra_plugins'}/computed.py"
    write(project, {plugin: COMPUTED})
    if not named:
        (project / ".niceml/project.yaml").unlink()
    made, trusted = handlers
    ask(made, OpenProject(str(project)))
    selection = Selection(str(project / "conf/plain.yaml"))
    composed = ask(made, Compose(selection))
    told = {one.code: one for one in composed.problems}
    assert composed.error.message == "there is no config `extra/it`; there is no group extra, unless a plugin adds it"
    assert (told["search-path"].file, told["search-path"].line) == (str(project / plugin), 4)
    assert "trust the project" in told["search-path"].message
    assert [one.code for one in ask(made, CheckSelection(selection))] == ["missing-option", "search-path"]
    tree: ConfigTree = ask(made, Scan())
    assert (tree.incomplete, any(one.id == "extra/it" for one in tree.options)) == (True, False)
    trusted.add(project)
    tree = ask(made, Scan())
    (option,) = [one for one in tree.options if one.id == "extra/it"]
    assert (tree.incomplete, option.provider, option.file) == (False, "computed", f"{project}/more/extra/it.yaml")
    assert {one.file for one in tree.jobs} >= {selection.job}
    composed = composed_of(ask(made, Compose(selection)))
    assert (composed.error, composed.problems) == (None, ())
    assert composed.yaml == "extra:\n  v: 1\na: 1\n"


def test_where_niceml_is_not_there_only_jobs_that_need_it_say_so(
    project: Path, handlers: tuple[Handlers, set[Path]]
) -> None:
    write(project, {f"{PLUGINS}/far/__init__.py": "", f"{PLUGINS}/far/launcher.py": LAUNCHER})
    (project / "env/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n', "utf-8")
    made, trusted = handlers
    trusted.add(project)
    ask(made, OpenProject(str(project)))
    well = ask(made, Compose(Selection(str(project / "conf/train.yaml"))))
    assert (well.error, well.problems) == (None, ())
    refused = ask(made, Compose(Selection(str(project / "conf/far.yaml"))))
    assert refused.error.code == "missing-plugin"
    assert "has no niceml; install it there" in refused.problems[-1].message


def test_the_rest_of_a_job_is_checked(project: Path) -> None:
    (project / f"{PLUGINS}/colours/colours.py").unlink()
    composed = compose(project, "+broken=${nowhere}")
    composer = Composer(read_layout(project).setting)
    codes = {one.code for one in check_all(composed, composer)}
    assert codes == {"missing-plugin", "interpolation"}


def test_setting_without_interpreter_reads_the_projects_own_plugins(tmp_path: Path) -> None:
    write(tmp_path, {"hydra_plugins/own.py": BEFORE.replace("laid.", "mine."), "conf/a.yaml": "defaults: [g: x]\n"})
    write(tmp_path, {"mine/__init__.py": "", "mine/last/__init__.py": "", "mine/last/g/x.yaml": "v: 1\n"})
    setting = Setting(tmp_path, python_path=(tmp_path,), version_base="1.3")
    assert Composer(setting).compose(Selection(str(tmp_path / "conf/a.yaml"))).yaml == "g:\n  v: 1\n"
