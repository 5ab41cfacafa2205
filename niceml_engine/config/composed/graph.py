"""The defaults graph: which file includes which, at which package, by which line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hydra.core.default_element import ConfigDefault, DefaultsTreeNode, GroupDefault, InputDefault

from niceml_engine.values import Edge, Node


@dataclass(frozen=True)
class Entry:
    """The item of a defaults list that an include was written as.

    Attributes:
        config_path: The config whose defaults list it is, as Hydra calls it.
        line: Its line in that config's file; 0 if it has none.
        nothing: Whether it chooses nothing, `null`.
    """

    config_path: str
    line: int
    nothing: bool = False


@dataclass(frozen=True)
class Names:
    """Names of configs as people know them: a file's path inside the source that holds it.

    Hydra may call one file by several paths, because the primary's folder is a source of its own, even where it lies
    in another one; it does not name anything then.

    Attributes:
        folders: The folders of the sources that name, innermost first.
        find: The file of a config path; `None` if no file holds it.
    """

    folders: tuple[str, ...] = ()
    find: Callable[[str], str | None] = lambda _: None

    @classmethod
    def of(cls, main: str, folders: list[str], find: Callable[[str], str | None]) -> Names:
        """Makes names from the primary's folder, the folders of all sources, and how Hydra finds a config."""
        others = [folder for folder in folders if folder != main]
        naming = others if any(main.startswith(f"{folder}/") for folder in others) else [*others, main]
        return cls(tuple(sorted(set(naming), key=len, reverse=True)), find)

    def file(self, config_path: str) -> str:
        """The absolute path of a config's file, empty if it has none."""
        found = self.find(config_path)
        return os.path.normpath(found) if found else ""

    def node(self, config_path: str) -> str:
        """The node id of a config."""
        file = self.file(config_path)
        return self.of_file(file) if file else stem(os.path.normpath(config_path))

    def of_file(self, file: str) -> str:
        """The node id of a file."""
        for folder in self.folders:
            if file.startswith(folder.rstrip("/") + "/"):
                return stem(os.path.relpath(file, folder))
        return stem(file)


@dataclass(frozen=True)
class Overriding:
    """An `override` entry of a defaults list.

    Attributes:
        file: Its file; empty where none says so.
        line: Its line.
        option: The option that it names; empty for several.
    """

    file: str = ""
    line: int = 0
    option: str = ""


def stem(name: str) -> str:
    """A config's name without `.yaml`."""
    return name[:-5] if name.endswith(".yaml") else name[:-4] if name.endswith(".yml") else name


def is_node(node: str, path: str) -> bool:
    """Whether a node is what Hydra calls by a path, which may begin further down."""
    return node == path or node.endswith(f"/{path}")


def tag(default: InputDefault, entry: Entry) -> None:
    """Notes where an item of a defaults list was written; Hydra's copies of it keep the note."""
    default.__dict__["entry"] = entry


def entry_of(default: InputDefault) -> Entry | None:
    """The note that `tag` made."""
    found = default.__dict__.get("entry")
    return found if isinstance(found, Entry) else None


def close_circle(default: InputDefault) -> None:
    """Notes that an include leads back to a config that leads to it."""
    default.__dict__["circle"] = True


def closes_circle(default: InputDefault) -> bool:
    """Whether `close_circle` noted it."""
    return bool(default.__dict__.get("circle"))


def includes(
    tree: DefaultsTreeNode, asked: tuple[GroupDefault, ...]
) -> Iterator[tuple[InputDefault, InputDefault, Entry | None, GroupDefault | None]]:
    """Walks a defaults tree from the primary down.

    Args:
        tree: The primary's part of the tree.
        asked: All group entries that Hydra met; a list of options is only found here.

    Yields:
        The including config, the included one, the entry, and that entry's group if it lists several options.
    """
    for child in tree.children or ():
        node = child.node if isinstance(child, DefaultsTreeNode) else child
        if not node.is_self():
            entry, group = entry_of(node), None
            if entry is None and isinstance(node, ConfigDefault):
                group = _list_of(node, asked)
                entry = entry_of(group) if group else None
            yield tree.node, node, entry, group
        if isinstance(child, DefaultsTreeNode):
            yield from includes(child, asked)


def _list_of(option: ConfigDefault, asked: tuple[GroupDefault, ...]) -> GroupDefault | None:
    for group in asked:
        same_place = group.parent_base_dir == option.parent_base_dir and group.parent_package == option.parent_package
        if same_place and isinstance(group.value, list) and option.path in {f"{group.group}/{o}" for o in group.value}:
            return group
    return None


def draw(
    tree: DefaultsTreeNode,
    asked: tuple[GroupDefault, ...],
    names: Names,
    missing: frozenset[str],
    overriding: Mapping[str, Overriding],
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Nodes and edges of a defaults tree, the primary first.

    Args:
        tree: The primary's part of the tree.
        asked: As for `includes`.
        names: Names of the configs.
        missing: Config paths that name nothing that can be read.
        overriding: The `override` entry that counts, by the key that it overrides.
    """
    primary = tree.node.get_config_path()
    nodes = {names.node(primary): Node(names.node(primary), names.file(primary), primary in missing)}
    edges: list[Edge] = []
    for source, target, entry, group in includes(tree, asked):
        if target.is_missing() or target.get_name() is None:
            continue
        path = target.get_config_path()
        absent = target.is_optional() and target.is_deleted() and not names.file(path)  # Hydra takes it out, silently
        if target.is_deleted() and not (absent or closes_circle(target)):
            continue
        node = Node(names.node(path), names.file(path), absent or path in missing)
        nodes.setdefault(node.id, node)
        keyword = group or target
        overridden = isinstance(keyword, GroupDefault) and keyword.config_name_overridden
        by = overriding.get(keyword.get_override_key(), Overriding()) if overridden else Overriding()
        edges.append(
            Edge(
                source=names.node(source.get_config_path()),
                target=node.id,
                package=target.get_final_package(),
                line=entry.line if entry else 0,
                optional=target.is_optional(),
                override=overridden,
                named_in=by.file,
                named_at=by.line,
            )
        )
    return tuple(nodes.values()), tuple(edges)
