"""Hydra's own node of a composed config: where its program runs and logs, who sweeps and launches.

Hydra takes it out before a program sees its config, and so do we. Who asks for it gets it of one more merge, from
the first layer on, with a history that is told of it.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from itertools import islice

from hydra._internal.core_plugins.structured_config_source import StructuredConfigSource
from hydra.core.config_store import ConfigStore
from hydra.core.default_element import ResultDefault
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.plugins.config_source import ConfigSource
from msgspec import structs
from omegaconf import OmegaConf

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.case import Progress
from niceml_engine.config.compose.frozen import Frozen
from niceml_engine.config.compose.installed import is_computed, search_path_of
from niceml_engine.config.compose.merging import Loader, Plan
from niceml_engine.config.compose.quicker import quicker
from niceml_engine.config.compose.reading import Repository
from niceml_engine.config.compose.sources import Facts, FolderSource
from niceml_engine.config.compose.sweeps import first_run
from niceml_engine.config.compose.world import hydra_world, set_up
from niceml_engine.config.composed.provenance import HYDRA, History
from niceml_engine.config.composed.resolve import Memory, found_in
from niceml_engine.config.composed.told import leaves_of, problems_of
from niceml_engine.config.projects.plugins import is_ours, plugins_in
from niceml_engine.config.projects.scan import head_comment
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import Files
from niceml_engine.config.text.limits import MAX_CONFIGS
from niceml_engine.values import Composed, ConfigTree, Leaf, Node, Option, Problem, Selection

_MAIN = "main"  #: what Hydra calls the folder of the primary on its search path
_PROJECT = "file://."  #: stands for that of any project


def with_hydras_options(tree: ConfigTree, setting: Setting) -> ConfigTree:
    """The tree of a project with the options that Hydra and its plugins bring, as they are where the project runs.

    Those of plugins in other groups than Hydra's stand among the project's, with who brings them. Of two with one id,
    the one counts that comes first on Hydra's search path: its own files come before those of a project, and what
    Python code has stored comes last.
    """
    set_up()
    brought: dict[str, Option] = {}
    own = {option.id: option for option in tree.options}
    facts = Facts()
    sources = Repository(search_path_of(_PROJECT, setting, facts), setting, Files(), {}, facts).get_sources()
    place = next(number for number, source in enumerate(sources) if source.provider == _MAIN)
    for number, source in enumerate(sources):
        for group, name in () if number == place else _offered(source):
            option = _brought(source, group, name)
            there = own.get(option.id)
            if option.id in brought or (there is not None and there.file == option.file):
                continue
            if there is not None and number > place:
                own[option.id] = structs.replace(there, hides=(*there.hides, option.file))
                continue
            if there is not None:
                del own[option.id]
                option = structs.replace(option, hides=(there.file, *there.hides))
            brought[option.id] = option
    for option in _made_there(setting):
        brought.setdefault(option.id, option)
    found = sorted(brought.values(), key=lambda option: option.id)
    hydra = tuple(option for option in found if _is_hydras(option))
    more = [option for option in found if not _is_hydras(option)]
    options = tuple(sorted((*own.values(), *more), key=lambda option: option.id)) if more else tuple(own.values())
    return structs.replace(tree, options=options, hydra=hydra, incomplete=is_computed(setting, facts))


def _is_hydras(option: Option) -> bool:
    return option.group.startswith(f"{HYDRA}/")


def _offered(source: ConfigSource) -> Iterator[tuple[str, str]]:
    """The groups and names of the options of a source; of what Python code has stored, those of Hydra's own groups."""
    stored = source.scheme() == StructuredConfigSource.scheme()
    return islice(_listed(source, HYDRA if stored else ""), MAX_CONFIGS)


def _made_there(setting: Setting) -> Iterator[Option]:
    """The options of Hydra that plugins make in Python, of those that are installed where the project runs alone."""
    for plugin in () if is_ours(setting.python) else plugins_in(setting.plugin_path):
        provider = plugin.module.split(".")[1]
        for one in plugin.stores:
            if one.group.startswith(f"{HYDRA}/"):
                yield structs.replace(one, provider=provider)


def _listed(source: ConfigSource, group: str) -> Iterator[tuple[str, str]]:
    """The groups and names of the options of a source below a group."""
    for name in source.list(group, ObjectType.GROUP) if source.is_group(group) else ():
        inner = f"{group}/{name}" if group else name
        yield from ((inner, one) for one in source.list(inner, ObjectType.CONFIG))
        yield from _listed(source, inner)


def _brought(source: ConfigSource, group: str, name: str) -> Option:
    """An option of Hydra or of a plugin, with the file that it stands in or the class that it is made of."""
    config = f"{group}/{name}.yaml"
    if source.scheme() == StructuredConfigSource.scheme():
        stored = ConfigStore.instance().load(config)
        made = OmegaConf.get_type(stored.node)
        file, line = _text_of(made)
        provider = _provider(stored.provider or source.provider)
        return Option(group, name, file, python=getattr(made, "__name__", "?"), line=line, provider=provider)
    folder = source.folder if isinstance(source, FolderSource) else None
    file = os.path.join(folder or "", config)
    if not os.path.isfile(file):  # in an archive, or nowhere
        return Option(group, name, "", provider=_provider(source.provider))
    help_text, is_global = head_comment(file)
    where = f"{source.scheme()}://{source.path}"
    return Option(group, name, file, help_text, source=where, is_global=is_global, provider=_provider(source.provider))


def _text_of(made: type | None) -> tuple[str, int]:
    """The file and line of a class; none where its text is not here."""
    try:
        return (inspect.getsourcefile(made) or "", inspect.getsourcelines(made)[1]) if made is not None else ("", 0)
    except (OSError, TypeError):
        return "", 0


def _provider(name: str) -> str:
    return "hydra-core" if name in (HYDRA, "schema") else name


def hydra_leaves(composer: Composer, selection: Selection) -> tuple[Leaf, ...]:
    """All leaves of `hydra`, with who set them.

    Raises:
        ConfigError: The selection does not compose.
    """
    composer.config(selection)
    return _Whole(composer).found(selection)[0]


def hydra_problems(composer: Composer, composed: Composed) -> tuple[Problem, ...]:
    """Interpolations below `hydra` that name nothing, written in the project's own files or overrides.

    What another value is to blame for is told there, and much of the rest only a running program knows.
    """
    files = {node.file for node in composed.nodes if any(_sets_hydra(composer, node))}
    overridden = any(text.lstrip("+~").startswith(f"{HYDRA}.") for text in composed.selection.overrides)
    if composed.error is not None or not (files or overridden):
        return ()
    leaves, problems = _Whole(composer).found(first_run(composer, composed.selection))
    own = {leaf.key: leaf for leaf in leaves if leaf.origin.file in files or leaf.origin.node == "override"}
    return tuple(one for one in problems if one.code == "interpolation" and one.key in own and _is_wrong(own[one.key]))


def _sets_hydra(composer: Composer, node: Node) -> Iterator[bool]:
    if not node.missing and node.file.endswith((".yaml", ".yml")):
        data = composer.files.parse(node.file).data
        yield isinstance(data, dict) and (HYDRA in data or node.id.startswith(f"{HYDRA}/"))


def _is_wrong(leaf: Leaf) -> bool:
    """Whether the text of a leaf itself names what is not there."""
    named = re.search(r"there is no `(.+)`", leaf.reason)
    return named is not None and named[1] in str(leaf.value)


class _TellingHistory(History):
    hydra = True

    def copy(self) -> _TellingHistory:
        return self  # of the one composition that is asked for


class _Whole(Composer):
    """Composes as another composer does, with the files that that one has read."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer.setting)
        self.files, self._results = composer.files, composer._results
        self._history = _TellingHistory()

    def found(self, selection: Selection) -> tuple[tuple[Leaf, ...], list[Problem]]:
        progress = Progress()
        with hydra_world(self.setting.of(selection.job).version_base) as caught, quicker():
            parsed = self._parsed(selection, progress)
            plan = self._new_plan(selection, parsed, progress, caught)
            config, history = self._overridden(plan, selection, parsed, progress, whole=True, hydra=True)
            found = found_in(config, HYDRA)
            leaves = leaves_of(found, history, Memory())
            return leaves, problems_of(leaves, found)

    def _open(self, selection: Selection, parsed: list[Override], progress: Progress | None) -> tuple[Plan, str]:
        plan, name = super()._open(selection, parsed, progress)
        plan.history = self._history
        return plan, name

    def _hydra_tree(self, plan: Plan, loader: Loader, defaults: list[ResultDefault]) -> Frozen:
        return Frozen.of(loader.merge(defaults))
