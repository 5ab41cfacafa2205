"""The config groups and jobs of a project as a Qt model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from niceml_engine.values import Composed, ConfigTree, Job, Option
from niceml_engine.visible import visible
from niceml_gui.paths import pure
from niceml_gui.words import counted, natural
from niceml_gui.workspaces.compose.usage import op_of, packages_of, root_of, times_used

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole + 1
MIME = "application/x-niceml-option"  #: holds the id of an option that is dragged
HYDRA = "hydra"  #: the group that Hydra's own groups lie in
_LAST = ("jobs", HYDRA)
_ROOT = QModelIndex()


@dataclass(eq=False, slots=True)
class Entry:
    """A row: a group, an option or a job.

    Attributes:
        name: What the row says.
        path: Config path of the group, or id of the option or job.
        item: The option or job; nothing for a group.
        used: How often the current job includes it.
        count: How many options lie below a group.
        source: What tells where an option is from, if that is elsewhere on the search path than most.
    """

    name: str
    path: str
    item: Option | Job | None = None
    parent: Entry | None = None
    row: int = 0
    children: list[Entry] = field(default_factory=list)
    used: int = 0
    count: int = 0
    source: str = ""

    @property
    def op(self) -> str:
        """The op whose colour the row's mark has."""
        return op_of(self.path)

    @property
    def line(self) -> int:
        """Where in its file an option stands that Python code makes; else 0."""
        return self.item.line if isinstance(self.item, Option) else 0

    def walk(self) -> Iterable[Entry]:
        """This row and all below it, from top to bottom."""
        yield self
        for child in self.children:
            if child.children:
                yield from child.walk()
            else:
                yield child


def dragged(option: Option) -> QMimeData:
    """What is dragged: the option, and its id as text for other programs."""
    data = QMimeData()
    data.setData(MIME, option.id.encode())
    data.setText(option.id)
    return data


def entries(tree: ConfigTree) -> Entry:
    """The rows of a tree below one that is not shown: groups before options, then `jobs`, then Hydra's own."""
    jobs = {job.id: job for job in tree.jobs}
    root = Entry("", "")
    groups: dict[str, Entry] = {"": root}

    def group(path: str) -> Entry:
        if path not in groups:
            above, _, name = path.rpartition("/")
            groups[path] = _add(group(above), Entry(visible(name), path))
        return groups[path]

    for option in (*tree.options, *tree.hydra):
        if option.id not in jobs:
            _add(group(option.group), Entry(visible(option.name), option.id, option))
    for job in tree.jobs:
        above, _, name = job.id.rpartition("/")
        home = above if above.split("/")[0] == "jobs" else f"jobs/{above}" if above else "jobs"
        _add(group(home), Entry(visible(name), job.id, job))
    _arrange(root)
    return root


def _add(parent: Entry, child: Entry) -> Entry:
    child.parent = parent
    parent.children.append(child)
    return child


def _arrange(entry: Entry) -> None:
    entry.children.sort(
        key=lambda child: (child.path in _LAST, child.item is not None, child.path == HYDRA, natural(child.name))
    )
    for row, child in enumerate(entry.children):
        child.row = row
        if child.children:  # most have none
            _arrange(child)
    entry.count = sum(child.count if child.item is None else 1 for child in entry.children)


def _told_apart(source: str, others: Iterable[str]) -> str:
    """The name of a folder of configs, with as much of what it lies in as tells it from those that are called alike."""
    parts, rest = pure(source).parts, [pure(other).parts for other in others if other != source]
    depth = next(n for n in range(1, len(parts) + 1) if n == len(parts) or all(one[-n:] != parts[-n:] for one in rest))
    return "/".join(parts[-depth:])


class TreeModel(QAbstractItemModel):
    """One column; `ENTRY` gives the row's `Entry`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = entries(ConfigTree())
        self._by_path: dict[str, Entry] = {}
        self._marked: frozenset[str] = frozenset()  # what is used
        self._lower: list[tuple[str, Entry]] = []
        self._groups: list[Entry] = []
        self._packages: Callable[[str], list[str]] = lambda _: []

    def set_tree(self, tree: ConfigTree, own: Sequence[str] = ()) -> None:
        """Shows another tree.

        Args:
            tree: The tree.
            own: The folders of which nobody needs to be told that an option comes from them.
        """
        self.beginResetModel()
        self._root = entries(tree)
        sources = dict.fromkeys((*own, *(one.source for one in tree.options if one.source and not one.provider)))
        names = {source: _told_apart(source, sources) for source in sources if source not in own}
        rows = list(self._root.walk())
        for entry in rows if own else ():
            source = entry.item.source if isinstance(entry.item, Option) and not entry.item.provider else ""
            entry.source = names.get(source, "")
        self._by_path = {entry.path: entry for entry in rows if entry.path}
        self._lower = [(path.lower(), entry) for path, entry in self._by_path.items()]
        self._groups = [entry for entry in self._by_path.values() if entry.item is None]
        self._marked = frozenset()
        self.endResetModel()

    def set_composed(self, composed: Composed) -> None:
        """Marks what a composed config uses."""
        used: Counter[str] = times_used(composed)
        used[root_of(composed)] = 1
        self._packages = lambda node: packages_of(composed, node)
        for path in {*self._marked, *used}:
            entry = self._by_path.get(path)
            if entry is not None and entry.item is not None and entry.used != used[path]:
                entry.used = used[path]
                index = self.index_of(path)
                self.dataChanged.emit(index, index)
        self._marked = frozenset(used)

    def index_of(self, path: str) -> QModelIndex:
        """Where a group, option or job stands; an invalid index if nowhere."""
        entry = self._by_path.get(path)
        return self.createIndex(entry.row, 0, entry) if entry and entry.parent else QModelIndex()

    def groups(self) -> list[str]:
        """The paths of all groups, above before below."""
        return [one.path for one in self._groups]

    def used_groups(self) -> set[str]:
        """The paths of those that hold something used; every job uses some of Hydra's own, which are not told."""
        holding: set[str] = set()
        for path in self._marked:
            entry = self._by_path.get(path)
            above = entry.parent if entry is not None and entry.item is not None else None
            while above is not None and above.path not in holding:
                holding.add(above.path)
                above = above.parent
        return {path for path in holding if path and f"{path}/".partition("/")[0] != HYDRA}

    def fitting(self, words: list[str]) -> list[Entry]:
        """The rows whose path holds every one of some words in lower case."""
        rows = self._lower
        for word in words:
            rows = [row for row in rows if word in row[0]]
        return [entry for _, entry in rows]

    def entry(self, index: Index) -> Entry:
        """The row at an index."""
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, Entry) else self._root

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """See Qt."""
        children = self.entry(parent).children
        if column == 0 and 0 <= row < len(children):
            return self.createIndex(row, 0, children[row])
        return QModelIndex()

    @overload
    def parent(self) -> QObject: ...

    @overload
    def parent(self, index: Index) -> QModelIndex: ...

    def parent(self, index: Index | None = None) -> QModelIndex | QObject:
        """See Qt: the row above an index, or without one the model's owner."""
        if index is None:
            return super().parent()
        above = self.entry(index).parent
        return self.createIndex(above.row, 0, above) if above is not None and above.parent else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """See Qt."""
        return len(self.entry(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        """See Qt."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """See Qt; `ENTRY` gives the row itself."""
        if not index.isValid():
            return None
        entry = self.entry(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return visible(self._tip(entry), lines=True)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(entry)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """See Qt; options can be dragged."""
        option = index.isValid() and isinstance(self.entry(index).item, Option)
        return super().flags(index) | (Qt.ItemFlag.ItemIsDragEnabled if option else Qt.ItemFlag.NoItemFlags)

    def mimeTypes(self) -> list[str]:
        """See Qt."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """See Qt; one option at a time."""
        items = (self.entry(index).item for index in indexes)
        return next((dragged(item) for item in items if isinstance(item, Option)), QMimeData())

    def _tip(self, entry: Entry) -> str:
        if entry.item is None:
            own = "\nHydra's own: how it runs, logs, sweeps and launches" if entry.path == HYDRA else ""
            return f"{entry.path} · {counted(entry.count, 'option')}{own}"
        packages = [f"at {package or 'the top'}" for package in self._packages(entry.path)]
        told = _told(entry.item) if isinstance(entry.item, Option) else [entry.item.file]
        return "\n".join(filter(None, (*told, *packages)))

    def _spoken(self, entry: Entry) -> str:
        if entry.item is None:
            return f"{entry.name}, {counted(entry.count, 'option')}"
        return f"{entry.name}, {f'used {entry.used} times' if entry.used else 'not used'}"


def _told(option: Option) -> list[str]:
    """What there is to say of an option, a line each."""
    source = option.source or ("Hydra's ConfigStore" if option.python else "")
    return [
        option.help,
        f"only in Python: {option.python}" if option.python else "",
        f"brought by {option.provider}{f', {source}' if source else ''}" if option.provider else "",
        option.file,
        *(f"hides {file}, which comes later on the search path" for file in option.hides),
        *(f"other jobs have {file} instead" for file in option.apart),
    ]


class TreeFilter(QSortFilterProxyModel):
    """Keeps the rows whose path holds every typed word, and the groups above them.

    What is kept is found out in one walk, so that Qt asks only about the groups that are in view.
    """

    def __init__(self, model: TreeModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: list[str] = []
        self._kept: frozenset[Entry] = frozenset()
        self.found = 0  #: options, jobs and groups that fit themselves
        self.setSourceModel(model)
        model.modelAboutToBeReset.connect(self._forget)

    @property
    def filtering(self) -> bool:
        """Whether something is typed."""
        return bool(self._words)

    def set_text(self, text: str) -> None:
        """Filters by words, whatever their case."""
        self._words = text.lower().split()
        fitting = self._model.fitting(self._words) if self._words else []
        self.found = len(fitting)
        kept: set[Entry] = set()
        for entry in fitting:
            above: Entry | None = entry
            while above is not None and above not in kept:
                kept.add(above)
                above = above.parent
        self._kept = frozenset(kept)
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row is to be seen."""
        return not self._words or self._model.entry(parent).children[row] in self._kept

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        """Whether something is below a row: whatever fits, groups are seen with what is in them only.

        Qt would find out by filtering the rows of every group, folded or not.
        """
        return self._model.entry(self.mapToSource(parent)).item is None

    def _forget(self) -> None:
        self._words, self._kept, self.found = [], frozenset(), 0
