"""The places at which another option can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from hydra._internal.config_repository import IConfigRepository
from hydra.core.default_element import DefaultsTreeNode, GroupDefault
from hydra.core.object_type import ObjectType

from niceml_engine.config.compose.world import is_writable
from niceml_engine.config.composed.graph import Names, entry_of, includes, stem
from niceml_engine.config.composed.provenance import HYDRA
from niceml_engine.values import Choice

_HYDRAS = "hydra/config"  #: the config whose defaults list names Hydra's own groups
_DEEPEST = 4  #: levels of folders below a group of which the options are offered


def choices_of(
    tree: DefaultsTreeNode,
    asked: tuple[GroupDefault, ...],
    names: Names,
    repository: IConfigRepository,
    overrides: tuple[str, ...],
) -> tuple[Choice, ...]:
    """Lists the choices of a defaults tree, in the order of the defaults lists.

    Args:
        tree: The primary's part of the tree.
        asked: All group entries that Hydra met.
        names: Names of the configs.
        repository: Knows the options of a group.
        overrides: The selection's overrides that choose.
    """
    listed = lru_cache(maxsize=None)(partial(_options, repository))
    chosen_by_person = _chosen_by_person(overrides)
    primary = tree.node.get_config_path()
    ordered: dict[int, GroupDefault] = {}
    for _, target, _, group in includes(tree, asked):
        default = group or target
        if isinstance(default, GroupDefault):
            ordered.setdefault(id(default), default)
    for default in reversed(asked):
        ordered.setdefault(id(default), default)
    found: list[Choice] = []
    for default in ordered.values():
        entry = entry_of(default)
        if default.is_override() or (entry is None and not default.is_external_append()):
            continue  # what is not written in a file is Hydra's own
        source = entry.config_path if entry else primary
        key = default.get_override_key()
        written = f"+{key}" if default.is_external_append() else key
        named = _named(default, chosen_by_person)
        found.append(
            Choice(
                key=written if is_writable(key) else "",
                group=default.get_group_path(),
                package=default.get_final_package(),
                chosen=named,
                options=listed(default.get_group_path(), any("/" in name for name in named)),
                node=names.node(source),
                file=names.file(source),
                line=entry.line if entry else 0,
                is_list=isinstance(default.value, list),
                optional=default.is_optional(),
                missing=default.value == "???",
                changed=key in chosen_by_person,
                nothing=entry.nothing if entry else True,
            )
        )
    return tuple(found)


def hydras_choices(asked: tuple[GroupDefault, ...], overrides: tuple[str, ...]) -> tuple[Choice, ...]:
    """Lists what is chosen of the groups that Hydra's own defaults list names, without their options.

    Args:
        asked: All group entries that Hydra met.
        overrides: The selection's overrides that choose.
    """
    chosen_by_person = _chosen_by_person(overrides)
    found: dict[str, Choice] = {}
    for default in asked:
        key = default.get_override_key()
        if default.is_override() or default.is_external_append() or entry_of(default) is not None:
            continue
        if default.get_group_path().startswith(f"{HYDRA}/"):
            found[key] = Choice(
                key=key,
                group=default.get_group_path(),
                package=default.get_final_package(),
                chosen=_named(default, chosen_by_person),
                options=(),
                node=_HYDRAS,
                changed=key in chosen_by_person,
            )
    return tuple(found[key] for key in sorted(found))


def _chosen_by_person(overrides: tuple[str, ...]) -> frozenset[str]:
    """The keys of overrides that choose."""
    return frozenset(text.lstrip("+~").partition("=")[0] for text in overrides)


def _named(default: GroupDefault, chosen_by_person: frozenset[str]) -> tuple[str, ...]:
    """The options that an entry chooses."""
    values = default.value if isinstance(default.value, list) else [default.value]
    gone = default.is_deleted() and default.get_override_key() in chosen_by_person
    return () if gone else tuple(stem(value) for value in values if value is not None and value != "???")


def _options(repository: IConfigRepository, group: str, deep: bool) -> tuple[str, ...]:
    """The options of a group: those in its folder; those in folders below it where it has no others, or is used so.

    Args:
        repository: Knows them.
        group: The group.
        deep: Whether an option below it is chosen.
    """
    own = tuple(repository.get_group_options(group, ObjectType.CONFIG))
    return own if own and not deep else (*own, *_below(repository, group, "", 0))


def _below(repository: IConfigRepository, group: str, before: str, depth: int) -> Iterator[str]:
    for name in repository.get_group_options(group, ObjectType.GROUP) if depth < _DEEPEST else ():
        inside = f"{group}/{name}"
        yield from (f"{before}{name}/{option}" for option in repository.get_group_options(inside, ObjectType.CONFIG))
        yield from _below(repository, inside, f"{before}{name}/", depth + 1)
